package dev.parley.tests.server;

import static dev.parley.tests.bed.MessagePeer.request;
import static dev.parley.tests.bed.MessagePeer.unchecked;
import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.Message;
import dev.parley.MessageLimits;
import dev.parley.frame.Header;
import dev.parley.tests.bed.MessagePeer;
import dev.parley.tests.bed.WireServerBed;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests cancels, pings and other controls, and how many of them, and of errors, a peer may send. */
class ControlsTest extends WireServerBed {
    @Test
    void aCancelInterruptsTheHandlerAndIsAnswered() throws Exception {
        MessagePeer peer = peer();
        peer.send(request(1, "wait", Message.text("")));
        gate.awaitStarted(1);
        peer.send(control("cancel", 1));
        assertThat(statusAndId(peer.receive())).isEqualTo("cancelled 1");
        gate.awaitInterrupted(1);
        peer.send(control("cancel", 1)).send(control("credit", 77).with("credit", 1));
        peer.send(request(1, "now", Message.text("")));
        assertThat(statusAndId(peer.receive())).isEqualTo("ok 1");
    }

    @Test
    void controlsAreReadWhileAsManyRequestsRunAsMay() throws Exception {
        MessagePeer peer = bed.peer(listen(settings -> settings.limits(MessageLimits.DEFAULT.withInFlightMax(1))));
        peer.send(request(1, "wait", bytes(0)));
        gate.awaitStarted(1);
        peer.send(control("ping", 3));
        Message pong = peer.receive();
        assertThat(pong.header().text(Header.CONTROL)).isEqualTo("pong");
        assertThat(pong.header().id()).isEqualTo(3);
        peer.send(control("cancel", 1)).send(request(2, "wait", bytes(0)));
        assertThat(statusAndId(peer.receive())).isEqualTo("cancelled 1");
        gate.awaitStarted(2);
    }

    @Test
    void aPeerThatVanishesWhileItsHandlerRunsIsMissed() throws Exception {
        MessagePeer peer = peer();
        peer.send(request(1, "wait", bytes(0)));
        gate.awaitStarted(1);
        ticker.advance(Duration.ofSeconds(31));
        assertThat(peer.receive().header().text(Header.CONTROL)).isEqualTo("ping");
        peer.send(control("pong", 0)).send(request(2, "now", bytes(0)));
        assertThat(statusAndId(peer.receive())).isEqualTo("ok 2");
        ticker.advance(Duration.ofSeconds(31));
        assertThat(peer.receive().header().text(Header.CONTROL)).isEqualTo("ping");
        ticker.advance(Duration.ofSeconds(11));
        gate.awaitInterrupted(1);
        assertThat(peer.raw.receiveToEnd()).isEmpty();
    }

    @Test
    void twoHundredCancelsAreOneTooMany() throws Exception {
        MessagePeer peer = peer();
        gate.release(1_000);
        for (int id = 1; id <= 201; id++) {
            peer.send(request(id, "now", bytes(0))).send(control("cancel", id));
        }
        assertLastIs(peer, "too-many-errors");
    }

    @Test
    void manyCancelsAmongManyMoreRequestsAreFine() throws Exception {
        MessagePeer peer = peer();
        for (int id = 1; id <= 201; id++) {
            peer.send(request(3L * id, "now", bytes(0)))
                    .send(control("cancel", 3L * id))
                    .send(request(3L * id + 1, "now", bytes(0)))
                    .send(request(3L * id + 2, "now", bytes(0)));
            for (int answer = 0; answer < 3; answer++) {
                assertThat(peer.receive().status()).isEmpty();
            }
        }
    }

    /** Each control is taken without a response, but so many are a flood. */
    @ParameterizedTest
    @ValueSource(strings = {"credit", "pong", "of-tomorrow"})
    void aThousandControlsThatChangeNothingAreTheLastOnesAllowed(String name) throws Exception {
        MessagePeer peer = peer();
        Message idle = name.equals("credit") ? control(name, 77).with(Header.CREDIT, 1_000) : control(name, 77);
        for (int i = 0; i < 1_000; i++) {
            peer.send(idle);
        }
        peer.send(request(1, "now", bytes(0)));
        assertThat(statusAndId(peer.receive())).isEqualTo("ok 1");
        for (int i = 0; i < 10; i++) {
            peer.send(idle);
        }
        assertLastIs(peer, "too-many-errors");
    }

    @Test
    void aHundredErrorsInAMinuteAreTheLastOnesAllowed() throws Exception {
        MessagePeer peer = peer();
        Message wrong = unchecked(request(1, "now", bytes(0)), "timeout-ms", "soon");
        for (int i = 0; i < 100; i++) {
            peer.send(wrong);
            assertThat(peer.receive().status()).contains("bad-field");
        }
        ticker.advance(Duration.ofSeconds(61));
        peer.send(wrong);
        assertThat(peer.receive().status()).contains("bad-field");
        for (int i = 0; i < 100; i++) {
            peer.send(wrong);
        }
        assertLastIs(peer, "too-many-errors");
    }

    @Test
    void pingsThatFollowEachOtherTooFastEndTheConnection() throws Exception {
        MessagePeer peer = peer();
        for (int i = 0; i < 5; i++) {
            peer.send(control("ping", 0));
            assertThat(peer.receive().header().text(Header.CONTROL)).isEqualTo("pong");
            ticker.advance(Duration.ofSeconds(1));
        }
        for (int i = 0; i < 5; i++) {
            peer.send(control("ping", 0)).send(request(i + 1, "now", bytes(0)));
            assertThat(peer.receive().header().text(Header.CONTROL)).isEqualTo("pong");
            assertThat(statusAndId(peer.receive())).isEqualTo("ok " + (i + 1));
        }
        peer.send(control("ping", 0)).send(control("ping", 0)).send(control("ping", 0));
        assertLastIs(peer, "too-many-errors");
    }
}
