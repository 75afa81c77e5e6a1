package dev.parley.frame;

import dev.parley.frame.Header.Direction;
import dev.parley.memory.ContentBuffer;
import dev.parley.memory.ContentPool;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Decides where each message in a stream of bytes begins and ends. It takes the bytes as they arrive, in pieces of any
 * size, and returns whole messages.
 *
 * <pre>
 * +----------------+----------------------------+------------------------+
 * | header length  | header                     | content                |
 * | 2 bytes,       | that many bytes:           | content-length bytes   |
 * | unsigned,      | one JSON object in UTF-8   |                        |
 * | big-endian     |                            |                        |
 * +----------------+----------------------------+------------------------+
 *   &gt;= 2, &lt;= max      first byte is {
 * </pre>
 *
 * {@snippet :
 * var reader = new FrameReader(FrameLimits.DEFAULT, Header.Direction.REQUEST);
 * ByteBuffer bytes = FrameWriter.write(Message.text("Hello").frame()); // as they come from a connection
 * while (bytes.hasRemaining()) {
 *     switch (reader.read(bytes)) {
 *         case FrameReader.NotYet _ -> System.out.println("more bytes are needed");
 *         case FrameReader.Whole whole -> System.out.println(whole.frame().content().length + " bytes");
 *         case FrameReader.Refused refused -> System.out.println("answer " + refused.error().code());
 *         case FrameReader.Broken _, FrameReader.Foreign _ -> System.out.println("close the connection");
 *     }
 * }
 * }
 *
 * <p>The steps are those of docs/protocol.md, section 3.
 *
 * <p>The memory of a reader grows with the bytes that it has received, never with a length that the peer has announced.
 * Each byte is copied at most twice. A reader is not safe for several threads. After {@link Broken} or {@link Foreign},
 * the reader cannot be used any more.
 */
public final class FrameReader {
    private static final int FIRST_CAPACITY = 256;
    private static final byte[] NONE = {};

    /** The result of reading bytes. */
    public sealed interface Result permits NotYet, Whole, Refused, Broken, Foreign {}

    /** All bytes were taken, but the message is not complete yet. */
    public record NotYet() implements Result {}

    /**
     * A whole message.
     *
     * @param frame its header and content
     */
    public record Whole(Frame frame) implements Result {}

    /**
     * A message that must get an error as its response (mark E). Its content is skipped, and the next message can be
     * read.
     *
     * @param error the error to respond with
     * @param id the id of the message; {@link Header#NO_ID} if it has none
     * @param more whether further messages of its exchange follow
     * @param oneWay whether its sender wants no response at all, not even an error
     */
    public record Refused(FrameException error, long id, boolean more, boolean oneWay) implements Result {}

    /**
     * The boundary of the next message cannot be trusted (mark X).
     *
     * @param error the error to respond with before the connection ends
     */
    public record Broken(FrameException error) implements Result {}

    /**
     * The peer speaks another protocol, since the third byte is not the beginning of a header (mark C). The connection
     * is closed; an HTTP client gets a page first.
     *
     * @param first the first byte, 0 to 255
     * @param second the second byte, 0 to 255
     * @param third the third byte, 0 to 255
     */
    public record Foreign(int first, int second, int third) implements Result {
        /** {@return the three bytes as text in ISO 8859-1} */
        public String text() {
            return new String(new byte[] {(byte) first, (byte) second, (byte) third}, StandardCharsets.ISO_8859_1);
        }
    }

    private static final NotYet NOT_YET = new NotYet();

    private enum Part {
        LENGTH,
        HEADER,
        CONTENT,
        SKIPPING,
        UNUSABLE
    }

    private final FrameLimits limits;
    private final Direction direction;
    private final ReaderMemory memory;

    /**
     * The last header that was parsed in full, for comparison with the next one. Null if there is none that may be
     * compared.
     */
    private @Nullable KnownHeader known;

    private Part part = Part.LENGTH;
    private int lengthBytes;
    private int headerLength;

    /** The part of the header that has arrived. Empty if nothing of it has arrived, or if all of it arrived at once. */
    private byte[] headerBytes = NONE;

    private int headerCount;
    private int contentLength;

    /** The part of the content that has arrived. Null if nothing of it has arrived, or if all of it arrived at once. */
    private @Nullable ContentBuffer gathered;

    private int skipLeft;
    private @Nullable Header header;
    private boolean packed;
    private final boolean unpacks;
    private final @Nullable ContentPool lentContents;

    /**
     * Makes a reader for the messages of one connection that arrive in this direction.
     *
     * @param limits the limits on the length of a message
     * @param direction whether requests or responses arrive
     */
    public FrameReader(FrameLimits limits, Direction direction) {
        this(limits, direction, null);
    }

    /**
     * Makes a reader that lends its frames if it can. A lent frame is only valid until any reader of this thread reads
     * the next message; {@link Frame#kept} returns a frame that can be kept. This constructor is for the layers above.
     *
     * @param limits the limits on the length of a message
     * @param direction whether requests or responses arrive
     * @param lent the pool of the thread that reads; null to lend nothing
     */
    public FrameReader(FrameLimits limits, Direction direction, @Nullable ContentPool lent) {
        this(limits, direction, lent, true);
    }

    private FrameReader(FrameLimits limits, Direction direction, @Nullable ContentPool lent, boolean unpacks) {
        this.limits = limits;
        this.direction = direction;
        this.lentContents = lent;
        this.memory = ReaderMemory.of(lent);
        this.unpacks = unpacks;
    }

    /**
     * {@return a reader that leaves compressed contents compressed, so that another thread can uncompress them} The
     * sender of a content determines how much {@link Frame#unpacked} costs, so it must not run on a loop's thread.
     *
     * @param limits the limits on the length of a message
     * @param direction whether requests or responses arrive
     * @param lent the pool of the thread that reads; null to lend nothing
     */
    public static FrameReader leavingPacked(FrameLimits limits, Direction direction, @Nullable ContentPool lent) {
        return new FrameReader(limits, direction, lent, false);
    }

    /** {@return whether a message has begun and is not complete; if the stream ends here, the message is cut off} */
    public boolean isInsideFrame() {
        return part == Part.LENGTH ? lengthBytes > 0 : part != Part.UNUSABLE;
    }

    /**
     * {@return the number of bytes of memory that the incomplete message takes now, in addition to the memory of the
     * reader itself}
     */
    public int heldBytes() {
        int contentBytes = gathered == null ? 0 : gathered.heldBytes();
        return contentBytes + headerBytes.length;
    }

    /** {@return whether a message has begun, and its header is not complete} */
    public boolean isInsideHeader() {
        return part == Part.HEADER || part == Part.LENGTH && lengthBytes > 0;
    }

    /**
     * {@return the number of bytes that have arrived of the current part of a message: of its header, including the two
     * bytes of its length; or, if the header is complete, of its content}
     */
    public int partBytes() {
        return switch (part) {
            case LENGTH, HEADER, UNUSABLE -> lengthBytes + headerCount;
            case CONTENT -> gathered == null ? 0 : gathered.count();
            case SKIPPING -> contentLength - skipLeft;
        };
    }

    /**
     * {@return the full length of the current part, as for {@link #partBytes}; 0 while the length of the header is not
     * known}
     */
    public int partLength() {
        return switch (part) {
            case LENGTH -> 0;
            case HEADER, UNUSABLE -> lengthBytes + headerLength;
            case CONTENT, SKIPPING -> contentLength;
        };
    }

    /**
     * Takes bytes up to the end of one message, or all bytes if no message ends in them.
     *
     * @param bytes all bytes that have arrived; the position moves by the number of bytes that were taken
     * @return the result; if it is not {@link NotYet}, bytes of the next message may be left
     * @throws IllegalStateException after {@link Broken} or {@link Foreign}
     */
    public Result read(ByteBuffer bytes) {
        while (bytes.hasRemaining() || part == Part.CONTENT && contentLength == 0) {
            Result result =
                    switch (part) {
                        case LENGTH -> readLength(bytes);
                        case HEADER -> readHeader(bytes);
                        case CONTENT -> readContent(bytes);
                        case SKIPPING -> skip(bytes);
                        case UNUSABLE -> throw new IllegalStateException("read after the end");
                    };
            if (!(result instanceof NotYet)) {
                return result;
            }
        }
        return NOT_YET;
    }

    private Result readLength(ByteBuffer bytes) {
        headerLength = headerLength << 8 | bytes.get() & 0xff;
        lengthBytes++;
        if (lengthBytes == 2) {
            if (headerLength < 2) {
                return broken(FrameException.fatal(
                        ErrorCode.BAD_FRAME,
                        "the header length is " + headerLength + "; a header has at least 2 bytes"
                                + (headerLength == 0 ? "; is the length of 4 bytes, or of 8? it has 2" : "")));
            }
            part = Part.HEADER;
        }
        return NOT_YET;
    }

    private Result readHeader(ByteBuffer bytes) {
        if (headerCount == 0) {
            Result refusal = judgeThirdByte(bytes.get(bytes.position()) & 0xff);
            if (!(refusal instanceof NotYet)) {
                return refusal;
            }
        }
        if (headerCount == 0 && headerLength <= Math.min(bytes.remaining(), HeaderCache.BYTES_MAX)) {
            bytes.get(memory.header(), 0, headerLength);
            headerCount = headerLength;
            return headerDone(memory.header());
        }
        int count = Math.min(headerLength - headerCount, bytes.remaining());
        headerBytes = withRoom(headerBytes, headerCount + count, headerLength);
        bytes.get(headerBytes, headerCount, count);
        headerCount += count;
        return headerCount < headerLength ? NOT_YET : headerDone(headerBytes);
    }

    /**
     * Checks the third byte first, and then the length: if the bytes are of another protocol, the length is
     * meaningless.
     */
    private Result judgeThirdByte(int third) {
        if (third != '{') {
            part = Part.UNUSABLE;
            return new Foreign(headerLength >> 8, headerLength & 0xff, third);
        }
        if (headerLength > limits.headerBytesMax()) {
            return broken(FrameException.fatal(
                    ErrorCode.HEADER_TOO_LARGE,
                    "the header length is " + headerLength + "; the limit is " + limits.headerBytesMax()
                            + " bytes: " + (isTurnedRound() ? "is the length little-endian? " : "")
                            + "put large values into the content"));
        }
        return NOT_YET;
    }

    /**
     * Returns true if the length would be plausible with its two bytes swapped. Then the peer probably wrote the length
     * little-endian. A header has at least 64 bytes, and rarely more than 512.
     */
    private boolean isTurnedRound() {
        int swapped = (headerLength & 0xff) << 8 | headerLength >> 8;
        return swapped >= 64 && swapped <= 512;
    }

    private Result headerDone(byte[] raw) {
        Header same = memory.headers().recall(known, raw, headerLength, limits);
        if (same != null) {
            return contentFollows(same);
        }
        int length = -1;
        long id = Header.NO_ID;
        boolean more = false;
        boolean oneWay = false;
        try {
            HeaderJson json = HeaderJson.parse(ByteBuffer.wrap(raw, 0, headerLength));
            var fields = new HeaderFields(json.members(), limits, direction);
            length = fields.contentLength();
            id = fields.id(length);
            more = fields.isMore();
            oneWay = fields.isOneWay();
            fields.checkContentLength(length, id);
            Header parsed = fields.header(length, id);
            known = memory.headers().remember(raw, headerLength, direction, json, parsed);
            return contentFollows(known == null ? parsed : known.header());
        } catch (FrameException e) {
            if (!e.boundaryKnown()) {
                return broken(e);
            }
            skipContent(length);
            return new Refused(e, id, more, oneWay);
        }
    }

    private Result contentFollows(Header next) {
        headerBytes = NONE; // rarely needed, and there may be many connections, so it is not kept
        header = next;
        part = Part.CONTENT;
        contentLength = next.contentLength();
        packed = !next.others().isEmpty() && next.others().containsKey(Header.CONTENT_CODING);
        return NOT_YET;
    }

    private void skipContent(int length) {
        startNext();
        if (length > 0) {
            part = Part.SKIPPING;
            contentLength = length;
            skipLeft = length;
        }
    }

    private Result readContent(ByteBuffer bytes) {
        ContentBuffer before = gathered;
        int come = before == null ? 0 : before.count();
        int left = contentLength - come;
        if (bytes.remaining() < left) {
            gather().add(bytes, bytes.remaining());
            return NOT_YET;
        }
        boolean lending = mayLend();
        byte[] whole = lending ? Objects.requireNonNull(lentContents).ofLength(contentLength) : arrayOf(contentLength);
        if (before != null) {
            before.copyTo(whole);
        }
        bytes.get(whole, come, left);
        Header of = Objects.requireNonNull(header);
        boolean unpack = packed && unpacks;
        startNext();
        if (lending) {
            return memory.lend(of, whole);
        }
        return unpack ? unpacked(of, whole) : new Whole(new Frame(of, whole));
    }

    private static byte[] arrayOf(int length) {
        return length == 0 ? NONE : new byte[length];
    }

    private boolean mayLend() {
        return lentContents != null
                && contentLength <= ContentPool.BYTES_MAX
                && headerLength <= HeaderCache.BYTES_MAX
                && !packed;
    }

    private ContentBuffer gather() {
        ContentBuffer now = gathered;
        if (now == null) {
            now = lentContents == null ? new ContentBuffer(null) : lentContents.gather();
            gathered = now;
        }
        return now;
    }

    /** Drops the part of an incomplete message that has arrived. Called when no more bytes will follow. */
    public void drop() {
        headerBytes = NONE;
        ContentBuffer now = gathered;
        if (now != null) {
            gathered = null;
            if (lentContents != null) {
                lentContents.giveBack(now);
            }
        }
    }

    private Result unpacked(Header of, byte[] whole) {
        try {
            return new Whole(new Frame(of, whole).unpacked(limits.contentBytesMax()));
        } catch (FrameException e) {
            return new Refused(e, of.id(), of.hasMore(), of.isOneWay());
        }
    }

    private Result skip(ByteBuffer bytes) {
        int count = Math.min(skipLeft, bytes.remaining());
        bytes.position(bytes.position() + count);
        skipLeft -= count;
        if (skipLeft == 0) {
            startNext();
        }
        return NOT_YET;
    }

    /**
     * Returns the array itself if it has room for the needed bytes. Otherwise returns a longer copy. The copy is at
     * least twice as long, so that the average byte is copied at most once more, but never longer than the wanted
     * length.
     */
    private static byte[] withRoom(byte[] array, int needed, int wanted) {
        if (needed <= array.length) {
            return array;
        }
        int doubled = Math.max(needed, Math.max(FIRST_CAPACITY, 2 * array.length));
        return Arrays.copyOf(array, Math.min(wanted, doubled));
    }

    private void startNext() {
        part = Part.LENGTH;
        lengthBytes = 0;
        headerLength = 0;
        headerCount = 0;
        drop();
        header = null;
    }

    private Broken broken(FrameException error) {
        part = Part.UNUSABLE;
        return new Broken(error);
    }
}
