package dev.parley.examples.programs;

import dev.parley.Action;
import dev.parley.ApplicationException;
import dev.parley.CallOptions;
import dev.parley.Client;
import dev.parley.ClientClosedException;
import dev.parley.Duplex;
import dev.parley.InStream;
import dev.parley.OutStream;
import dev.parley.RefusedException;
import dev.parley.Server;
import dev.parley.ServerBuilder;
import dev.parley.Topic;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A chat with rooms and presence. A member is in a room as long as its stream is open. A new member gets the names of
 * the others and then all events, without a gap. A member whose reading is slow misses the oldest lines, and delays no
 * other member. Members come back by themselves after the server was replaced.
 */
public final class PresenceChat {
    /** A line that a member says; the first one, without a text, enters the room. */
    record Say(String room, String name, String text) {}

    /** An event in a room: a member is there, enters, says something, or leaves. */
    record Event(String what, String name, String text) {}

    record Who(String room) {}

    record Present(List<String> names) {}

    static final Action<Say, Event> CHAT = Action.of("chat", Say.class, Event.class);
    static final Action<Who, Present> WHO = Action.of("who", Who.class, Present.class);

    final Map<String, Room> rooms = new ConcurrentHashMap<>();

    /** One room. Its members change only while its topic publishes the change. */
    static final class Room {
        private final Topic<Event> events = new Topic<>(1_000, Topic.Policy.DROP_OLDEST);
        private final Set<String> names = new ConcurrentSkipListSet<>();
        private final Map<String, InStream<Say>> taken = new ConcurrentHashMap<>();

        void serve(String name, InStream<Say> in, OutStream<Event> out) throws Exception {
            if (!in.equals(taken.get(name))) {
                throw new ApplicationException("name-taken", name + " is here already");
            }
            try {
                events.publish(() -> {
                    names.add(name);
                    return new Event("enters", name, "");
                });
                var _ = out.follow(events.startingWith(this::whoIsHere, event -> true));
                for (Say say = in.receive(); say != null; say = in.receive()) {
                    events.publish(new Event("says", name, say.text().replaceAll("\\p{Cc}", " ")));
                }
            } finally {
                events.publish(() -> {
                    names.remove(name);
                    return new Event("leaves", name, "");
                });
            }
        }

        /** Gives the name to a stream, if it is free. */
        Room take(Say first, InStream<Say> in) {
            taken.putIfAbsent(first.name(), in);
            return this;
        }

        private List<Event> whoIsHere() {
            return names.stream().map(each -> new Event("is here", each, "")).toList();
        }
    }

    ServerBuilder serving() {
        return Server.builder()
                .onDuplex(CHAT, (in, out, exchange) -> {
                    Say first = in.receive();
                    if (first == null || !first.name().matches("[\\p{L}\\p{N}_-]{1,20}")) {
                        throw new ApplicationException("bad-name", "a name has 1 to 20 letters, digits, '_' and '-'");
                    }
                    Room room =
                            rooms.compute(first.room(), (key, it) -> (it == null ? new Room() : it).take(first, in));
                    try {
                        room.serve(first.name(), in, out);
                    } finally { // a room without members is removed
                        room.taken.remove(first.name(), in);
                        rooms.computeIfPresent(first.room(), (key, it) -> it.taken.isEmpty() ? null : it);
                    }
                })
                .on(WHO, asked -> new Present(List.copyOf(rooms.getOrDefault(asked.room(), new Room()).names)));
    }

    /** One member, who enters the room again whenever the connection was lost. */
    static final class Member implements AutoCloseable {
        private final Client client;
        private final Say hello;
        private volatile @Nullable Duplex<Say, Event> stream;

        Member(String address, String room, String name, Consumer<Event> events) throws IOException {
            this.client = Client.builder(address).start();
            this.hello = new Say(room, name, "");
            Thread.startVirtualThread(() -> stay(events));
        }

        private void stay(Consumer<Event> events) {
            boolean wasIn = false;
            while (true) {
                try (Duplex<Say, Event> entered = client.duplex(CHAT, CallOptions.DEFAULT.withWaitForReady(true))) {
                    entered.send(hello);
                    stream = entered;
                    for (Event event = entered.receive(); event != null; event = entered.receive()) {
                        wasIn = true;
                        events.accept(event);
                    }
                } catch (ClientClosedException closed) {
                    return;
                } catch (RefusedException e) {
                    stream = null;
                    if (!wasIn && e.code().equals("failed")) { // the name is taken, or not allowed
                        events.accept(new Event("is out", hello.name(), String.valueOf(e.getMessage())));
                        return;
                    }
                } catch (IOException lost) {
                    stream = null;
                }
                LockSupport.parkNanos(300_000_000); // the server may not have seen yet that the old stream is gone
            }
        }

        /** Says something. Returns false if the member is not in the room now. */
        boolean say(String text) {
            Duplex<Say, Event> now = stream;
            try {
                if (now != null) {
                    now.send(new Say(hello.room(), hello.name(), text));
                }
                return now != null;
            } catch (IOException gone) {
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
        String wanted = args.length == 0 ? "" : args[0] + " " + (args.length - 1);
        if (wanted.equals("server 1")) {
            try (var server = new PresenceChat().serving().listen(args[1])) {
                System.out.println("listening on " + server.address());
                server.join();
            }
        } else if (!wanted.equals("member 3")) {
            System.err.println("usage: PresenceChat.java server ADDRESS | member ADDRESS ROOM NAME");
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
