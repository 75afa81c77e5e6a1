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

    @Override
    public Integer call() throws Exception {
        Address address = address();
        ShownChain chain = address == null ? ShownChain.ofFile(Path.of(what)) : ShownChain.ofServer(address);
        ChainReport report = ChainReport.of(chain, authorities, System.getenv());
        for (String line : report.lines()) {
            io().outForeignLine(line);
        }
        return report.faults().isEmpty() ? ExitCode.OK : ExitCode.ERROR_RESPONSE;
    }

    /** Returns the address of a server; null for a file. */
    private @Nullable Address address() {
        if (!what.contains("://")) {
            return null;
        }
        Address address = Address.parse(what);
        if (!(address instanceof Address.Tls)) {
            throw usage("'" + what + "' is not a tls:// address, so its server shows no certificate");
        }
        return address;
    }
}
