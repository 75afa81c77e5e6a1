package dev.parley.tests.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.parley.net.Address;
import dev.parley.net.EventLoop;
import dev.parley.net.tls.ChainCheck;
import dev.parley.net.tls.Tls;
import dev.parley.testkit.Await;
import dev.parley.testkit.ManualTicker;
import dev.parley.tests.bed.TestCertificates;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests the files of certificates and keys: which are read, which are refused, and what is reported of their end. */
@Timeout(120)
class TlsFilesTest extends TlsFixture {
    @Test
    void aPasswordOpensAnEncryptedKeyAndAKeyStore() throws Exception {
        Path encrypted = directory.resolve("encrypted.pem");
        Authority.openssl(
                "pkcs8",
                "-topk8",
                "-in",
                own.key().toString(),
                "-passout",
                "pass:secret",
                "-out",
                encrypted.toString());
        Path store = directory.resolve("store.p12");
        Authority.openssl(
                "pkcs12",
                "-export",
                "-in",
                own.chain().toString(),
                "-inkey",
                own.key().toString(),
                "-passout",
                "pass:secret",
                "-out",
                store.toString());
        for (Path each : List.of(encrypted, store)) {
            Files.setPosixFilePermissions(each, PosixFilePermissions.fromString("rw-------"));
        }
        exchange(
                loop(client()),
                echo(Tls.builder().certificate(own.chain(), encrypted, "secret").build()));
        exchange(loop(client()), echo(Tls.builder().pkcs12(store, "secret").build()));
        assertThatThrownBy(
                        () -> Tls.builder().certificate(own.chain(), encrypted).build())
                .hasMessage("the key in " + encrypted + " is encrypted, and no password was given");
        assertThatThrownBy(() -> Tls.builder()
                        .certificate(own.chain(), encrypted, "wrong")
                        .build())
                .hasMessageContaining("is the password right?");
        assertThatThrownBy(() -> Tls.builder().pkcs12(store, "wrong").build())
                .hasMessageContaining("is the password right?");
    }

    @Test
    void aPairThatDoesNotFitAndAKeyThatAllCanReadAreRefused() throws Exception {
        Authority.Issued other = authority.issue("other pair", "serverAuth");
        assertThatThrownBy(() ->
                        Tls.builder().certificate(own.chain(), other.key()).build())
                .hasMessageContaining("does not belong to the certificate CN=own");
        Path open = Files.copy(own.key(), directory.resolve("open.pem"), StandardCopyOption.REPLACE_EXISTING);
        Files.setPosixFilePermissions(open, PosixFilePermissions.fromString("rw-r--r--"));
        assertThatThrownBy(() -> Tls.builder().certificate(own.chain(), open).build())
                .hasMessageContaining("run chmod 600 " + open);
        Path missing = directory.resolve("missing.pem");
        assertThatThrownBy(() -> Tls.builder().certificate(missing, missing).build())
                .hasMessage("cannot read " + missing + ": there is no such file");
    }

    @Test
    void aCertificateThatEndsSoonIsToldOnce() throws Exception {
        Authority.Issued ending = ending("ending");
        Tls tls = Tls.builder().certificate(ending.chain(), ending.key()).build();
        Address address = echo(tls);
        Await.until("it is told", () -> !bed.census().warnings().isEmpty());
        for (int i = 0; i < 3; i++) {
            exchange(loop(Tls.builder().authorities(ending.chain())), address);
        }
        assertIsToldOfItsEnd();
    }

    /** Issues a certificate of 90 days, of which five are left. */
    private static Authority.Issued ending(String name) throws Exception {
        Path made = TestCertificates.another(Files.createDirectory(directory.resolve(name)), "-84d");
        return new Authority.Issued(made.resolve("certificate.pem"), made.resolve("key.pem"));
    }

    private void assertIsToldOfItsEnd() {
        assertThat(bed.census().warnings())
                .filteredOn(each -> !each.startsWith("the authority that this side trusts"))
                .singleElement()
                .asString()
                .contains("CN=other")
                .contains("in 5 days: renew it");
    }

    /** The client may have no second handshake. */
    @Test
    void aClientIsToldAtItsFirstHandshakeThatItsCertificateEndsSoon() throws Exception {
        Authority.Issued ending = ending("ending client");
        Address address = echo(server().build());
        exchange(loop(client().certificate(ending.chain(), ending.key())), address);
        Await.until("it is told", () -> !bed.census().warnings().isEmpty());
        assertIsToldOfItsEnd();
    }

    @Test
    void aServerWithoutHandshakesIsToldOfItsCertificateAllTheSame() throws Exception {
        Path chain = directory.resolve("standing.pem");
        Path key = directory.resolve("standing-key.pem");
        own.replace(chain, key);
        var ticker = new ManualTicker();
        EventLoop server = bed.newLoop(EventLoop.builder()
                .ticker(ticker)
                .tls(Tls.builder().certificate(chain, key).build()));
        server.listen("tls://127.0.0.1:0", (connection, bytes) -> connection.send(bytes));
        ending("standing").replace(chain, key);
        Await.until("it is told", () -> {
            ticker.advance(Duration.ofHours(1));
            return !bed.census().warnings().isEmpty();
        });
        assertIsToldOfItsEnd();
    }

    private static String path(String name) {
        return directory.resolve(name).toString();
    }

    private static Path onlyForOwner(Path file) throws IOException {
        return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
    }

