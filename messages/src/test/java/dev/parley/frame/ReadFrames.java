package dev.parley.frame;

import dev.parley.frame.Header.Direction;
import dev.parley.link.ForeignProtocol;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Makes frames from text, and describes the results of a reader in words. */
final class ReadFrames {
    /** The keys that a header needs in addition to {@code content-length}. */
    static final String REQUIRED =
            "\"byteorder\":\"little\",\"content-type\":\"text/json\",\"content-encoding\":\"utf-8\"";

    private ReadFrames() {}

    static byte[] frame(String header, String content) {
        byte[] head = header.getBytes(StandardCharsets.UTF_8);
        byte[] body = content.getBytes(StandardCharsets.UTF_8);
        return ByteBuffer.allocate(2 + head.length + body.length)
                .putShort((short) head.length)
                .put(head)
                .put(body)
                .array();
    }

    /** Returns a message with further keys, such as {@code "id":7}. */
    static byte[] message(String keys, String content) {
        String further = keys.isEmpty() ? "" : "," + keys;
        return frame("{" + REQUIRED + ",\"content-length\":" + content.length() + further + "}", content);
    }

    /**
     * Returns each result but {@link FrameReader.NotYet}: {@code whole ID CONTENT}, {@code refused ID CODE}, and so on.
     */
    static List<String> words(FrameReader reader, byte[]... pieces) {
        var seen = new ArrayList<String>();
        for (byte[] piece : pieces) {
            ByteBuffer bytes = ByteBuffer.wrap(piece);
            while (bytes.hasRemaining()) {
                switch (reader.read(bytes)) {
                    case FrameReader.NotYet _ -> {}
                    case FrameReader.Whole(Frame frame) ->
                        seen.add("whole " + frame.header().id() + " "
                                + new String(frame.content(), StandardCharsets.UTF_8));
                    case FrameReader.Refused(FrameException error, long id, boolean _, boolean _) ->
                        seen.add("refused " + id + " " + error.code().wire());
                    case FrameReader.Broken(FrameException error) -> {
                        seen.add("broken " + error.code().wire());
                        return seen;
                    }
                    case FrameReader.Foreign foreign -> {
                        seen.add("foreign " + ForeignProtocol.guess(foreign).name());
                        return seen;
                    }
                }
            }
        }
        return seen;
    }

    /** Returns the result of one message with these keys, in words. */
    static String word(Direction direction, String keys, String content) {
        return words(new FrameReader(FrameLimits.DEFAULT, direction), message(keys, content))
                .getFirst();
    }

    /** Returns the one frame that these bytes are. */
    static Frame whole(FrameReader reader, byte[] frame) {
        return ((FrameReader.Whole) reader.read(ByteBuffer.wrap(frame))).frame();
    }
}
