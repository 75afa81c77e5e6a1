package dev.parley.tests.bed;

import dev.parley.Message;
import dev.parley.frame.FrameLimits;
import dev.parley.frame.FrameReader;
import dev.parley.frame.FrameWriter;
import dev.parley.frame.Header;
import dev.parley.frame.Header.Direction;
import dev.parley.net.Address;
import dev.parley.testkit.RawPeer;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.regex.Pattern;

/** A peer that sends and receives messages one by one, in just the order that a test wants. */
public final class MessagePeer implements AutoCloseable {
    private static final Pattern CONTENT_LENGTH = Pattern.compile("\"content-length\": (\\d+)");

    public final RawPeer raw;
    private final FrameReader reader;
    private boolean answersWhoItIs;

    private MessagePeer(RawPeer raw, Direction reads, boolean answersWhoItIs) {
        this.raw = raw;
        this.answersWhoItIs = answersWhoItIs;
        this.reader = new FrameReader(
                FrameLimits.DEFAULT.withHeaderBytesMax(65_535).withContentBytesMax(16 * 1024 * 1024), reads);
    }

    /** Connects a client. */
    public static MessagePeer connect(Address address) throws IOException {
        return new MessagePeer(RawPeer.connect(address), Direction.RESPONSE, false);
    }

    /** Returns a server's end of a connection, which answers who it is by itself, and returns what comes after that. */
    public static MessagePeer of(RawPeer accepted) {
        return new MessagePeer(accepted, Direction.REQUEST, true);
    }

    /** Returns a server's end of a connection that leaves all answers to the test. */
    public static MessagePeer unknown(RawPeer accepted) {
        return new MessagePeer(accepted, Direction.REQUEST, false);
    }

    public static byte[] bytes(Message message) {
        ByteBuffer frame = FrameWriter.write(message.frame());
        var bytes = new byte[frame.remaining()];
        frame.get(bytes);
        return bytes;
    }

    /** Returns a request for an action; without an id if that is 0. */
    public static Message request(long id, String action, Message content) {
        return content.going(Direction.REQUEST, id).with("action", action);
    }

    /** Returns the message with a key that may be wrong, which {@link Message#with} would refuse. */
    public static Message unchecked(Message message, String key, Object value) {
        return Message.of(message.frame().with(message.header().with(key, value)));
    }

    public MessagePeer send(Message message) throws IOException {
        raw.send(bytes(message));
        return this;
    }

    /** Returns the next message; throws if the stream ends before it. */
    public Message receive() throws IOException {
        Message next = receiveAny();
        if (!answersWhoItIs) {
            return next;
        }
        answersWhoItIs = false;
        if (!"parley.peer".equals(next.header().text("action"))) {
            return next;
        }
        send(Message.json("{\"result\": \"parley\"}")
                .going(Direction.RESPONSE, next.header().id()));
        return receiveAny();
    }

    /** Returns the next message that is an answer: a server whose client lets it wait sends controls between them. */
    public Message receiveAnswer() throws IOException {
        Message next = receive();
        while (next.header().text(Header.CONTROL) != null) {
            next = receive();
        }
        return next;
    }

    private Message receiveAny() throws IOException {
        byte[] length = raw.receive(2);
        byte[] header = raw.receive(ByteBuffer.wrap(length).getShort() & 0xffff);
        var contentLength = CONTENT_LENGTH.matcher(new String(header, StandardCharsets.UTF_8));
        byte[] content = contentLength.find() ? raw.receive(Integer.parseInt(contentLength.group(1))) : length;
        ByteBuffer frame = ByteBuffer.allocate(2 + header.length + content.length);
        FrameReader.Result result =
                reader.read(frame.put(length).put(header).put(content).flip());
        return Message.of(((FrameReader.Whole) result).frame());
    }

    @Override
    public void close() throws IOException {
        raw.close();
    }
}
