package dev.parley.frame;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Turns messages into bytes. It writes the header in the form in which the tutorial's programs write it. It remembers
 * the last few headers; if the next header differs from one of them only in its numbers, only the numbers are written
 * again. ({@link HeaderCache} does the same on the receiving side.) Not safe for several threads.
 *
 * {@snippet :
 * Frame frame = Message.json("{\"action\": \"search\"}").frame();
 * var writer = new FrameWriter();
 * var bytes = new byte[writer.lengthOf(frame)];
 * int next = writer.put(frame, bytes, 0); // where a second message would begin
 * }
 */
public final class FrameWriter {
    private static final int HEADER_BYTES_MAX = 0xffff;
    private static final byte[] ID = ", \"id\": ".getBytes(StandardCharsets.US_ASCII);

    /** The number of headers that are remembered. It suffices for answers, errors, and a few types of content. */
    private static final int TEMPLATES_MAX = 4;

    private final @Nullable HeaderTemplate[] recent = new HeaderTemplate[TEMPLATES_MAX];
    private int oldest;
    private @Nullable HeaderTemplate last;
    private final Digits contentLength = new Digits();
    private final Digits id = new Digits();

    /** Makes a writer, for one connection or for all connections of one loop. */
    public FrameWriter() {}

    /**
     * {@return the bytes of one message, which a new writer writes}
     *
     * @param frame the message; the {@code contentLength} of its header must be the length of its content
     * @throws IllegalArgumentException if the header is longer than a frame can express, or has more than 64 keys
     */
    public static ByteBuffer write(Frame frame) {
        var writer = new FrameWriter();
        var bytes = new byte[writer.lengthOf(frame)];
        writer.put(frame, bytes, 0);
        return ByteBuffer.wrap(bytes);
    }

    /**
     * {@return the number of bytes that the message takes}
     *
     * @param frame the message that will be written next
     * @throws IllegalArgumentException if the header is longer than a frame can express, 65,535 bytes, or has more
     *     than 64 keys, which a reader must refuse
     */
    public int lengthOf(Frame frame) {
        return lengthOf(frame, frame.header().id());
    }

    /**
     * {@return the number of bytes that the message takes with another id}
     *
     * @param frame the message that will be written next
     * @param exchange the id to write; {@link Header#NO_ID} for none
     * @throws IllegalArgumentException if the header is longer than a frame can express, 65,535 bytes, or has more
     *     than 64 keys, which a reader must refuse
     */
    public int lengthOf(Frame frame, long exchange) {
        Header header = frame.header();
        int contentBytes = frame.contentLength();
        if (contentBytes > FrameLimits.CONTENT_BYTES_MAX) {
            throw new IllegalArgumentException(
                    "the content has " + contentBytes + " bytes; at most " + FrameLimits.CONTENT_BYTES_MAX);
        }
        return 2 + headerLength(templateOf(header), header, exchange) + contentBytes;
    }

    /**
     * Writes the message into an array. The array must have room for {@link #lengthOf} bytes.
     *
     * @param frame the message; the {@code contentLength} of its header must be the length of its content
     * @param to the array to write to
     * @param start the index of the first byte to write
     * @return the index at which the next message begins
     * @throws IllegalArgumentException if the header is longer than a frame can express, or has more than 64 keys
     */
    public int put(Frame frame, byte[] to, int start) {
        return put(frame, frame.header().id(), to, start);
    }

    /**
     * Writes the message with another id instead of its own.
     *
     * @param frame the message; the {@code contentLength} of its header must be the length of its content
     * @param exchange the id to write; {@link Header#NO_ID} for none
     * @param to the array to write to
     * @param start the index of the first byte to write
     * @return the index at which the next message begins
     * @throws IllegalArgumentException if the header is longer than a frame can express, or has more than 64 keys
     */
    public int put(Frame frame, long exchange, byte[] to, int start) {
        int at = putHeader(frame, exchange, to, start);
        frame.copyContent(to, at);
        return at + frame.contentLength();
    }

    /**
     * Writes the part of the message before the content.
     *
     * @param frame the message; the {@code contentLength} of its header must be the length of its content
     * @param exchange the id to write; {@link Header#NO_ID} for none
     * @param to the array to write to
     * @param start the index of the first byte to write
     * @return the index at which the content begins
     * @throws IllegalArgumentException if the header is longer than a frame can express, or has more than 64 keys
     */
    public int putHeader(Frame frame, long exchange, byte[] to, int start) {
        Header header = frame.header();
        HeaderTemplate template = templateOf(header);
        int headerLength = headerLength(template, header, exchange);
        to[start] = (byte) (headerLength >> 8);
        to[start + 1] = (byte) headerLength;
        int at = put(template.beforeLength(), to, start + 2);
        at = contentLength.put(to, at);
        if (exchange != Header.NO_ID) {
            at = put(ID, to, at);
            at = id.put(to, at);
        }
        return put(template.afterId(), to, at);
    }

    private static int put(byte[] from, byte[] to, int at) {
        System.arraycopy(from, 0, to, at, from.length);
        return at + from.length;
    }

    private int headerLength(HeaderTemplate template, Header header, long exchange) {
        int keys = template.keys() + (exchange == Header.NO_ID ? 0 : 1);
        if (keys > FrameLimits.HEADER_KEYS_MAX) {
            throw new IllegalArgumentException("the header has " + keys + " keys; at most "
                    + FrameLimits.HEADER_KEYS_MAX + ": put further values into the content");
        }
        int idLength = exchange == Header.NO_ID ? 0 : ID.length + id.of(exchange);
        int length = template.beforeLength().length
                + contentLength.of(header.contentLength())
                + idLength
                + template.afterId().length;
        if (length > HEADER_BYTES_MAX) {
            throw new IllegalArgumentException("the header is " + length + " bytes long; at most " + HEADER_BYTES_MAX
                    + ": put large values into the content");
        }
        return length;
    }

    private HeaderTemplate templateOf(Header header) {
        HeaderTemplate now = last;
        if (now == null || !now.isOf(header)) {
            now = remembered(header);
            last = now;
        }
        return now;
    }

    private HeaderTemplate remembered(Header header) {
        for (HeaderTemplate each : recent) {
            if (each != null && each.isOf(header)) {
                return each;
            }
        }
        var made = new HeaderTemplate(header);
        if (made.length() <= HeaderCache.BYTES_MAX) {
            recent[oldest] = made;
            oldest = (oldest + 1) % TEMPLATES_MAX;
        }
        return made;
    }

    /** The digits of the number that was written last; the next number is often the same. */
    private static final class Digits {
        private final byte[] bytes = new byte[20];
        private long number;
        private int start = bytes.length - 1;

        Digits() {
            bytes[start] = '0';
        }

        /** Converts a number to digits, for {@link #put}, and returns the number of digits. */
        int of(long wanted) {
            if (wanted != number) {
                number = wanted;
                start = bytes.length;
                long rest = wanted;
                do {
                    bytes[--start] = (byte) ('0' + rest % 10);
                    rest /= 10;
                } while (rest > 0);
            }
            return bytes.length - start;
        }

        int put(byte[] to, int at) {
            int count = bytes.length - start;
            System.arraycopy(bytes, start, to, at, count);
            return at + count;
        }
    }
}
