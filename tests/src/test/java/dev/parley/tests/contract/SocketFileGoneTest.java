package dev.parley.tests.contract;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.net.Address;
import dev.parley.net.EventLoop;
import dev.parley.net.Limits;
import dev.parley.net.LoopListener;
import dev.parley.net.LoopObserver;
import dev.parley.net.Transports;
import dev.parley.testkit.Await;
import dev.parley.testkit.ManualTicker;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Tests what a server does if the file of its Unix socket is removed or replaced. */
@Timeout(60)
class SocketFileGoneTest {
    @TempDir
    private Path directory;

    private final ManualTicker ticker = new ManualTicker();
    private final List<String> warnings = new CopyOnWriteArrayList<>();
    private final LoopObserver observer = new LoopObserver() {
        @Override
        public void warned(String message) {
            if (!message.contains("has been blocked")) { // the minute may pass while the loop still ends a task
                warnings.add(message);
            }
        }
    };

    static List<String> transports() {
        return Transports.names();
    }

    private EventLoop loop(String transport) {
        return EventLoop.builder()
                .transport(Transports.named(transport))
                .ticker(ticker)
                .observer(observer)
                .limits(Limits.DEFAULT.withIdleTimeout(Duration.ofHours(1)))
                .start();
    }

    private LoopListener listen(EventLoop loop, Path at) throws Exception {
        LoopListener listener = loop.listen(new Address.Unix(at), (connection, bytes) -> connection.send(bytes));
        turn(loop); // it looks a minute after that
        return listener;
    }

    private static void minute(EventLoop loop, ManualTicker ticker) {
        ticker.advance(Duration.ofMinutes(1));
        turn(loop);
        turn(loop); // the timers of the first fire behind its tasks
    }

    private static void turn(EventLoop loop) {
        var turned = new CompletableFuture<Void>();
        loop.execute(() -> turned.complete(null));
        turned.join();
    }

    private static void echo(Path at) throws Exception {
        try (var peer = SocketChannel.open(UnixDomainSocketAddress.of(at))) {
            peer.write(ByteBuffer.wrap(new byte[] {42}));
            var back = ByteBuffer.allocate(1);
            assertThat(peer.read(back)).isEqualTo(1);
        }
    }

    @ParameterizedTest
    @MethodSource("transports")
    void aFileThatIsGoneIsMadeAgain(String transport) throws Exception {
        Path at = directory.resolve("s");
        try (EventLoop loop = loop(transport);
                LoopListener _ = listen(loop, at);
                var before = SocketChannel.open(UnixDomainSocketAddress.of(at))) {
            minute(loop, ticker);
            assertThat(warnings).isEmpty();
            for (int i = 1; i <= 3; i++) {
                Files.delete(at);
                minute(loop, ticker);
                Await.until("the file is there", () -> Files.exists(at));
                echo(at);
                minute(loop, ticker);
                assertThat(warnings).as("after removal %d", i).hasSize(i);
            }
            assertThat(warnings).allMatch(each -> each.contains(at + "") && each.contains("removed"));
            before.write(ByteBuffer.wrap(new byte[] {42})); // it is open all the while
            assertThat(before.read(ByteBuffer.allocate(1))).isEqualTo(1);
        }
        assertThat(at).doesNotExist();
    }

    /** A file of another program is not touched. When that file is gone, the server uses the place again. */
    @ParameterizedTest
    @MethodSource("transports")
    void whatIsAnothersIsToldOnceAndLeftAlone(String transport) throws Exception {
        Path at = directory.resolve("s");
        try (EventLoop loop = loop(transport);
                LoopListener _ = listen(loop, at)) {
            Files.delete(at);
            Files.writeString(at, "another's");
            for (int i = 0; i < 3; i++) {
                minute(loop, ticker);
            }
            assertThat(warnings).singleElement().asString().contains(at + "", "something else");
            assertThat(at).hasContent("another's");
            Files.delete(at);
            minute(loop, ticker);
            Await.until("the file is there", () -> Files.exists(at));
            echo(at);
        }
    }

    @ParameterizedTest
    @MethodSource("transports")
    void whereItCannotBeMadeAgainThatIsToldOnceAndTriedOn(String transport) throws Exception {
        Path inner = Files.createDirectory(directory.resolve("d"));
        Path at = inner.resolve("s");
        try (EventLoop loop = loop(transport);
                LoopListener _ = listen(loop, at)) {
            Files.delete(at);
            Files.delete(inner);
            for (int i = 0; i < 3; i++) {
                minute(loop, ticker);
            }
            assertThat(warnings).singleElement().asString().contains(at + "", "cannot be created again");
            Files.createDirectory(inner);
            minute(loop, ticker);
            Await.until("the file is there", () -> Files.exists(at));
            echo(at);
        }
    }

    /** Each of the loops goes on: what one accepts at the new file goes to any of them. */
    @ParameterizedTest
    @MethodSource("transports")
    void severalLoopsGoOnTogether(String transport) throws Exception {
        Path at = directory.resolve("s");
        try (EventLoop first = loop(transport);
                EventLoop second = loop(transport);
                LoopListener listener = listen(first, at);
                LoopListener _ = second.listenWith(listener, connection -> (same, bytes) -> same.send(bytes))) {
            turn(second);
            for (int removals = 1; removals <= 3; removals++) {
                Files.delete(at);
                minute(first, ticker);
                Await.until("the file is there", () -> Files.exists(at));
                for (int i = 0; i < 10; i++) {
                    echo(at);
                }
                assertThat(warnings).hasSize(removals);
            }
        }
        assertThat(at).doesNotExist();
    }
}
