package dev.parley.net;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.BindException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NoRouteToHostException;
import java.net.SocketException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What cannot be provoked on every machine: the problems behind the texts of errno(3), and their hints. */
class ProblemTest {
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
    void isKnownByTheSystemsText(String text, Problem expected) {
        assertThat(Problem.of(new SocketException(text))).isEqualTo(expected);
    }

    @Test
    void inAnotherLanguageTheTypeSaysWhatItCan() {
        assertThat(Problem.of(new ConnectException("Verbindungsaufbau abgelehnt")))
                .isEqualTo(Problem.REFUSED);
        assertThat(Problem.of(new NoRouteToHostException("Keine Route"))).isEqualTo(Problem.UNREACHABLE);
        assertThat(Problem.of(new BindException("Geht nicht"))).isEqualTo(Problem.OTHER);
    }

    @Test
    void unreachableAndForbiddenSayWhatToDo() {
        var reached = new InetSocketAddress(InetAddress.getLoopbackAddress(), 1);
        var attempt = ConnectFailedException.Attempt.of(reached, new SocketException("Network is unreachable"));
        assertThat(ConnectFailedException.allFailed(Address.parse("tcp://127.0.0.1:1"), List.of(attempt)))
                .hasMessage("cannot connect to tcp://127.0.0.1:1: unreachable; check the network");
        assertThat(BindFailedException.binding(
                        Address.parse("tcp://127.0.0.1:80"),
                        new InetSocketAddress(InetAddress.getLoopbackAddress(), 80),
                        new IOException("Permission denied")))
                .hasMessageContaining("permission denied; ports below 1024 need privileges");
    }
}
