package dev.parley.frame;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/**
 * Turns messages into bytes, the header as the tutorial's programs write it. It remembers the last header, as
 * {@link HeaderMemory} does on the other side: of the next one only the numbers are written anew. Not for several
 * threads.
 */
public final class FrameWriter {
    private static final int HEADER_BYTES_MAX = 0xffff;
    private static final byte[] ID = ", \"id\": ".getBytes(StandardCharsets.US_ASCII);
    private static final String LENGTH = "\"content-length\": ";

    private String byteOrder = "";
    private String contentType = "";
    private String contentEncoding = "";
    private Map<String, Object> others = Map.of();
    private byte[] beforeLength = new byte[0];
    private byte[] afterId = new byte[0];

    /** A writer for one connection, or one loop. */
    public FrameWriter() {}

    /** The bytes of one message, from a writer of its own. */
    public static ByteBuffer write(Frame frame) {
        var writer = new FrameWriter();
        ByteBuffer bytes = ByteBuffer.allocate(writer.lengthOf(frame));
        writer.put(frame, bytes);
        return bytes.flip();
    }

    /**
     * How many bytes the message takes.
     *
     * @throws IllegalArgumentException when the header is longer than a frame can say
     */
    public int lengthOf(Frame frame) {
        return 2 + headerLength(frame.header()) + frame.content().length;
    }

    /** Appends the message; there must be room for {@link #lengthOf}. */
    public void put(Frame frame, ByteBuffer to) {
        Header header = frame.header();
        to.putShort((short) headerLength(header));
        to.put(beforeLength);
        putDigits(header.contentLength(), to);
        if (header.id() != Header.NO_ID) {
            to.put(ID);
            putDigits(header.id(), to);
        }
        to.put(afterId).put(frame.content());
    }

    private int headerLength(Header header) {
        if (!isLike(header)) {
            remember(header);
        }
        int id = header.id() == Header.NO_ID ? 0 : ID.length + digits(header.id());
        int length = beforeLength.length + digits(header.contentLength()) + id + afterId.length;
        if (length > HEADER_BYTES_MAX) {
            throw new IllegalArgumentException("the header is " + length + " bytes long; at most " + HEADER_BYTES_MAX);
        }
        return length;
    }

    private boolean isLike(Header header) {
        return contentType.equals(header.contentType())
                && contentEncoding.equals(header.contentEncoding())
                && byteOrder.equals(header.byteOrder())
                && others.equals(header.others());
    }

    private void remember(Header header) {
        byteOrder = header.byteOrder();
        contentType = header.contentType();
        contentEncoding = header.contentEncoding();
        others = header.others();
        String whole = HeaderText.json(new Header(byteOrder, contentType, contentEncoding, 0, Header.NO_ID, others));
        int number = whole.indexOf(LENGTH + "0") + LENGTH.length();
        beforeLength = whole.substring(0, number).getBytes(StandardCharsets.UTF_8);
        afterId = whole.substring(number + 1).getBytes(StandardCharsets.UTF_8);
    }

    private static int digits(long number) {
        int count = 1;
        for (long rest = number; rest >= 10; rest /= 10) {
            count++;
        }
        return count;
    }

    private static void putDigits(long number, ByteBuffer to) {
        int end = to.position() + digits(number);
        int at = end;
        long rest = number;
        do {
            to.put(--at, (byte) ('0' + rest % 10));
            rest /= 10;
        } while (rest > 0);
        to.position(end);
    }
}
