package dev.parley.cli;

import dev.parley.cli.cert.DevelopmentCertificates;
import dev.parley.cli.files.FileFailedException;
import dev.parley.net.Address;
import dev.parley.net.tls.Tls;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Option;

/** The options of TLS for commands that listen, and for commands that connect. */
abstract class TlsOptions {
    @Option(
            names = "--tls-cert",
            paramLabel = "FILE",
            description = "The certificate to show: a PEM file with its chain, or a .p12 file.")
    private List<Path> certificates = List.of();

    @Option(
            names = "--tls-key",
            paramLabel = "FILE",
            description = "The private key of the certificate, if it is in a file of its own.")
    private List<Path> keys = List.of();

    @Option(
            names = "--tls-password-file",
            paramLabel = "FILE",
            description = "A file with the password of an encrypted key, or of a .p12 file, in its first line.")
    private @Nullable Path passwordFile;

    @Option(names = "--tls12", description = "Allow TLS 1.2 too; by default, TLS 1.3 alone is spoken.")
    private boolean allowsTls12;

    @Option(
            names = "--tls-dev",
            description = "Use the certificates that 'parley cert' has made for this machine, on both sides.")
    private boolean development;

    @CommandLine.Spec(CommandLine.Spec.Target.MIXEE)
    private CommandLine.Model.@Nullable CommandSpec spec;

    /** Returns the first option of TLS that the user has given; null if there is none. */
    @Nullable
    String firstGiven() {
        if (!certificates.isEmpty()) {
            return "--tls-cert";
        }
        if (!keys.isEmpty()) {
            return "--tls-key";
        }
        if (passwordFile != null) {
            return "--tls-password-file";
        }
        if (development) {
            return "--tls-dev";
        }
        return allowsTls12 ? "--tls12" : null;
    }

    /**
     * Returns the one certificate that HAProxy can show; null if there is none.
     *
     * @throws CommandLine.ParameterException if an option is given that HAProxy's check has no use for
     */
    @Nullable
    Path certificateForHaproxy() {
        if (certificates.isEmpty()) {
            String option = firstGiven();
            if (option != null) {
                throw usage(option + " has no effect on the check of HAProxy, which --haproxy prints");
            }
            return null;
        }
        if (certificates.size() > 1 || !keys.isEmpty() || passwordFile != null || isPkcs12(certificates.getFirst())) {
            throw usage("HAProxy reads the certificate and its key from one PEM file: --tls-cert FILE");
        }
        return certificates.getFirst().toAbsolutePath();
    }

    boolean hasCertificate() {
        return !certificates.isEmpty() || development;
    }

    /**
     * Returns the address that the user means. If it was not given, but an option of TLS was, it is the default one
     * with TLS.
     *
     * @param text the address, or its default value
     * @param given whether the user has given it
     */
    Address address(String text, boolean given) {
        String option = firstGiven();
        Address address = Address.parse(text);
        if (option == null || !(address instanceof Address.Tcp tcp)) {
            if (option != null && !(address instanceof Address.Tls)) {
                throw usage(option + " has an effect only at a tls:// address, not at '" + address + "'");
            }
            return address;
        }
        var secured = new Address.Tls(tcp.host(), tcp.port());
        if (given) {
            throw usage(option + " has an effect only at a tls:// address; write " + secured);
        }
        return secured;
    }

    /** Adds the settings of the subclass's options, and the development certificates if they are wanted. */
    abstract void addTo(Tls.Builder settings, @Nullable DevelopmentCertificates wanted);

    /** Returns the settings that the options describe. */
    Tls settings() throws IOException {
        Tls.Builder settings = Tls.builder();
        if (allowsTls12) {
            settings.allowTls12();
        }
        DevelopmentCertificates wanted = development ? developmentCertificates() : null;
        addTo(settings, wanted);
        addCertificates(settings);
        try {
            return settings.build();
        } catch (IOException e) {
            throw usage(String.valueOf(e.getMessage()));
        }
    }

    private void addCertificates(Tls.Builder settings) throws IOException {
        if (!keys.isEmpty() && keys.size() != certificates.size()) {
            throw usage("--tls-cert was given " + times(certificates.size()) + ", and --tls-key " + times(keys.size())
                    + "; each certificate needs its key");
        }
        if (passwordFile != null && certificates.isEmpty()) {
            throw usage("--tls-password-file has an effect only with --tls-cert, whose key it is for");
        }
        String password = passwordFile == null ? null : password(passwordFile);
        for (int i = 0; i < certificates.size(); i++) {
            Path certificate = certificates.get(i);
            Path key = keys.isEmpty() ? certificate : keys.get(i);
            if (keys.isEmpty() && isPkcs12(certificate)) {
                settings.pkcs12(certificate, password == null ? "" : password);
            } else if (password == null) {
                settings.certificate(certificate, key);
            } else {
                settings.certificate(certificate, key, password);
            }
        }
    }

    private static String times(int count) {
        return count == 1 ? "once" : count == 0 ? "not at all" : count + " times";
    }

    private static boolean isPkcs12(Path file) {
        String name = file.toString().toLowerCase(Locale.ROOT);
        return name.endsWith(".p12") || name.endsWith(".pfx");
    }

    private static String password(Path file) throws IOException {
        try (var lines = Files.newBufferedReader(file)) {
            return Objects.requireNonNullElse(lines.readLine(), "");
        } catch (IOException e) {
            throw new FileFailedException("cannot read the password in " + file, e);
        }
    }

    private DevelopmentCertificates developmentCertificates() throws IOException {
        var found = DevelopmentCertificates.of(System.getenv());
        if (!found.exist()) {
            throw usage("--tls-dev needs certificates for development; make them with 'parley cert'");
        }
        return found;
    }

    CommandLine.ParameterException usage(String message) {
        return new CommandLine.ParameterException(Objects.requireNonNull(spec).commandLine(), message);
    }
}
