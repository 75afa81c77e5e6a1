package dev.parley.cli;

import dev.parley.cli.cert.DevelopmentCertificates;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** The command {@code parley cert}: makes certificates for development on this machine, or renews them. */
@Command(
        name = "cert",
        description = {
            "Make certificates for development on this machine: of an authority, of a server and of a client.",
            "The authority can sign for the names of this machine alone. If they exist, what ends within 30 days is"
                    + " made anew."
        },
        footerHeading = "%nExample:%n",
        footer = {
            "  parley cert",
            "  parley echo server --tls-dev",
            "  parley echo client tls://localhost:65432 --tls-dev 'Hello, world'",
            "  parley cert show tls://localhost:65432",
            "",
            ExitCode.TEXT
        })
final class CertCommand extends LeafCommand {
    @Option(names = "--json", description = "Print the names of the files as a line of JSON.")
    private boolean json;

    @Override
    public Integer call() throws Exception {
        var certificates = DevelopmentCertificates.of(System.getenv());
        List<String> made = certificates.makeOrRenew();
        if (json) {
            printJson(certificates, made);
            return ExitCode.OK;
        }
        io().outForeignLine(
                        (made.isEmpty() ? "nothing to do, all are valid: " : "made " + String.join(", ", made) + " in ")
                                + certificates.directory());
        io().outForeignLine("  ca.pem                      trust this one in browsers and other clients");
        io().outForeignLine("  server.pem, server-key.pem  for servers at localhost");
        io().outForeignLine("  client.pem, client-key.pem  for clients");
        io().outForeignLine("Try: parley echo server --tls-dev");
        return ExitCode.OK;
    }

    private void printJson(DevelopmentCertificates certificates, List<String> made) throws Io.OutputClosedException {
        io().outLine("{\"made\": " + Json.strings(made)
                + ", \"ca\": " + Json.string(certificates.authority().toString())
                + ", \"server\": " + Json.string(certificates.server().toString())
                + ", \"serverKey\": " + Json.string(certificates.serverKey().toString())
                + ", \"client\": " + Json.string(certificates.client().toString())
                + ", \"clientKey\": " + Json.string(certificates.clientKey().toString()) + "}");
    }
}
