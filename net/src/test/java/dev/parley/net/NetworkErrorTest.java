package dev.parley.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.parley.net.host.PortOwner;
import java.io.IOException;
import java.net.BindException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NoRouteToHostException;
import java.net.ServerSocket;
import java.net.SocketException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Tests problems that cannot be provoked on every machine: those behind the texts of errno(3), and their hints. */
@SuppressWarnings("AddressSelection") // addresses in figures, which have one form
class NetworkErrorTest {
    @ParameterizedTest
    @CsvSource({
        "Address already in use, ADDRESS_IN_USE",
        "Cannot assign requested address, ADDRESS_NOT_HERE",
        "Connection refused, REFUSED",
        "Network is unreachable, UNREACHABLE",
        "No route to host, UNREACHABLE",
        "Permission denied, PERMISSION_DENIED",
        "Operation not permitted, PERMISSION_DENIED",
        "No such file or directory, NO_SUCH_PATH",
        "Too many open files, TOO_MANY_OPEN_FILES",
        "Connection timed out, TIMED_OUT",
        "Connection reset by peer, RESET",
        "Protocol wrong type for socket, OTHER"
    })
    void isKnownByTheSystemsText(String text, NetworkError expected) {
        assertThat(NetworkError.of(new SocketException(text))).isEqualTo(expected);
    }

    @Test
    void inAnotherLanguageTheTypeSaysWhatItCan() {
        assertThat(NetworkError.of(new ConnectException("Verbindungsaufbau abgelehnt")))
                .isEqualTo(NetworkError.REFUSED);
        assertThat(NetworkError.of(new NoRouteToHostException("Keine Route"))).isEqualTo(NetworkError.UNREACHABLE);
        assertThat(NetworkError.of(new BindException("Geht nicht"))).isEqualTo(NetworkError.OTHER);
    }

    @Test
    void unreachableAndForbiddenSayWhatToDo() {
        var reached = new InetSocketAddress(InetAddress.getLoopbackAddress(), 1);
        var attempt = ConnectFailedException.Attempt.of(reached, new SocketException("Network is unreachable"));
        assertThat(ConnectFailedException.allFailed(Address.parse("tcp://127.0.0.1:1"), List.of(attempt), null))
                .hasMessage("cannot connect to tcp://127.0.0.1:1: unreachable; check the network");
        assertThat(BindFailedException.binding(
                        Address.parse("tcp://127.0.0.1:80"),
                        new InetSocketAddress(InetAddress.getLoopbackAddress(), 80),
                        new IOException("Permission denied")))
                .hasMessageContaining("permission denied; ports below 1024 need privileges");
    }

    @Test
    void whereOneLoopbackIsNotHereTheOthersRefusalIsTold() {
        var refused = ConnectFailedException.Attempt.of(
                new InetSocketAddress("127.0.0.1", 1), new ConnectException("Connection refused"));
        var notHere = new ConnectFailedException.Attempt(
                new InetSocketAddress("::1", 1), NetworkError.ADDRESS_NOT_HERE, NetworkError.ADDRESS_NOT_HERE.text());
        ConnectFailedException failed =
                ConnectFailedException.allFailed(Address.parse("tcp://localhost:1"), List.of(refused, notHere), null);
        assertThat(failed.networkError()).isEqualTo(NetworkError.REFUSED);
        assertThat(failed).hasMessageEndingWith("; is the server started, and is the port right?");
    }

    @Test
    void aConnectWithoutALocalPortIsToldFromAnAddressThatIsNotHere() {
        var cause = new BindException("Cannot assign requested address");
        var attempt = ConnectFailedException.Attempt.of(new InetSocketAddress("127.0.0.1", 7), cause);
        assertThat(attempt.networkError()).isEqualTo(NetworkError.NO_LOCAL_PORT);
        assertThat(ConnectFailedException.allFailed(Address.parse("tcp://127.0.0.1:7"), List.of(attempt), null))
                .hasMessage(
                        "cannot connect to tcp://127.0.0.1:7: no local port is free towards tcp://127.0.0.1:7: too many"
                                + " connections to it are open or in TIME_WAIT; use fewer, or widen net.ipv4.ip_local_port_range");
        assertThat(BindFailedException.binding(
                                Address.parse("tcp://192.0.2.1:7"), new InetSocketAddress("192.0.2.1", 7), cause)
                        .networkError())
                .isEqualTo(NetworkError.ADDRESS_NOT_HERE);
    }

    @Test
    void whoListensOnTheOtherLoopbackHoldsNothing() throws IOException {
        assumeTrue(Files.exists(Path.of("/proc/net/tcp")), "only Linux shows who listens");
        try (var server = new ServerSocket(0, 1, InetAddress.ofLiteral("127.0.0.1"))) {
            int port = server.getLocalPort();
            assertThat(PortOwner.of(new InetSocketAddress("127.0.0.1", port)))
                    .hasValueSatisfying(
                            owner -> assertThat(owner.isThisProcess()).isTrue());
            assertThat(PortOwner.of(new InetSocketAddress("0.0.0.0", port))).isPresent();
            assertThat(PortOwner.of(new InetSocketAddress("::", port))).isPresent();
            assertThat(PortOwner.of(new InetSocketAddress("::1", port))).isEmpty();
            assertThat(PortOwner.of(new InetSocketAddress("127.0.0.2", port))).isEmpty();
        }
        try (var server = new ServerSocket(0, 1, InetAddress.ofLiteral("0.0.0.0"))) {
            int port = server.getLocalPort();
            assertThat(PortOwner.of(new InetSocketAddress("127.0.0.1", port))).isPresent();
        }
    }
}
