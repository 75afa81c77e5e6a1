package dev.parley.tests.server;

import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.parley.Client;
import dev.parley.Message;
import dev.parley.ServerBuilder;
import dev.parley.net.Address;
import dev.parley.net.EventLoop;
import dev.parley.tests.bed.TestBed;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Settings of a server that would have no effect are refused, so that their author learns of the mistake. */
@Timeout(120)
class UselessSettingsTest {
    private static final Address ANY_PORT = Address.parse("tcp://127.0.0.1:0");

    @RegisterExtension
    final TestBed bed = TestBed.inRealTime();

    private ServerBuilder settings() {
        return bed.server().on("echo", request -> request);
    }

    @Test
    void settingsOfOwnLoopsWithAGivenLoop() {
        EventLoop loop = bed.newLoop();
        assertThatIllegalStateException()
                .isThrownBy(() -> settings().loops(4).listen(loop, ANY_PORT))
                .withMessageContaining("listen(loop, …) uses the loop that is given");
        assertThatIllegalStateException()
                .isThrownBy(() -> settings().loop(EventLoop.builder()).listen(loop, ANY_PORT));
    }

    @Test
    void interruptsOfAnActionThatHasNoHandler() throws Exception {
        assertThatIllegalStateException()
                .isThrownBy(() -> settings().interrupts("ecko", false).listen(bed.newLoop(), ANY_PORT))
                .withMessageContaining("there is no handler for 'ecko'; did you mean 'echo'?");
        ServerBuilder early = bed.server().interrupts("echo", false).on("echo", request -> request);
        Client client = bed.client(bed.listen(early).address());
        client.call("echo", Message.text("x"));
    }
}
