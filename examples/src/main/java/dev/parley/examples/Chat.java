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
 * Recipe: a chat room on one event loop. Each line of a member goes to all members, except the commands {@code /nick
 * NAME} and {@code /quit}.
 *
 * <p>If a room writes to its members one after another, it blocks as soon as one of them does not read, such as a
 * closed laptop, and the other members get nothing more. If a room queues bytes for this member without a bound, its
 * memory runs out. In this room, sending never waits. The room counts the bytes that a member has not read yet. If
 * there are more than 256 KiB, it tells the member why, and closes the connection.
 *
 * <p>To see this, run {@code ./parley run examples/src/main/java/dev/parley/examples/Chat.java}. To use several
 * terminals, add arguments: {@code server [ADDRESS]} in one, and {@code client ADDRESS} in each of the others. A client
 * sends what you type.
 */
public final class Chat {
    static final int LINE_BYTES_MAX = 512;
    static final int UNREAD_BYTES_MAX = 256 * 1024;

    private static final Duration SILENT_MAX = Duration.ofHours(1);
    private static final Pattern NICK = Pattern.compile("[A-Za-z0-9_-]{1,20}");

    private Chat() {}

    /** The members who are here, by name. Only the loop's thread uses the room, so it needs no locks. */
    private static final class Room implements Receiver {
        private final Map<String, Member> members = new LinkedHashMap<>();
        private int guests;

        @Override
        public void opened(LoopConnection connection) {
            do {
                guests++;
            } while (members.containsKey("guest-" + guests)); // a member may have taken the name by /nick
            var member = new Member(this, connection, "guest-" + guests);
            connection.receiver(member);
            members.put(member.nick, member);
            toAll("* " + member.nick + " is here");
        }

        @Override
        public void bytes(LoopConnection connection, ByteBuffer bytes) {
            throw new IllegalStateException("bytes before opened");
        }

        /**
         * Sends a line to all members, and never waits. Removes the members that have too many unread bytes, and tells
         * the other members.
         */
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

        /**
         * Tells a removed member why, closes its connection, and tells the other members. If the removed member does
         * not read its last bytes within the write timeout, its connection is cut off.
         */
        private void goodbye(Member member, String why) {
            member.isGone = true;
            member.tell("* " + member.nick + " leaves: " + why);
            member.connection.close(CloseReason.LOCAL);
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

    /** One member. Splits the bytes of the member into lines. */
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

        /**
         * Handles a line. Replaces control characters by blanks, since a terminal obeys them: a member could clear the
         * screens of the other members.
         */
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

    /** Returns the settings of a chat's loop, which does not close a connection that is silent for five minutes. */
    static EventLoop.Builder quietly() {
        return EventLoop.builder().limits(Limits.DEFAULT.withIdleTimeout(SILENT_MAX));
    }

    static LoopListener serve(EventLoop loop, String address) throws IOException {
        return loop.listen(address, new Room());
    }

    /** Starts a server or a client, or, without arguments, a demonstration in one process. */
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

    /** Runs a client. One thread prints what arrives, and another thread sends what the user types. */
    private static void talk(String address) throws Exception {
        try (var loop = quietly().daemon(true).start();
                var connection = Connection.connect(loop, Address.parse(address))) {
            Thread talking = Thread.ofPlatform().daemon().unstarted(() -> {
                try {
                    System.in.transferTo(connection.out());
                    connection.shutdownOutput();
                } catch (IOException e) {
                    connection.reset(); // the thread that prints will report the reason
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
