package dev.parley.frame;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.zip.CRC32;
import java.util.zip.DataFormatException;
import java.util.zip.GZIPOutputStream;
import java.util.zip.Inflater;

/**
 * Compresses and uncompresses content as one gzip member (RFC 1952), up to a limit that the caller gives. The limit on
 * the length of a content is checked during decompression, since a small compressed content can become very large.
 */
final class Gzip {
    private static final int HEADER_BYTES = 10;
    private static final int TRAILER_BYTES = 8;
    private static final int FIRST_BYTES = 4 * 1024;
    private static final int HEADER_CRC = 2;
    private static final int EXTRA = 4;
    private static final int NAME = 8;
    private static final int COMMENT = 16;
    private static final int RESERVED = 0xe0;

    private final ByteBuffer packed;
    private final int bytesMax;

    private Gzip(byte[] packed, int bytesMax) {
        this.packed = ByteBuffer.wrap(packed).order(ByteOrder.LITTLE_ENDIAN);
        this.bytesMax = bytesMax;
    }

    /**
     * {@return these bytes as one gzip member}
     *
     * @param content bytes of any length
     */
    static byte[] pack(byte[] content) {
        var bytes = new ByteArrayOutputStream(content.length / 2 + HEADER_BYTES + TRAILER_BYTES);
        try (var out = new GZIPOutputStream(bytes)) {
            out.write(content);
        } catch (IOException e) {
            throw new UncheckedIOException(e); // impossible, since only memory is read and written
        }
        return bytes.toByteArray();
    }

    /**
     * Returns the content of the gzip member.
     *
     * @param bytesMax the maximum number of bytes of the content
     */
    static byte[] unpack(byte[] packed, int bytesMax) throws FrameException {
        var gzip = new Gzip(packed, bytesMax);
        if (packed.length < HEADER_BYTES + TRAILER_BYTES) {
            throw gzip.bad();
        }
        gzip.skipHeader();
        return gzip.inflate();
    }

    private FrameException bad() {
        return FrameException.refused(ErrorCode.BAD_CONTENT, "the content is not one whole member of gzip");
    }

    private void skipHeader() throws FrameException {
        boolean isGzip = packed.getShort(0) == (short) 0x8b1f && packed.get(2) == 8;
        int flags = packed.get(3) & 0xff;
        if (!isGzip || (flags & RESERVED) != 0) {
            throw bad();
        }
        packed.position(HEADER_BYTES);
        if ((flags & EXTRA) != 0) {
            skip(2);
            skip(packed.getShort(packed.position() - 2) & 0xffff);
        }
        if ((flags & NAME) != 0) {
            skipText();
        }
        if ((flags & COMMENT) != 0) {
            skipText();
        }
        if ((flags & HEADER_CRC) != 0) {
            skip(2);
        }
    }

    private void skip(int bytes) throws FrameException {
        if (packed.remaining() < bytes) {
            throw bad();
        }
        packed.position(packed.position() + bytes);
    }

    private void skipText() throws FrameException {
        do {
            skip(1);
        } while (packed.get(packed.position() - 1) != 0);
    }

    private byte[] inflate() throws FrameException {
        var inflater = new Inflater(true);
        try {
            inflater.setInput(packed);
            var content = new byte[Math.min(bytesMax, FIRST_BYTES)];
            int count = 0;
            while (!inflater.finished()) {
                if (count == content.length) {
                    content = grown(content, inflater);
                }
                int more = inflater.inflate(content, count, content.length - count);
                if (more == 0 && !inflater.finished() && count < content.length) {
                    throw bad(); // the content is cut off, or needs a dictionary
                }
                count += more;
            }
            checkTrailer(content, count);
            return count == content.length ? content : Arrays.copyOf(content, count);
        } catch (DataFormatException e) {
            throw bad();
        } finally {
            inflater.end();
        }
    }

    /**
     * Returns a larger array for the content. If the limit is reached, checks that the content ends without another
     * byte, and returns the same array.
     */
    private byte[] grown(byte[] content, Inflater inflater) throws FrameException, DataFormatException {
        if (content.length < bytesMax) {
            return Arrays.copyOf(content, (int) Math.min(bytesMax, 2L * content.length));
        }
        if (inflater.inflate(new byte[1]) > 0) {
            throw FrameException.refused(
                    ErrorCode.CONTENT_TOO_LARGE, "the content unpacked is above the limit of " + bytesMax + " bytes");
        }
        if (!inflater.finished()) {
            throw bad();
        }
        return content;
    }

    private void checkTrailer(byte[] content, int count) throws FrameException {
        var crc = new CRC32();
        crc.update(content, 0, count);
        boolean good = packed.remaining() == TRAILER_BYTES
                && packed.getInt() == (int) crc.getValue()
                && packed.getInt() == count;
        if (!good) {
            throw bad();
        }
    }
}
