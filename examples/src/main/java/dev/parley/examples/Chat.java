package dev.parley.examples;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.parley.net.Address;
import dev.parley.net.CloseReason;
import dev.parley.net.Connection;
import dev.parley.net.EventLoop;
import dev.parley.net.Limits;
import dev.parley.net.LoopConnection;
import dev.parley.net.LoopListener;
import dev.parley.net.Receiver;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * Recipe: a chat room on one event loop. What a member says goes to all; {@code /nick NAME} and {@code /quit} besides.
 *
 * <p>A room that writes to its members one after the other stands still as soon as one of them does not read, such as a
 * closed laptop: the others hear nothing more. A room that queues for that one without a bound ends for lack of memory.
 * Here sending never waits; what a member has not read yet is counted, and beyond 256 KiB it is told why and shown out.
 *
 * <p>{@code ./parley run examples/src/main/java/dev/parley/examples/Chat.java} shows it. Between terminals: with
 * {@code server [ADDRESS]}, and with {@code client ADDRESS}, which sends what you type.
 */
public final class Chat {
    static final int LINE_BYTES_MAX = 512;
    static final int UNREAD_BYTES_MAX = 256 * 1024;

    private static final Duration SILENT_MAX = Duration.ofHours(1);
    private static final Pattern NICK = Pattern.compile("[A-Za-z0-9_-]{1,20}");

    private Chat() {}

    /** Who is here, by name. It belongs to the loop's thread, so it needs no locks. */
    private static final class Room implements Receiver {
        private final Map<String, Member> members = new LinkedHashMap<>();
        private int guests;

        @Override
        public void opened(LoopConnection connection) {
            var member = new Member(this, connection, "guest-" + ++guests);
            connection.receiver(member);
            members.put(member.nick, member);
            toAll("* " + member.nick + " is here");
        }

        @Override
        public void bytes(LoopConnection connection, ByteBuffer bytes) {
            throw new IllegalStateException("bytes before opened");
        }

        /** Never waits: who has not read so much by now is shown out, and then the others are told. */
        void toAll(String line) {
            byte[] bytes = (line + "\n").getBytes(UTF_8);
            var slow = new ArrayList<Member>();
            for (Member member : members.values()) {
                if (member.connection.queuedBytes() > UNREAD_BYTES_MAX) {
                    slow.add(member);
                } else {
                    member.connection.send(bytes);
                }
            }
            members.values().removeAll(slow);
            slow.forEach(member -> goodbye(member, "reads too slowly"));
        }

        void leaves(Member member, String why) {
            if (members.remove(member.nick, member)) {
                goodbye(member, why);
            }
        }

        /** The last that is queued for it; who does not take it within the write timeout is cut off. */
        private void goodbye(Member member, String why) {
            member.isGone = true;
            member.tell("* " + member.nick + " leaves: " + why);
            member.connection.closeLingering(CloseReason.LOCAL);
            toAll("* " + member.nick + " leaves: " + why);
        }

        void renames(Member member, String nick) {
            if (!NICK.matcher(nick).matches()) {
                member.tell("* a name has 1 to 20 letters, digits, '_' and '-'");
            } else if (members.containsKey(nick)) {
                member.tell("* another member is " + nick + " already");
            } else {
                String before = member.nick;
                members.remove(before);
                member.nick = nick;
                members.put(nick, member);
                toAll("* " + before + " is now " + nick);
            }
        }
    }

    /** One member; its bytes become lines. */
    private static final class Member implements Receiver {
        private final Room room;
        private final LoopConnection connection;
        private final byte[] line = new byte[LINE_BYTES_MAX];
        private int length;
        private String nick;
        private boolean isGone;

        Member(Room room, LoopConnection connection, String nick) {
            this.room = room;
            this.connection = connection;
            this.nick = nick;
        }

        @Override
        public void bytes(LoopConnection same, ByteBuffer bytes) {
            while (bytes.hasRemaining() && !isGone) {
                byte next = bytes.get();
                if (next == '\n') {
                    says(new String(line, 0, length, UTF_8));
                    length = 0;
                } else if (length == LINE_BYTES_MAX) {
                    room.leaves(this, "a line has at most " + LINE_BYTES_MAX + " bytes");
                } else {
                    line[length++] = next;
                }
            }
        }

        /** What a terminal takes for a command, such as clearing the screen, reaches no other terminal. */
        private void says(String raw) {
            String text = raw.replaceAll("\\p{Cc}", " ").strip();
            if (text.equals("/quit")) {
                room.leaves(this, "quit");
            } else if (text.startsWith("/nick ")) {
                room.renames(this, text.substring("/nick ".length()));
            } else if (!text.isEmpty()) {
                room.toAll(nick + ": " + text);
            }
        }

        void tell(String text) {
            connection.send((text + "\n").getBytes(UTF_8));
        }

        @Override
        public void ended(LoopConnection same) {
            room.leaves(this, "quit");
        }

        @Override
        public void closed(LoopConnection same, CloseReason reason) {
            room.leaves(this, reason.toString());
        }
    }

    /** Settings of a loop for it: a room may be quiet for longer than five minutes. */
    static EventLoop.Builder quietly() {
        return EventLoop.builder().limits(Limits.DEFAULT.withIdleTimeout(SILENT_MAX));
    }

    static LoopListener serve(EventLoop loop, String address) throws IOException {
        return loop.listen(address, new Room());
    }

    /** Without arguments, a demonstration in one process. */
    public static void main(String[] args) throws Exception {
        if (args.length == 0) {
            demonstrate();
        } else if (args[0].equals("server") && args.length <= 2) {
            try (var loop = quietly().start()) {
                var listener = serve(loop, args.length == 2 ? args[1] : Address.DEFAULT);
                System.out.println("listening on " + listener.address());
                loop.join();
            }
        } else if (args[0].equals("client") && args.length == 2) {
            talk(args[1]);
        } else {
            System.err.println("usage: server [ADDRESS], or client ADDRESS");
            System.exit(2);
        }
    }

    /** One thread listens while the other talks. */
    private static void talk(String address) throws Exception {
        try (var loop = quietly().daemon(true).start();
                var connection = Connection.connect(loop, Address.parse(address))) {
            Thread talking = Thread.ofPlatform().daemon().unstarted(() -> {
                try {
                    System.in.transferTo(connection.out());
                    connection.shutdownOutput();
                } catch (IOException e) {
                    connection.reset(); // the listening thread tells why
                }
            });
            talking.start();
            connection.in().transferTo(System.out);
        }
    }

    private static void demonstrate() throws Exception {
        try (var loop = quietly().start()) {
            Address address = serve(loop, "tcp://localhost:0").address();
            try (var ada = Connection.connect(address);
                    var heard = new BufferedReader(new InputStreamReader(ada.in(), UTF_8))) {
                ada.out().write("/nick ada\n".getBytes(UTF_8));
                System.out.println("ada hears: " + heard.readLine() + "\nada hears: " + heard.readLine());
                try (var bob = Connection.connect(address)) {
                    bob.out().write("/nick ada\n/nick bob\nhello\u001b[2J, ada\n/quit\n".getBytes(UTF_8));
                    System.out.print("bob hears: " + new String(bob.in().readAllBytes(), UTF_8));
                }
                for (int line = 0; line < 4; line++) {
                    System.out.println("ada hears: " + heard.readLine());
                }
            }
        }
    }
}