    @Test
    void aKeyStoreWithoutAPairIsRefused() throws Exception {
        Path keyAlone = directory.resolve("key-alone.p12");
        Authority.openssl(
                "pkcs12",
                "-export",
                "-nocerts",
                "-inkey",
                own.key().toString(),
                "-passout",
                "pass:secret",
                "-out",
                keyAlone.toString());
        Path trusted = store("trusted.p12", false);
        for (Path each : List.of(keyAlone, trusted)) {
            assertThatThrownBy(() -> Tls.builder().pkcs12(each, "secret").build())
                    .isInstanceOf(IOException.class)
                    .hasMessage(each + " holds no private key with its certificate");
        }
    }

    @Test
    void aKeyStoreInsteadOfPemIsExplained() throws Exception {
        Path store = store("instead.p12", true);
        String words = store + " is a PKCS#12 file, and must be PEM here; run openssl pkcs12 -in " + store
                + " -nokeys -out NEW.pem, and name the new file";
        assertThatThrownBy(() -> ChainCheck.read(store)).hasMessage(words);
        assertThatThrownBy(() -> Tls.builder().authorities(store).build()).hasMessage(words);
    }

    @Test
    void aKeyStoreMayHoldAuthoritiesBesidesThePair() throws Exception {
        Tls tls = Tls.builder().pkcs12(store("both.p12", true), "secret").build();
        exchange(loop(client()), echo(tls));
    }

    /** Makes a store with a trusted certificate, and a pair if that is wanted. */
    private static Path store(String name, boolean withPair) throws Exception {
        char[] password = "secret".toCharArray();
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        store.setCertificateEntry("a", ChainCheck.read(authority.certificate()).getFirst());
        if (withPair) {
            Certificate certificate = ChainCheck.read(own.chain()).getFirst();
            byte[] key =
                    Base64.getMimeDecoder().decode(Files.readString(own.key()).replaceAll("-----[^-]*-----", ""));
            store.setKeyEntry(
                    "b",
                    KeyFactory.getInstance("EC").generatePrivate(new PKCS8EncodedKeySpec(key)),
                    password,
                    new Certificate[] {certificate});
        }
        Path file = directory.resolve(name);
        try (var out = Files.newOutputStream(file)) {
            store.store(out, password);
        }
        return onlyForOwner(file);
    }

    /** The first block is whole, and the file most likely is being written. */
    @Test
    void aFileThatIsCutInItsSecondBlockIsRefused() throws Exception {
        Path cut = directory.resolve("cut.pem");
        String second = Files.readString(authority.certificate());
        for (int end : List.of(11, 20, 40, second.length() / 2, second.length() - 3)) {
            Files.writeString(cut, Files.readString(own.chain()) + second.substring(0, end));
            assertThatThrownBy(() -> Tls.builder().certificate(cut, own.key()).build())
                    .as("after %d characters", end)
                    .hasMessageContaining(cut + " holds a block that is cut off or cannot be read, number 2");
            assertThatThrownBy(() -> Tls.builder().authorities(cut).build())
                    .hasMessageContaining("holds a block that is cut off");
        }
        Files.writeString(cut, "0: our chain\n" + Files.readString(own.chain()).strip() + second);
        Tls.builder().certificate(cut, own.key()).authorities(cut).build();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "ec -aes256 -in own-key.pem", // the form before PKCS#8
                "pkcs8 -topk8 -v2 des3 -in own-key.pem",
                "pkcs8 -topk8 -v2 aes-192-cbc -in own-key.pem",
                "pkcs8 -topk8 -v2 camellia-256-cbc -in own-key.pem",
                "pkcs8 -topk8 -scrypt -in own-key.pem"
            })
    void aKeyThatIsEncryptedInAnUnknownWayIsExplained(String command) throws Exception {
        Path file = directory.resolve("other-way.pem");
        Files.deleteIfExists(file);
        var arguments = new ArrayList<>(
                List.of(command.replace("own-key.pem", path("own-key.pem")).split(" ")));
        arguments.addAll(List.of("-passout", "pass:secret", "-out", file.toString()));
        Authority.opensslIfItCan(
                arguments.getFirst(), arguments.stream().skip(1).toArray(String[]::new));
        onlyForOwner(file);
        assertThatThrownBy(() ->
                        Tls.builder().certificate(own.chain(), file, "secret").build())
                .isInstanceOf(IOException.class)
                .hasMessage("the key in " + file + " is encrypted in a way that Java cannot read; run openssl pkcs8"
                        + " -topk8 -v2 aes-256-cbc -in " + file + " -out NEW, and name the new file");
    }

    /** A shell passes the output of another command as such a pipe: {@code <(vault …)}. */
    @Test
    void aPipeIsReadOnce() throws Exception {
        Path pipe = directory.resolve("pipe");
        assertThat(new ProcessBuilder("mkfifo", "-m", "600", pipe.toString())
                        .start()
                        .waitFor())
                .isZero();
        String pair = Files.readString(own.chain()) + Files.readString(own.key());
        CompletableFuture<Void> written = CompletableFuture.runAsync(() -> write(pipe, pair));
        Tls tls = Tls.builder().certificate(pipe, pipe).build();
        written.get(60, TimeUnit.SECONDS);
        Address address = echo(tls);
        exchange(loop(client()), address);
        exchange(loop(client()), address);
        assertThat(bed.census().warnings()).isEmpty();
    }

    private static void write(Path pipe, String text) {
        try {
            Files.writeString(pipe, text, StandardOpenOption.WRITE);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
