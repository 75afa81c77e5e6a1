package dev.parley.tests.corpus;

import dev.parley.Action;
import dev.parley.Message;
import dev.parley.MessageLimits;
import dev.parley.Server;
import dev.parley.frame.FrameLimits;
import dev.parley.frame.Header.JsonNumber;
import dev.parley.net.Address;
import dev.parley.net.BindFailedException;
import dev.parley.net.CloseReason;
import dev.parley.net.EventLoop;
import dev.parley.net.LoopConnection;
import dev.parley.net.Receiver;
import dev.parley.net.mem.MemNetwork;
import dev.parley.net.time.Ticker;
import dev.parley.testkit.Census;
import dev.parley.testkit.RawPeer;
import dev.parley.tests.bed.TestCertificates;
import dev.parley.tests.bed.Usable;
import dev.parley.tests.corpus.CorpusCase.Sent;
import dev.parley.tests.corpus.CorpusCase.Then;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The server that the corpus is sent to, at one address, and the ways to send it. */
final class CorpusServer implements AutoCloseable {
    /** The message after each case, which shows if the connection lives. */
    static final byte[] NEXT =
            Sent.to("ok", "text/plain", new byte[4]).with("id", "77").bytes();

    private static final String NEXT_REPLY = "ok 77: raw 4";
    private static final int WAIT_SECONDS = 20;

    private final EventLoop loop;
    private final Server server;

    /** A record that is both the question and the answer of a typed handler. */
    record Sum(int number) {}

    CorpusServer(Census census, EventLoop.Builder settings, Address address, FrameLimits limits)
            throws BindFailedException {
        loop = census.watch(settings.observer(census).start());
        server = Server.builder()
                .limits(MessageLimits.DEFAULT.withFrame(limits))
                .onLoop("ok", request -> Message.text("raw " + request.content().length))
                .onLoop("x", request -> Message.text("x is " + x(request)))
                .onLoop(
                        "number",
                        request -> Message.text("number " + request.numbers().getInt()))
                .onLoop("text", request -> Message.text("text " + request.text()))
                .on(Action.of("typed", Sum.class, Sum.class), question -> question)
                .otherwiseOnLoop(request -> Message.text("other " + request.content().length))
                .observer(census)
                .listen(loop, address);
    }

    static CorpusServer inMemory(Census census, FrameLimits limits) throws BindFailedException {
        var network = new MemNetwork();
        return new CorpusServer(census, EventLoop.builder().transport(network), Address.parse("mem:"), limits);
    }

    static CorpusServer onSocket(Census census, String transport, Address address, FrameLimits limits)
            throws BindFailedException {
        EventLoop.Builder settings = EventLoop.builder().transport(Usable.transport(transport));
        return new CorpusServer(census, settings, address, limits);
    }

    /** Starts a server that speaks TLS, with its clients on the same loop. */
    static CorpusServer overTls(Census census, String transport, FrameLimits limits) throws BindFailedException {
        EventLoop.Builder settings =
                EventLoop.builder().transport(Usable.transport(transport)).tls(TestCertificates.ofBothSides());
        return new CorpusServer(census, settings, Address.parse("tls://127.0.0.1:0"), limits);
    }

    static CorpusServer withTicker(Census census, Ticker ticker) throws BindFailedException {
        EventLoop.Builder settings = EventLoop.builder().ticker(ticker);
        return new CorpusServer(census, settings, Address.parse("tcp://127.0.0.1:0"), FrameLimits.DEFAULT);
    }

    private static String x(Message request) {
        return request.header().others().get("x") instanceof JsonNumber number ? number.text() : "no number";
    }

    Server server() {
        return server;
    }

    RawPeer connect() throws IOException {
        return RawPeer.connect(server.address());
    }

    @Override
    public void close() {
        server.close();
        loop.close();
    }

    // Replies, in words.

    /** Returns what the case requires, with the reply to the message after it. */
    static List<String> expected(CorpusCase asked) {
        var replies = new ArrayList<>(asked.replies());
        if (asked.then() == Then.LIVES) {
            replies.add(NEXT_REPLY);
        }
        return replies;
    }

    private static final Pattern LENGTH = Pattern.compile("\"content-length\": (\\d+)");
    private static final Pattern ID = Pattern.compile("\"id\": (\\d+)");
    private static final Pattern STATUS = Pattern.compile("\"status\": \"([a-z-]+)\"");
    private static final String PAGE = """
            HTTP/1.1 400 Bad Request\r
            Content-Type: text/plain; charset=utf-8\r
            Content-Length: 46\r
            Connection: close\r
            \r
            This port speaks Parley's messages, not HTTP.
            """;

    /**
     * Returns every reply of a stream that has ended, in words. Responses with an id come in any order, and only what
     * followed the case may overtake it: its reply is put last.
     */
    static List<String> words(byte[] stream) {
        if (new String(stream, StandardCharsets.ISO_8859_1).equals(PAGE)) {
            return List.of(CorpusCase.PAGE);
        }
        var replies = new ArrayList<String>();
        var left = ByteBuffer.wrap(stream);
        while (left.hasRemaining()) {
            String header = take(left, left.getShort() & 0xffff);
            replies.add(words(header, take(left, Integer.parseInt(first(LENGTH, header)))));
        }
        if (replies.remove(NEXT_REPLY)) {
            replies.add(NEXT_REPLY);
        }
        return replies;
    }

