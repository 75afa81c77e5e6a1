package dev.parley.tests.tls;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.cli.CommandInProcess;
import dev.parley.net.Address;
import dev.parley.net.CloseReason;
import dev.parley.net.EventLoop;
import dev.parley.net.tls.Tls;
import dev.parley.testkit.Await;
import dev.parley.testkit.RawPeer;
import dev.parley.tests.bed.Programs;
import dev.parley.tests.bed.TestBed;
import dev.parley.tests.bed.TestCertificates;
import java.io.IOException;
import java.nio.channels.ServerSocketChannel;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests the option {@code --tls12} on a server and on a client, and that TLS 1.2 is spoken without renegotiation. */
@Timeout(120)
class Tls12Test {
    private static final String VERSION = "TLSv1.2";

    @RegisterExtension
    final TestBed bed = TestBed.inRealTime();

    private final Programs programs = new Programs();

    @AfterEach
    void endPrograms() {
        programs.close();
    }

    private static EnginePeer client(Address server) throws Exception {
        return EnginePeer.client(RawPeer.connect(server), TestCertificates.jdkContextWithKey(), VERSION);
    }

    private static String[] command(boolean allowed, String... words) {
        return Stream.concat(Stream.of(words), allowed ? Stream.of("--tls12") : Stream.empty())
                .toArray(String[]::new);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aServerSpeaksItIfTheOptionSaysSo(boolean allowed) throws Exception {
        var server = programs.parley(command(
                allowed,
                "echo",
                "server",
                "tls://127.0.0.1:0",
                "--tls-cert=" + TestCertificates.certificate(),
                "--tls-key=" + TestCertificates.key()));
        Address address = Address.parse(Programs.addressOf(server));
        try (var peer = client(address)) {
            if (allowed) {
                peer.shakeHands().socket().send(peer.encrypted((byte) 5));
                assertThat(peer.readRecord()).containsExactly(5);
            } else {
                peer.socket().send(peer.answer());
                assertThat(peer.socket().receiveToEndOrReset()).startsWith(21); // an alert (RFC 5246, section 6.2.1)
            }
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aClientSpeaksItIfTheOptionSaysSo(boolean allowed) throws Exception {
        try (var listening = RawPeer.listen()) {
            CompletableFuture<Boolean> served = CompletableFuture.supplyAsync(() -> shakesHands(listening));
            int port = ((Address.Inet) RawPeer.addressOf(listening)).port();
            CommandInProcess command = CommandInProcess.run(command(
                    allowed,
                    "wait",
                    "tls://127.0.0.1:" + port,
                    "--tls-ca=" + TestCertificates.certificate(),
                    "--timeout=5s"));
            assertThat(served.get(60, TimeUnit.SECONDS)).isEqualTo(allowed);
            assertThat(command.status() == 0).as(command.err()).isEqualTo(allowed);
        }
    }

    private static boolean shakesHands(ServerSocketChannel listening) {
        try (var peer = EnginePeer.server(RawPeer.accept(listening), TestCertificates.jdkContextWithKey(), VERSION)) {
            peer.shakeHands();
            return true;
        } catch (IOException noVersionInCommon) {
            return false;
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    /** A peer could make this side compute handshakes without end, on a connection that no limit counts as new. */
    @Test
    void aSecondHandshakeEndsTheConnection() throws Exception {
        Tls tls = Tls.builder()
                .certificate(TestCertificates.certificate(), TestCertificates.key())
                .allowTls12()
                .build();
        Address address = bed.newLoop(EventLoop.builder().tls(tls))
                .listen("tls://127.0.0.1:0", (connection, bytes) -> connection.send(bytes))
                .address();
        try (var peer = client(address)) {
            peer.shakeHands().socket().send(peer.encrypted((byte) 5));
            assertThat(peer.readRecord()).containsExactly(5);
            peer.askForHandshake();
            peer.socket().receiveToEndOrReset();
        }
        Await.until("it is closed", () -> bed.census().closedByReason().containsKey(CloseReason.TLS));
        assertThat(bed.census().closedByReason()).containsOnlyKeys(CloseReason.TLS);
    }
}
