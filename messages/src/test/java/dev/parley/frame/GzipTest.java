package dev.parley.frame;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.parley.frame.Header.Direction;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.zip.CRC32;
import java.util.zip.Deflater;
import org.junit.jupiter.api.Test;

/** Tests that one member of gzip is read, no more and no less, and never more than the limit. */
class GzipTest {
    private static final int MEBIBYTE = 1024 * 1024;

    private static byte[] unpack(byte[] packed) throws FrameException {
        return Gzip.unpack(packed, MEBIBYTE);
    }

    private static void assertRefused(ErrorCode code, byte[] packed, int limit) {
        assertThatThrownBy(() -> Gzip.unpack(packed, limit)).isInstanceOfSatisfying(FrameException.class, e -> {
            assertThat(e.code()).isEqualTo(code);
            assertThat(e.boundaryKnown()).isTrue();
        });
    }

    @Test
    void whatIsPackedIsUnpacked() throws FrameException {
        var random = new SplittableRandom(7);
        for (int length : new int[] {0, 1, 100, 4_095, 4_096, 4_097, 100_000, MEBIBYTE}) {
            var content = new byte[length];
            random.nextBytes(content);
            assertThat(unpack(Gzip.pack(content))).isEqualTo(content);
            assertThat(unpack(Gzip.pack(new byte[length]))).isEqualTo(new byte[length]);
        }
    }

    private static Frame frame(byte[] content) {
        return new Frame(new Header("little", "x", "binary", content.length, 3, Map.of()), content);
    }

    @Test
    void aFrameIsPackedIfThatMakesItShorter() throws FrameException {
        Frame zeros = frame(new byte[100_000]);
        Frame packed = zeros.packed();
        assertThat(packed.isPacked()).isTrue();
        assertThat(packed.contentLength())
                .isEqualTo(packed.header().contentLength())
                .isLessThan(1_000);
        assertThat(packed.packed()).isSameAs(packed);
        Frame unpacked = packed.unpacked(MEBIBYTE);
        assertThat(unpacked.content()).isEqualTo(zeros.content());
        assertThat(unpacked.header()).isEqualTo(zeros.header());
        assertThat(unpacked.unpacked(0)).isSameAs(unpacked);
        Frame one = frame(new byte[] {1});
        assertThat(one.packed()).isSameAs(one);
    }

    @Test
    void aFrameRemembersItsLengthOnTheWire() throws FrameException {
        Frame packed = frame(new byte[100_000]).packed();
        Frame unpacked = packed.unpacked(MEBIBYTE);
        assertThat(unpacked.contentLength()).isEqualTo(100_000);
        assertThat(unpacked.wireLength()).isEqualTo(packed.contentLength()).isEqualTo(packed.wireLength());
        assertThat(unpacked.with(unpacked.header().going(Direction.REQUEST, 9)).wireLength())
                .isEqualTo(packed.contentLength());
        assertThat(unpacked.kept().wireLength()).isEqualTo(packed.contentLength());
    }

    @Test
    void theLimitCountsWhatIsUnpacked() throws FrameException {
        byte[] packed = Gzip.pack(new byte[MEBIBYTE]);
        assertThat(Gzip.unpack(packed, MEBIBYTE)).hasSize(MEBIBYTE);
        for (int limit : new int[] {0, 1, 4_096, MEBIBYTE - 1}) {
            assertRefused(ErrorCode.CONTENT_TOO_LARGE, packed, limit);
        }
        assertThat(Gzip.unpack(Gzip.pack(new byte[0]), 0)).isEmpty();
    }