    private static String take(ByteBuffer from, int count) {
        var bytes = new byte[count];
        from.get(bytes);
        return new String(bytes, StandardCharsets.UTF_8);
    }

    private static String first(Pattern pattern, String header) {
        Matcher matcher = pattern.matcher(header);
        return matcher.find() ? matcher.group(1) : "";
    }

    private static String words(String header, String content) {
        String status = first(STATUS, header);
        String id = first(ID, header);
        if (header.contains("\"control\": \"pong\"")) {
            return "pong" + (id.isEmpty() ? "" : " " + id);
        }
        String close = header.contains("\"close\": true") ? ", close" : "";
        String words = (status.isEmpty() ? "ok" : status) + (id.isEmpty() ? "" : " " + id) + close;
        if (status.isEmpty()) {
            return words + ": " + content;
        }
        // The tutorial's client prints the result as it is: it must be ours alone, in plain words.
        boolean isOurs =
                content.matches("\\{\"result\": \"Error: ([ -!#-\\[\\]-~]|\\\\\")+\", \"code\": \"" + status + "\"}");
        return isOurs ? words : words + ": " + content;
    }

    // Over sockets.

    /**
     * Sends the case and waits for its replies before anything follows, so that an answer must not hang on more bytes.
     *
     * @param whole what the server said when it got the case in one piece
     */
    List<String> overSocket(CorpusCase asked, List<String> whole, boolean byteByByte) throws IOException {
        try (RawPeer peer = connect()) {
            send(peer, asked.bytes(), byteByByte);
            var stream = new ByteArrayOutputStream();
            if (whole.contains(NEXT_REPLY)) {
                for (int i = 1; i < whole.size(); i++) {
                    stream.writeBytes(frame(peer));
                }
                send(peer, NEXT, byteByByte);
            }
            if (whole.contains(NEXT_REPLY) || asked.then() == Then.CLIENT_ENDS) {
                peer.shutdownOutput();
            }
            stream.writeBytes(toEnd(peer, closesAtOnce(asked, whole)));
            return words(stream.toByteArray());
        }
    }

    /** Sends the bytes. A server that has turned away may refuse the rest; what it has sent arrives nevertheless. */
    static void send(RawPeer peer, byte[] bytes, boolean byteByByte) {
        try {
            if (byteByByte) {
                peer.sendByteByByte(bytes);
            } else {
                peer.send(bytes);
            }
        } catch (IOException refused) {
            return;
        }
    }

    static byte[] toEnd(RawPeer peer, boolean mayReset) throws IOException {
        return mayReset ? peer.receiveToEndOrReset() : peer.receiveToEnd();
    }

    /**
     * Returns true if the server may close at bytes that it has not read, because it closes at once, without an error
     * that has to arrive.
     */
    private static boolean closesAtOnce(CorpusCase asked, List<String> whole) {
        return whole.isEmpty() || asked.then() == Then.ENDS && whole.getLast().startsWith("ok ");
    }

    static byte[] frame(RawPeer peer) throws IOException {
        byte[] length = peer.receive(2);
        byte[] header = peer.receive(ByteBuffer.wrap(length).getShort() & 0xffff);
        int content = Integer.parseInt(first(LENGTH, new String(header, StandardCharsets.UTF_8)));
        return CorpusCase.joined(length, header, peer.receive(content));
    }

    // On the loop of the server.

    /** Sends the case, and what follows it, cut at these places; the server reads each piece on its own. */
    List<String> onLoop(CorpusCase asked, int... cuts) {
        byte[] stream = asked.then() == Then.CLIENT_ENDS ? asked.bytes() : CorpusCase.joined(asked.bytes(), NEXT);
        return words(onLoop(stream, cuts));
    }

    byte[] onLoop(byte[] stream, int... cuts) {
        var pieces = new Pieces(cut(stream, cuts).iterator());
        loop.connect(server.address(), pieces);
        return pieces.received.orTimeout(WAIT_SECONDS, TimeUnit.SECONDS).join();
    }

    static List<byte[]> cut(byte[] stream, int... cuts) {
        var pieces = new ArrayList<byte[]>();
        int from = 0;
        for (int cut : cuts) {
            pieces.add(Arrays.copyOfRange(stream, from, cut));
            from = cut;
        }
        pieces.add(Arrays.copyOfRange(stream, from, stream.length));
        return pieces;
    }

    /** A client on the server's own loop: one piece in each of its turns, so that no two are read together. */
    private static final class Pieces implements Receiver {
        private final Iterator<byte[]> left;
        private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        private final CompletableFuture<byte[]> received = new CompletableFuture<>();
        private boolean over;

        Pieces(Iterator<byte[]> left) {
            this.left = left;
        }

        @Override
        public void opened(LoopConnection connection) {
            sendNext(connection);
        }

        private void sendNext(LoopConnection connection) {
            if (over) {
                return;
            }
            if (left.hasNext()) {
                connection.send(left.next());
                connection.loop().execute(() -> sendNext(connection));
            } else {
                connection.shutdownOutput();
            }
        }

        @Override
        public void bytes(LoopConnection connection, ByteBuffer some) {
            var copy = new byte[some.remaining()];
            some.get(copy);
            bytes.writeBytes(copy);
        }

        @Override
        public void ended(LoopConnection connection) {
            over = true;
            connection.close();
        }

        @Override
        public void closed(LoopConnection connection, CloseReason reason) {
            over = true;
            received.complete(bytes.toByteArray());
        }
    }
}
