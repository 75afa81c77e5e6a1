package dev.parley.examples.programs;

import dev.parley.Action;
import dev.parley.ApplicationException;
import dev.parley.CallOptions;
import dev.parley.Client;
import dev.parley.ConnectionLostException;
import dev.parley.Duplex;
import dev.parley.ExchangeEndedException;
import dev.parley.InStream;
import dev.parley.OutStream;
import dev.parley.RequestRejectedException;
import dev.parley.Server;
import dev.parley.ServerBuilder;
import dev.parley.Topic;
import dev.parley.frame.ErrorCode;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A chat with rooms and presence. A member is in a room as long as its stream is open. A new member is told who is
 * there and then all that happens, without a gap. A member whose reading is slow misses the oldest lines, and delays no
 * other member. Members come back by themselves after the server was replaced.
 */
public final class PresenceChat {
    /** What a member says; the first one, without a text, enters the room. */
    record Say(String room, String name, String text) {}

    /** What happens in a room: a member is there, enters, says something, or leaves. */
    record Event(String what, String name, String text) {}

    record Who(String room) {}

    record Present(List<String> names) {}

    static final Action<Say, Event> CHAT = Action.of("chat", Say.class, Event.class);
    static final Action<Who, Present> WHO = Action.of("who", Who.class, Present.class);

    private static final int UNREAD_MAX = 1_000;

    private final Map<String, Room> rooms = new ConcurrentHashMap<>();

    /** One room. Who is there changes only while its topic publishes the change. */
    private static final class Room {
        private final Topic<Event> events = new Topic<>(UNREAD_MAX, Topic.Policy.DROP_OLDEST);
        private final Set<String> names = new ConcurrentSkipListSet<>();
        private final Set<String> taken = ConcurrentHashMap.newKeySet();

        void serve(String name, InStream<Say> in, OutStream<Event> out) throws Exception {
            if (!taken.add(name)) {
                throw new ApplicationException("name-taken", name + " is here already");
            }
            try {
                events.publish(() -> changed(names.add(name), "enters", name));
                var _ = out.follow(events.startingWith(this::whoIsHere, event -> true));
                for (Say say = in.receive(); say != null; say = in.receive()) {
                    events.publish(new Event("says", name, say.text()));
                }
            } finally {
                events.publish(() -> changed(names.remove(name), "leaves", name));
                taken.remove(name);
            }
        }

        private static Event changed(boolean ignored, String what, String name) {
            return new Event(what, name, "");
        }

        private List<Event> whoIsHere() {
            return names.stream().map(each -> new Event("is here", each, "")).toList();
        }
    }

    ServerBuilder serving() {
        return Server.builder()
                .onDuplex(CHAT, (in, out, exchange) -> {
                    Say first = in.receive();
                    if (first == null || first.name().isBlank()) {
                        throw new RequestRejectedException(ErrorCode.BAD_FIELD, "say your name first");
                    }
                    rooms.computeIfAbsent(first.room(), name -> new Room()).serve(first.name(), in, out);
                })
                .on(WHO, asked -> {
                    Room room = rooms.get(asked.room());
                    return new Present(room == null ? List.of() : List.copyOf(room.names));
                });
    }

    /** One member, who enters the room again whenever the connection was lost. */
    static final class Member implements AutoCloseable {
        private final Client client;
        private final String room;
        private final String name;
        private volatile @Nullable Duplex<Say, Event> stream;

        Member(String address, String room, String name, Consumer<Event> events) throws IOException {
            this.client = Client.builder(address).start();
            this.room = room;
            this.name = name;
            Thread.startVirtualThread(() -> stay(events));
        }

        private void stay(Consumer<Event> events) {
            while (true) {
                try (Duplex<Say, Event> entered = client.duplex(CHAT, CallOptions.DEFAULT.withWaitForReady(true))) {
                    entered.send(new Say(room, name, ""));
                    stream = entered;
                    for (Event event = entered.receive(); event != null; event = entered.receive()) {
                        events.accept(event);
                    }
                } catch (ConnectionLostException again) {
                    stream = null;
                } catch (IOException refusedOrClosed) {
                    stream = null;
                    events.accept(new Event("is out", name, String.valueOf(refusedOrClosed.getMessage())));
                    return;
                }
            }
        }

        /** Says something. Returns false if the member is not in the room now. */
        boolean say(String text) throws IOException {
            Duplex<Say, Event> now = stream;
            try {
                if (now != null) {
                    now.send(new Say(room, name, text));
                }
                return now != null;
            } catch (ConnectionLostException | ExchangeEndedException gone) {
                return false;
            }
        }

        @Override
        public void close() {
            client.close();
        }
    }

    /** The arguments: {@code server ADDRESS}, or {@code member ADDRESS ROOM NAME}, which says what is typed. */
    public static void main(String[] args) throws Exception {
        if (args[0].equals("server")) {
            try (var server = new PresenceChat().serving().listen(args[1])) {
                System.out.println("listening on " + server.address());
                server.join();
            }
        } else {
            Consumer<Event> show = event -> System.out.println(event.name() + " " + event.what() + " " + event.text());
            try (var member = new Member(args[1], args[2], args[3], show)) {
                for (String line = IO.readln(); line != null; line = IO.readln()) {
                    if (!member.say(line)) {
                        System.out.println("not sent: the server is away");
                    }
                }
            }
        }
    }
}
