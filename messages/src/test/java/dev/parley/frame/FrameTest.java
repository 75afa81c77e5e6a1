package dev.parley.frame;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.parley.json.FlatObject;
import dev.parley.json.JoinedBytes;
import dev.parley.json.JsonFault;
import dev.parley.json.JsonScan;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Tests a frame whose content is one array, or several joined ones, and such a frame with another header. */
class FrameTest {
    private static final byte[] CONTENT = "[1,2]".getBytes(StandardCharsets.US_ASCII);

    private static Header header(Map<String, Object> others) {
        return new Header("little", "text/json", "utf-8", CONTENT.length, 7, others);
    }

    private static Frame ofOneArray() {
        return new Frame(header(Map.of()), CONTENT);
    }

    private static Frame ofParts() {
        return new Frame(
                header(Map.of()), new JoinedBytes(ByteBuffer.wrap(CONTENT, 0, 3), ByteBuffer.wrap(CONTENT, 3, 2)));
    }

    @Test
    void theContentIsTheSameHoweverItIsHeld() {
        for (Frame frame : new Frame[] {ofOneArray(), ofParts()}) {
            var copy = new byte[CONTENT.length + 1];
            frame.copyContent(copy, 1);
            assertThat(copy).isEqualTo("\0[1,2]".getBytes(StandardCharsets.US_ASCII));
            assertThat(frame.contentLength()).isEqualTo(CONTENT.length);
            int parts = 0;
            for (ByteBuffer part : frame.contentParts()) {
                parts += part.remaining();
            }
            assertThat(parts).isEqualTo(CONTENT.length);
            assertThat(frame.content()).isEqualTo(CONTENT);
            assertThat(frame.content()).isSameAs(frame.content());
        }
        assertThat(ofOneArray().contentParts()).hasSize(1);
        assertThat(ofParts().contentParts()).hasSize(2);
    }

    @Test
    void withAnotherHeaderTheContentAndItsScanAreKept() throws JsonFault {
        JsonScan scan = JsonScan.of(CONTENT, 10, 10);
        for (Frame frame : new Frame[] {ofOneArray(), ofParts()}) {
            frame.keep(scan);
            Frame other = frame.with(header(Map.of("x", "y")));
            assertThat(other.header().text("x")).isEqualTo("y");
            assertThat(other.content()).isEqualTo(CONTENT);
            assertThat(other.scannedOrNull()).isSameAs(scan);
        }
    }

    @Test
    void aFrameThatIsUsedAgainForgetsItsScan() throws JsonFault {
        Frame frame = ofOneArray();
        frame.renew();
        assertThat(frame.scannedOrNull()).isNull();
        frame.keep(JsonScan.of(CONTENT, 10, 10));
        frame.renew();
        assertThat(frame.scannedOrNull()).isNull();
    }

    @Test
    void aFrameIsPackedIfItsHeaderSaysSo() throws FrameException {
        assertThat(ofOneArray().isPacked()).isFalse();
        assertThat(new Frame(header(Map.of("x", "y")), CONTENT).isPacked()).isFalse();
        assertThat(ofOneArray().unpacked(0).isPacked()).isFalse();
        assertThat(new Frame(header(Map.of("content-coding", "gzip")), CONTENT).isPacked())
                .isTrue();
    }

    @Test
    void aLimitSaysWhatItIsAndWhatWasSeen() {
        var limits = FrameLimits.DEFAULT.withHeaderBytesMax(10).withContentBytesMax(20);
        limits.check(2 + 10 + 20, 20);
        assertThatThrownBy(() -> limits.check(2 + 10 + 21, 21))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("the content has 21 bytes; contentBytesMax is 20");
        assertThatThrownBy(() -> limits.check(2 + 11 + 20, 20))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("the header has 11 bytes; headerBytesMax is 10");
    }

    /** Only the one thread of a lent frame may parse into the same object again; other threads may be reading it. */
    @Test
    void onlyALentFrameUsesItsFlatObjectAgain() {
        byte[] json = "{\"a\": 1}".getBytes(StandardCharsets.US_ASCII);
        var header = new Header("little", "text/json", "utf-8", json.length, 7, Map.of());
        for (boolean isLent : new boolean[] {true, false}) {
            var frame = new Frame(header, json, isLent);
            FlatObject before = frame.flatOrNull();
            assertThat(frame.flatOrNull()).isNotNull().isSameAs(before);
            frame.renew();
            FlatObject after = frame.flatOrNull();
            assertThat(after).isNotNull();
            assertThat(after == before).isEqualTo(isLent);
        }
    }

    @Test
    void framesOfTheSamePartsShareTheirArray() {
        Frame frame = ofParts();
        assertThat(frame.with(header(Map.of("x", "y"))).content()).isSameAs(frame.content());
    }
}
