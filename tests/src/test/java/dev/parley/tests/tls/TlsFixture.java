package dev.parley.tests.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.parley.net.Address;
import dev.parley.net.Connection;
import dev.parley.net.EventLoop;
import dev.parley.net.tls.Tls;
import dev.parley.tests.bed.TestBed;
import dev.parley.tests.bed.Usable;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** The common part of the tests of the settings of TLS: an authority, its certificate for a server, and an exchange. */
abstract class TlsFixture {
    @TempDir
    static Path directory;

    static Authority authority;
    static Authority.Issued own;

    @RegisterExtension
    final TestBed bed = TestBed.inRealTime();

    @BeforeAll
    static void makeAuthority() throws Exception {
        assumeTrue(Usable.isInstalled("openssl"), "openssl is not installed");
        authority = Authority.make(directory, "authority");
        own = authority.issue("own", "serverAuth");
    }

    Address echo(Tls tls) throws Exception {
        return bed.newLoop(EventLoop.builder().tls(tls))
                .listen("tls://127.0.0.1:0", (connection, bytes) -> connection.send(bytes))
                .address();
    }

    static Tls.Builder client() {
        return Tls.builder().authorities(authority.certificate());
    }

    static Tls.Builder server() {
        return Tls.builder().certificate(own.chain(), own.key());
    }

    static void exchange(EventLoop loop, Address address) throws Exception {
        try (var connection = Connection.connect(loop, address)) {
            connection.out().write(5);
            assertThat(connection.in().read()).isEqualTo(5);
        }
    }

    EventLoop loop(Tls.Builder settings) throws Exception {
        return bed.newLoop(EventLoop.builder().tls(settings.build()));
    }
}
