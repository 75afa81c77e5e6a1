package dev.parley.tests.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.parley.net.Address;
import dev.parley.net.Connection;
import dev.parley.net.EventLoop;
import dev.parley.net.tls.Tls;
import dev.parley.testkit.Await;
import dev.parley.testkit.RawPeer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Tests what a server takes, refuses and logs when its files change. */
@Timeout(120)
class ReloadTest extends TlsFixture {
    private final Path chain = directory.resolve("live.pem");
    private final Path key = directory.resolve("live-key.pem");

    /** Returns the subject of the server's certificate. No session is resumed, since each client has its own. */
    private static String shown(Address address) {
        try (EventLoop loop = EventLoop.builder().tls(client().build()).start();
                var connection = Connection.connect(loop, address)) {
            return connection
                    .info()
                    .peerCertificates()
                    .getFirst()
                    .getSubjectX500Principal()
                    .getName();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private long refusals() {
        return bed.census().warnings().stream()
                .filter(each -> each.contains("so the earlier ones stay in use"))
                .count();
    }

    private void damage(String how) throws Exception {
        switch (how) {
            case "another key" ->
                Files.copy(authority.issue("odd key", "serverAuth").key(), key, StandardCopyOption.REPLACE_EXISTING);
            case "no file" -> Files.delete(chain);
            case "an open key" -> Files.setPosixFilePermissions(key, PosixFilePermissions.fromString("rw-r--r--"));
            case "an expired one" -> {
                Authority.Issued old = authority.issue(
                        "old", -1, "subjectAltName=DNS:localhost,IP:127.0.0.1", "extendedKeyUsage=serverAuth");
                old.replace(chain, key);
            }
            default -> throw new AssertionError(how);
        }
        Files.setLastModifiedTime(key, FileTime.fromMillis(1)); // also if the time is the same
    }

    @ParameterizedTest
    @CsvSource({
        "another key, does not belong to the certificate",
        "no file, there is no such file",
        "an open key, every user of this machine can read the key",
        "an expired one, the certificate CN=old (for localhost; 127.0.0.1) has expired on"
    })
    void filesThatCannotBeUsedReplaceNothing(String how, String words) throws Exception {
        Authority.Issued first = authority.issue("first", "serverAuth");
        Authority.Issued second = authority.issue("second", "serverAuth");
        first.replace(chain, key);
        Address address = echo(Tls.builder().certificate(chain, key).build());
        damage(how);
        Await.until("it is reported", () -> {
            assertThat(shown(address)).isEqualTo("CN=first");
            return refusals() > 0;
        });
        assertThat(bed.census().warnings())
                .anyMatch(each -> each.contains("so the earlier ones stay in use")
                        && each.replace(",", ";").contains(words));
        assertThat(bed.census().reloads()).isEmpty();

        second.replace(chain, key);
        Await.until("the second is shown", () -> shown(address).equals("CN=second"));
        assertThat(refusals()).isEqualTo(1);
        assertThat(bed.census().reloads())
                .singleElement()
                .asString()
                .startsWith("the files of TLS have changed, and new handshakes use them: CN=second (for localhost,")
                .endsWith(" UTC");
    }

    @Test
    void noSessionOutlivesTheAuthorityOfItsClient() throws Exception {
        Authority other = Authority.make(directory, "other authority");
        Path accepted = directory.resolve("accepted.pem");
        Files.copy(authority.certificate(), accepted, StandardCopyOption.REPLACE_EXISTING);
        Authority.Issued ann = authority.issue("ann", "clientAuth");
        Authority.Issued bob = other.issue("bob", "clientAuth");
        Address address = echo(server().clientAuthorities(accepted).build());
        EventLoop ofAnn = loop(client().certificate(ann.chain(), ann.key()));
        EventLoop ofBob = loop(client().certificate(bob.chain(), bob.key()));
        exchange(ofAnn, address);
        Files.copy(other.certificate(), accepted, StandardCopyOption.REPLACE_EXISTING);
        Await.until("the other authority is trusted", () -> catchThrowable(() -> exchange(ofBob, address)) == null);
        for (int i = 0; i < 3; i++) {
            assertThat(catchThrowable(() -> exchange(ofAnn, address))).isNotNull();
        }
        assertThat(List.copyOf(bed.census().reloads())).hasSize(1);
    }

    /** Another host's scanner comes first, and again and again. */
    @Test
    void aPlainClientHidesNoOtherFailure() throws Exception {
        Address address =
                echo(server().clientAuthorities(authority.certificate()).build());
        for (int i = 0; i < 3; i++) {
            try (var peer = RawPeer.connect(address)) {
                peer.send("GET / HTTP/1.1\r\n\r\n").receiveToEndOrReset();
            }
        }
        assertThat(catchThrowable(() -> exchange(loop(client()), address))).isNotNull();
        Await.until("it is reported", () -> bed.census().warnings().stream()
                .anyMatch(each -> each.contains("the client has shown no certificate")));
        assertThat(bed.census().warnings().stream().filter(each -> each.contains("does not speak TLS")))
                .hasSize(1);
    }
}
