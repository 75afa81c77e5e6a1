package dev.parley.examples.programs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.Client;
import dev.parley.Server;
import dev.parley.examples.programs.PresenceChat.Event;
import dev.parley.examples.programs.PresenceChat.Member;
import dev.parley.examples.programs.PresenceChat.Who;
import dev.parley.testkit.Await;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(300)
class PresenceChatTest {
    @TempDir
    private Path folder;

    private static List<String> present(Client client) {
        try {
            return client.call(PresenceChat.WHO, new Who("tea")).names();
        } catch (IOException e) {
            return List.of();
        }
    }

    @Test
    void membersSeeWhoComesAndGoesAndComeBackAfterTheServerWasKilled() throws Exception {
        String address = "unix:" + folder.resolve("s");
        Program server = Program.start(PresenceChat.class, "server", address);
        server.address();
        Queue<Event> seen = new ConcurrentLinkedQueue<>();
        try (var client = Client.connect(address);
                var _ = new Member(address, "tea", "ann", seen::add)) {
            Await.until("ann is there", () -> present(client).equals(List.of("ann")));
            Member bob = new Member(address, "tea", "bob", event -> {});
            Await.until("both are there", () -> present(client).equals(List.of("ann", "bob")));
            Await.until("bob has said it", () -> bob.say("hello"));
            Await.until("ann has heard it", () -> seen.contains(new Event("says", "bob", "hello")));

            server.kill();
            server = Program.start(PresenceChat.class, "server", address);
            server.address();
            Await.until("both are back", () -> present(client).equals(List.of("ann", "bob")));
            Await.until("bob has said it", () -> bob.say("again"));
            Await.until("ann has heard it", () -> seen.contains(new Event("says", "bob", "again")));

            bob.close();
            Await.until("bob is gone", () -> present(client).equals(List.of("ann")));
            Await.until("ann knows it", () -> seen.contains(new Event("leaves", "bob", "")));
            try (var second = new Member(address, "tea", "ann", seen::add)) {
                Await.until("a name is taken once", () -> seen.stream()
                        .anyMatch(e -> e.what().equals("is out")));
                assertThat(second.say("me too")).isFalse();
            }
        } finally {
            server.kill();
        }
    }

    @Test
    void membersComeBackAfterADrainAndAnEmptyRoomIsGone() throws Exception {
        String address = "unix:" + folder.resolve("s");
        var first = new PresenceChat();
        var second = new PresenceChat();
        Queue<Event> seen = new ConcurrentLinkedQueue<>();
        try (var client = Client.builder(address).start()) {
            Server server = first.serving().listen(address);
            try (var ann = new Member(address, "tea", "ann", seen::add);
                    var _ = new Member(address, "tea", "esc\u001b[2J", seen::add)) {
                Await.until("ann is there", () -> present(client).equals(List.of("ann")));
                Await.until("the other name is refused", () -> seen.stream()
                        .anyMatch(e -> e.what().equals("is out")));
                Await.until("ann has said it", () -> ann.say("a\u001b[2J"));
                Await.until("it harms no terminal", () -> seen.contains(new Event("says", "ann", "a [2J")));
                server.drain(Duration.ZERO);
                server = second.serving().listen(address);
                Await.until("ann is back", () -> present(client).equals(List.of("ann")));
                assertThat(second.rooms).containsOnlyKeys("tea");
            }
            Await.until("the rooms are gone", () -> first.rooms.isEmpty() && second.rooms.isEmpty());
            server.close();
        }
    }
}
