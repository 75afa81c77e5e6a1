package dev.parley.frame;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Takes bytes as they come, in any pieces, and gives whole messages.
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
 * var reader = new FrameReader(FrameLimits.DEFAULT, Direction.REQUEST);
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
 * <p>Memory follows the bytes received, never a length announced; each byte is copied at most twice. Not for several
 * threads. After {@link Broken} or {@link Foreign} it is of no more use.
 */
public final class FrameReader {
    private static final int FIRST_CAPACITY = 256;
    private static final byte[] NONE = {};

    /** What came of the bytes so far. */
    public sealed interface Result permits NotYet, Whole, Refused, Broken, Foreign {}

    /** All bytes are taken, and the message is not complete. */
    public record NotYet() implements Result {}

    /**
     * A message.
     *
     * @param frame its header and content
     */
    public record Whole(Frame frame) implements Result {}

    /**
     * A message that must be answered with an error; its content is skipped, and the next one can be read (mark E).
     *
     * @param error what to answer
     * @param id of the message; {@link Header#NO_ID} where it has none
     * @param more whether further messages of its exchange follow
     * @param oneWay whether it wants no response at all, not even an error
     */
    public record Refused(FrameException error, long id, boolean more, boolean oneWay) implements Result {}

    /**
     * The boundary of the next message cannot be trusted (mark X).
     *
     * @param error what to answer before the connection ends
     */
    public record Broken(FrameException error) implements Result {}

    /**
     * The peer speaks another protocol (mark C; HTTP gets a page).
     *
     * @param protocol a guess
     */
    public record Foreign(ForeignProtocol protocol) implements Result {}

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
    private final HeaderCache memory = new HeaderCache();
    private Part part = Part.LENGTH;
    private int lengthBytes;
    private int headerLength;
    private byte[] headerBytes = new byte[FIRST_CAPACITY];
    private int headerCount;
    private int contentLength;

    /** Null while nothing of a content has come, and where all of it comes at once. */
    private @Nullable ContentBuffer gathered;

    private int skipLeft;
    private @Nullable Header header;
    private boolean packed;
    private final boolean unpacks;
    private final @Nullable ContentPool lentContents;
    private @Nullable Whole lentWhole;

    /**
     * A reader for the messages of one connection that come this way.
     *
     * @param limits how long a message may be
     * @param direction whether requests or responses come
     */
    public FrameReader(FrameLimits limits, Direction direction) {
        this(limits, direction, null);
    }

    /**
     * A reader that lends its frames where it can: such a one is valid until the next is read, by any reader of this
     * thread, and {@link Frame#kept} makes one to keep.
     *
     * @param limits how long a message may be
     * @param direction whether requests or responses come
     * @param lent those of the thread that reads; null to lend nothing
     */
    public FrameReader(FrameLimits limits, Direction direction, @Nullable ContentPool lent) {
        this(limits, direction, lent, true);
    }

    private FrameReader(FrameLimits limits, Direction direction, @Nullable ContentPool lent, boolean unpacks) {
        this.limits = limits;
        this.direction = direction;
        this.lentContents = lent;
        this.unpacks = unpacks;
    }

    /**
     * {@return a reader that leaves compressed contents as they are: {@link Frame#unpacked} costs as much as the sender
     * likes, and is for another thread than a loop's}
     *
     * @param limits how long a message may be
     * @param direction whether requests or responses come
     * @param lent those of the thread that reads; null to lend nothing
     */
    public static FrameReader leavingPacked(FrameLimits limits, Direction direction, @Nullable ContentPool lent) {
        return new FrameReader(limits, direction, lent, false);
    }

    /** {@return whether a message has begun and is not complete: an end of stream here has cut it off} */
    public boolean isInsideFrame() {
        return part == Part.LENGTH ? lengthBytes > 0 : part != Part.UNUSABLE;
    }

    /** {@return how much memory the message that has begun takes by now, beside what every reader has} */
    public int heldBytes() {
        int contentBytes = gathered == null ? 0 : gathered.heldBytes();
        return contentBytes + Math.max(0, headerBytes.length - FIRST_CAPACITY);
    }

    /** {@return whether the header of the message that has begun is still awaited} */
    public boolean isInsideHeader() {
        return part == Part.HEADER || part == Part.LENGTH && lengthBytes > 0;
    }

