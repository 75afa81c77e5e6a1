package dev.parley.cli;

import dev.parley.cli.cert.DevelopmentCertificates;
import dev.parley.net.tls.Tls;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options of TLS of the commands that listen. */
final class ServerTlsOptions extends TlsOptions {
    @Option(
            names = "--tls-client-ca",
            paramLabel = "FILE",
            description = "Accept only clients that show a certificate of one of the authorities in this PEM file.")
    private @Nullable Path clientAuthorities;

    @Override
    @Nullable
    String firstGiven() {
        return clientAuthorities == null ? super.firstGiven() : "--tls-client-ca";
    }

    @Override
    void addTo(Tls.Builder settings, @Nullable DevelopmentCertificates wanted) {
        if (!hasCertificate()) {
            throw usage(
                    "a tls:// address needs --tls-cert and --tls-key, or --tls-dev, which uses the certificates that"
                            + " 'parley cert' makes");
        }
        if (wanted != null) {
            settings.certificate(wanted.server(), wanted.serverKey()).clientAuthorities(wanted.authority());
        }
        if (clientAuthorities != null) {
            settings.clientAuthorities(clientAuthorities);
        }
    }
}
