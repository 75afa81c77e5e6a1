package dev.parley.cli;

import dev.parley.cli.cert.DevelopmentCertificates;
import dev.parley.net.tls.Tls;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options of TLS of the commands that connect. */
final class ClientTlsOptions extends TlsOptions {
    @Option(
            names = "--tls-ca",
            paramLabel = "FILE",
            description = "Accept servers of the authorities in this PEM file. Default: those that Java trusts.")
    private @Nullable Path authorities;

    @Option(
            names = "--tls-server-name",
            paramLabel = "NAME",
            description = "The name that the server's certificate must have. Default: the host of the address.")
    private @Nullable String serverName;

    @Override
    @Nullable
    String firstGiven() {
        if (authorities != null) {
            return "--tls-ca";
        }
        return serverName == null ? super.firstGiven() : "--tls-server-name";
    }

    @Override
    void addTo(Tls.Builder settings, @Nullable DevelopmentCertificates wanted) {
        if (wanted != null) {
            settings.authorities(wanted.authority());
            settings.certificate(wanted.client(), wanted.clientKey());
        }
        if (authorities != null) {
            settings.authorities(authorities);
        }
        if (serverName != null) {
            settings.serverName(serverName);
        }
    }
}