    /** {@return how many bytes of the header, or else of the content, have come of the message that has begun} */
    public int partBytes() {
        return switch (part) {
            case LENGTH, HEADER, UNUSABLE -> lengthBytes + headerCount;
            case CONTENT -> gathered == null ? 0 : gathered.count();
            case SKIPPING -> contentLength - skipLeft;
        };
    }

    /** {@return how many bytes that part has in all; 0 while the length of the header has not come} */
    public int partLength() {
        return switch (part) {
            case LENGTH -> 0;
            case HEADER, UNUSABLE -> lengthBytes + headerLength;
            case CONTENT, SKIPPING -> contentLength;
        };
    }

    /**
     * Takes bytes up to the end of one message, or all of them.
     *
     * @param bytes as many as there are; its position moves by what was taken
     * @return what came of it; where it is not {@link NotYet}, bytes of the next message may be left
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
        int count = Math.min(headerLength - headerCount, bytes.remaining());
        headerBytes = withRoom(headerBytes, headerCount + count, headerLength);
        bytes.get(headerBytes, headerCount, count);
        headerCount += count;
        return headerCount < headerLength ? NOT_YET : headerDone();
    }

    /** Only here does the length count: what is no message has a length by accident. */
    private Result judgeThirdByte(int third) {
        if (third != '{') {
            part = Part.UNUSABLE;
            return new Foreign(ForeignProtocol.guess(headerLength >> 8, headerLength & 0xff, third));
        }
        if (headerLength > limits.headerBytesMax()) {
            return broken(FrameException.fatal(
                    ErrorCode.HEADER_TOO_LARGE,
                    "the header length is " + headerLength + "; the limit is " + limits.headerBytesMax()
                            + " bytes: " + (isTurnedRound() ? "is the length little-endian? " : "")
                            + "put what is large into the content"));
        }
        return NOT_YET;
    }

    /** A header is 64 bytes at least and seldom 512; so long a one would be if its length came the other way round. */
    private boolean isTurnedRound() {
        int swapped = (headerLength & 0xff) << 8 | headerLength >> 8;
        return swapped >= 64 && swapped <= 512;
    }

    private Result headerDone() {
        Header same = memory.recall(headerBytes, headerLength, limits);
        if (same != null) {
            return contentFollows(same);
        }
        int length = -1;
        long id = Header.NO_ID;
        boolean more = false;
        boolean oneWay = false;
        try {
            HeaderJson json = HeaderJson.parse(ByteBuffer.wrap(headerBytes, 0, headerLength));
            var fields = new HeaderFields(json.members(), limits, direction);
            length = fields.contentLength();
            id = fields.id(length);
            more = fields.isMore();
            oneWay = fields.isOneWay();
            fields.checkContentLength(length, id);
            Header parsed = fields.header(length, id);
            memory.remember(headerBytes, headerLength, json, parsed);
            return contentFollows(parsed);
        } catch (FrameException e) {
            if (!e.boundaryKnown()) {
                return broken(e);
            }
            skipContent(length);
            return new Refused(e, id, more, oneWay);
        }
    }

    private Result contentFollows(Header next) {
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
            return lend(of, whole);
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

    /** Nothing more comes: what has come of a message that is not complete is dropped. */
    public void drop() {
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

    /** Nearly always the header and the array are those of the message before, and so is all that holds them. */
    @SuppressWarnings("ReferenceEquality") // the same objects are meant, and not equal ones
    private Whole lend(Header of, byte[] content) {
        Whole last = lentWhole;
        if (last != null && last.frame().header() == of && last.frame().content() == content) {
            last.frame().renew();
            return last;
        }
        var whole = new Whole(new Frame(of, content, true));
        lentWhole = whole;
        return whole;
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

    /** Doubled as bytes come, so that each is copied once more at most, and never beyond what is wanted. */
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
        if (headerBytes.length > HeaderCache.BYTES_MAX) {
            headerBytes = NONE; // long ones are rare, and so many connections may be open
        }
        drop();
        header = null;
    }

    private Broken broken(FrameException error) {
        part = Part.UNUSABLE;
        return new Broken(error);
    }
}
