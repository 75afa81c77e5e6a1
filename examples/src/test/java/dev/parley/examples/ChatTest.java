package dev.parley.examples;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.net.Address;
import dev.parley.net.CloseReason;
import dev.parley.net.Connection;
import dev.parley.net.EventLoop;
import dev.parley.testkit.Await;
import dev.parley.testkit.Census;
import dev.parley.testkit.ManualTicker;
import dev.parley.testkit.RawPeer;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(300)
class ChatTest {
    private final Census census = new Census();
    private EventLoop loop;
    private Address address;

    @BeforeEach
    void open() throws Exception {
        loop = census.watch(
                Chat.quietly().observer(census).ticker(new ManualTicker()).start());
        address = Chat.serve(loop, "tcp://127.0.0.1:0").address();
    }

    @AfterEach
    void close() {
        loop.close();
        census.assertNothingLeft();
    }

    private static void hears(RawPeer peer, String... lines) throws IOException {
        String all = String.join("\n", lines) + "\n";
        assertThat(new String(peer.receive(all.getBytes(UTF_8).length), UTF_8)).isEqualTo(all);
    }

    private RawPeer enters(String guest) throws IOException {
        RawPeer peer = RawPeer.connect(address);
        hears(peer, "* " + guest + " is here");
        return peer;
    }

    @Test
    void thePageShowsWhatTheDemonstrationPrints() throws Exception {
        assertThat(Demonstration.outputOf(Chat::main)).isEqualTo(Demonstration.shownOn("chat.md", "Chat.java"));
    }

    @Test
    void whatOneSaysAllHearInPiecesOrNot() throws Exception {
        try (var one = enters("guest-1");
                var two = enters("guest-2")) {
            hears(one, "* guest-2 is here");
            one.sendByteByByte("grüß euch\r\n".getBytes(UTF_8));
            hears(two, "guest-1: grüß euch");
            two.send("a\n\n  \nb\n/quit\nnot said any more\n");
            hears(two, "guest-2: a", "guest-2: b", "* guest-2 leaves: quit");
            hears(one, "guest-1: grüß euch", "guest-2: a", "guest-2: b", "* guest-2 leaves: quit");
            assertThat(two.receiveToEnd()).isEmpty();
        }
    }

    @Test
    void aGuestGetsANameThatNoMemberHas() throws Exception {
        try (var one = enters("guest-1")) {
            one.send("/nick guest-2\n");
            hears(one, "* guest-1 is now guest-2");
            try (var _ = enters("guest-3")) {
                hears(one, "* guest-3 is here");
                one.send("still here\n");
                hears(one, "guest-2: still here");
            }
        }
    }

    @Test
    void aNameIsShortPlainAndOnesOwn() throws Exception {
        try (var one = enters("guest-1");
                var two = enters("guest-2")) {
            hears(one, "* guest-2 is here");
            two.send("/nick ada\n");
            hears(one, "* guest-2 is now ada");
            String rule = "* a name has 1 to 20 letters, digits, '_' and '-'";
            one.send("/nick ada\n/nick a b\n/nick " + "x".repeat(21) + "\n/nick ä\n/nick bob\n");
            hears(one, "* another member is ada already", rule, rule, rule, "* guest-1 is now bob");
            hears(two, "* guest-2 is now ada", "* guest-1 is now bob");
            one.send("/nick guest-2\n"); // which is free by now
            hears(two, "* bob is now guest-2");
        }
    }

    @Test
    void noCommandToTerminalsPasses() throws Exception {
        try (var one = enters("guest-1")) {
            one.send("\u001b[2Jcleared\u0007 \u009b2J\u007f\n");
            hears(one, "guest-1: [2Jcleared   2J");
        }
    }

    @Test
    void aLineHasABound() throws Exception {
        try (var one = enters("guest-1");
                var two = enters("guest-2")) {
            hears(one, "* guest-2 is here");
            one.send("x".repeat(512) + "\n");
            hears(two, "guest-1: " + "x".repeat(512));
            one.send("x".repeat(100_000));
            hears(two, "* guest-1 leaves: a line has at most 512 bytes");
            assertThat(new String(one.receiveToEnd(), UTF_8)).endsWith("leaves: a line has at most 512 bytes\n");
            two.send("still here\n");
            hears(two, "guest-2: still here");
        }
    }

    @Test
    void allAreToldHowAMemberLeft() throws Exception {
        try (var one = enters("guest-1")) {
            enters("guest-2").reset();
            hears(one, "* guest-2 is here", "* guest-2 leaves: reset");
            enters("guest-3").send("half a li").close();
            hears(one, "* guest-3 is here", "* guest-3 leaves: quit");
            one.send("/nick guest-2\n");
            hears(one, "* guest-1 is now guest-2");
        }
    }

    /** Two who read get each of many lines, while one who does not read at all is shown out. */
    @Test
    void aMemberThatDoesNotReadHoldsNoOtherBack() throws Exception {
        String line = "x".repeat(500);
        try (var slow = RawPeer.connect(address);
                var reader = new Reader();
                var talker = new Reader()) {
            Await.until("all are here", () -> census.open() == 3 + 2);
            int lines = 0;
            while (!reader.isTold || !talker.isTold) {
                talker.connection.out().write((line + "\n").getBytes(UTF_8));
                lines++;
                int said = lines;
                Await.until("who reads hears all of it", () -> reader.heard.get() + 100 > said);
            }
            int all = lines;
            Await.until("both have heard each line", () -> reader.heard.get() == all && talker.heard.get() == all);
            assertThat(new String(slow.receiveToEnd(), UTF_8)).endsWith("* guest-1 leaves: reads too slowly\n");
        }
        Await.until("all are gone", () -> census.open() == 0);
        assertThat(census.closedByReason()).doesNotContainKey(CloseReason.WRITE_TIMEOUT);
    }

    /** A member that reads all the time and counts the lines of others. */
    private final class Reader implements AutoCloseable {
        final Connection connection = Connection.connect(loop, address);
        final AtomicInteger heard = new AtomicInteger();
        volatile boolean isTold;
        private final CompletableFuture<Void> reading =
                CompletableFuture.runAsync(this::read, Thread::startVirtualThread);

        Reader() throws IOException {}

        private void read() {
            try (var lines = new BufferedReader(new InputStreamReader(connection.in(), UTF_8))) {
                for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                    if (line.endsWith(": reads too slowly")) {
                        isTold = true;
                    } else if (line.endsWith("xxx")) {
                        heard.incrementAndGet();
                    }
                }
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        @Override
        public void close() {
            connection.shutdownOutput();
            reading.join();
            connection.close();
        }
    }
}
