package dev.parley.cli;

import dev.parley.cli.cert.ChainReport;
import dev.parley.cli.cert.ShownChain;
import dev.parley.net.Address;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The command {@code parley cert show}: explains the certificates of a file, or of a server. */
@Command(
        name = "show",
        description = {
            "Explain a chain of certificates: who, for which names, until when, and what is wrong with it.",
            "The status is 1 if something is wrong with it."
        },
        footerHeading = "%nExample:%n",
        footer = {
            "  parley cert show tls://localhost:65432",
            "  parley cert show server.pem --tls-ca ca.pem",
            "",
            ExitCode.TEXT
        })
final class CertShowCommand extends LeafCommand {
    @Parameters(
            index = "0",
            paramLabel = "FILE|ADDRESS",
            description = "A PEM file, or the tls:// address of a server that listens.")
    private String what = "";

    @Option(
            names = "--tls-ca",
            paramLabel = "FILE",
            description =
                    "The authorities that are trusted. Default: those that Java trusts, and that of 'parley cert'.")
    private @Nullable Path authorities;

    @Option(
            names = "--tls-server-name",
            paramLabel = "NAME",
            description = "The name to ask the server for, which its certificate must have. Default: the host of the "
                    + "address.")
    private @Nullable String serverName;

    @Override
    public Integer call() throws Exception {
        Address address = address();
        ShownChain chain =
                address == null ? ShownChain.ofFile(Path.of(what)) : ShownChain.ofServer(address, serverName);
        ChainReport report = ChainReport.of(chain, authorities, System.getenv());
        for (String line : report.lines()) {
            io().outForeignLine(line);
        }
        return report.faults().isEmpty() ? ExitCode.OK : ExitCode.ERROR_RESPONSE;
    }

    /** Returns the address of a server; null for a file. */
    private @Nullable Address address() {
        if (!what.contains("://")) {
            if (serverName != null) {
                throw usage("--tls-server-name has an effect only with the address of a server");
            }
            return null;
        }
        Address address = Address.parse(what);
        if (!(address instanceof Address.Tls)) {
            throw usage("'" + what + "' is not a tls:// address, so its server shows no certificate");
        }
        return address;
    }
}