    @Test
    void everyCutAndEveryByteThatCountsIsNoticed() {
        byte[] packed = Gzip.pack("Hello, hello, hello".getBytes(StandardCharsets.US_ASCII));
        for (int length = 0; length < packed.length; length++) {
            assertRefused(ErrorCode.BAD_CONTENT, Arrays.copyOf(packed, length), MEBIBYTE);
        }
        assertRefused(ErrorCode.BAD_CONTENT, Arrays.copyOf(packed, packed.length + 1), MEBIBYTE);
        for (int at : new int[] {0, 1, 2, packed.length - 8, packed.length - 1}) {
            byte[] wrong = packed.clone();
            wrong[at] ^= 1;
            assertRefused(ErrorCode.BAD_CONTENT, wrong, MEBIBYTE);
        }
        byte[] reserved = packed.clone();
        reserved[3] = (byte) 0x80;
        assertRefused(ErrorCode.BAD_CONTENT, reserved, MEBIBYTE);
        byte[] invalid = packed.clone();
        invalid[10] = 7; // a block of a kind that there is not
        assertRefused(ErrorCode.BAD_CONTENT, invalid, MEBIBYTE);
    }

    @Test
    void twoMembersAreOneTooMany() {
        var two = new ByteArrayOutputStream();
        two.writeBytes(Gzip.pack(new byte[] {1}));
        two.writeBytes(Gzip.pack(new byte[] {2}));
        assertRefused(ErrorCode.BAD_CONTENT, two.toByteArray(), MEBIBYTE);
    }

    @Test
    void optionalPartsOfTheHeaderAreSkipped() throws FrameException {
        for (int flags = 0; flags < 32; flags++) {
            byte[] packed = withFlags(flags & ~1, new byte[] {42});
            assertThat(unpack(packed)).containsExactly(42);
        }
        byte[] unended = Arrays.copyOf(withFlags(8, new byte[] {42}), 18);
        Arrays.fill(unended, 10, 18, (byte) 'n');
        assertRefused(ErrorCode.BAD_CONTENT, unended, MEBIBYTE);
        byte[] longExtra = Arrays.copyOf(withFlags(4, new byte[] {42}), 18);
        longExtra[10] = (byte) 0xff;
        assertRefused(ErrorCode.BAD_CONTENT, longExtra, MEBIBYTE);
    }

    private static byte[] withFlags(int flags, byte[] content) {
        var bytes = new ByteArrayOutputStream();
        bytes.writeBytes(new byte[] {0x1f, (byte) 0x8b, 8, (byte) flags, 0, 0, 0, 0, 0, 0});
        if ((flags & 4) != 0) {
            bytes.writeBytes(new byte[] {3, 0, 7, 7, 7});
        }
        if ((flags & 8) != 0) {
            bytes.writeBytes(new byte[] {'n', 'a', 0});
        }
        if ((flags & 16) != 0) {
            bytes.writeBytes(new byte[] {'c', 0});
        }
        if ((flags & 2) != 0) {
            bytes.writeBytes(new byte[] {1, 2});
        }
        var deflater = new Deflater(Deflater.DEFAULT_COMPRESSION, true);
        deflater.setInput(content);
        deflater.finish();
        var packed = new byte[100];
        bytes.write(packed, 0, deflater.deflate(packed));
        deflater.end();
        var crc = new CRC32();
        crc.update(content);
        for (long number : new long[] {crc.getValue(), content.length}) {
            for (int i = 0; i < 4; i++) {
                bytes.write((int) (number >> 8 * i));
            }
        }
        return bytes.toByteArray();
    }

    /** A server lets another thread than the loop's unpack a content. */
    @Test
    void aReaderUnpacksOrLeavesThatToTheCaller() throws FrameException {
        byte[] content = "zero".repeat(1_000).getBytes(StandardCharsets.US_ASCII);
        Frame packed = frame(content).packed();
        byte[] wire = FrameWriter.write(packed).array();
        Frame unpacked = ReadFrames.whole(new FrameReader(FrameLimits.DEFAULT, Direction.REQUEST), wire);
        assertThat(unpacked.content()).isEqualTo(content);
        Frame left = ReadFrames.whole(FrameReader.leavingPacked(FrameLimits.DEFAULT, Direction.REQUEST, null), wire);
        assertThat(left.isPacked()).isTrue();
        assertThat(left.content()).isEqualTo(packed.content());
        assertThat(left.unpacked(MEBIBYTE).content()).isEqualTo(content);
        for (Frame each : new Frame[] {unpacked, left}) {
            assertThat(each.wireLength()).isEqualTo(packed.contentLength());
        }
    }
}
