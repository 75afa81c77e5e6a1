package dev.parley.cli.tour;

import dev.parley.frame.Direction;
import dev.parley.frame.Frame;
import dev.parley.frame.FrameLimits;
import dev.parley.frame.FrameReader;
import dev.parley.frame.Header;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** The messages of one connection, read from the bytes that really went: each way in its order, with their ids. */
final class Exchanges {
    private Exchanges() {}

    static List<String> rows(byte[] fromClient, byte[] fromServer) {
        var rows = new ArrayList<String>();
        for (Frame frame : frames(fromClient, Direction.REQUEST)) {
            rows.add("  request   id " + frame.header().id() + "  action "
                    + frame.header().text(Header.ACTION) + "  " + content(frame));
        }
        for (Frame frame : frames(fromServer, Direction.RESPONSE)) {
            rows.add("  response  id " + frame.header().id() + "  " + content(frame));
        }
        return rows;
    }

    private static String content(Frame frame) {
        return new String(frame.content(), StandardCharsets.UTF_8);
    }

    private static List<Frame> frames(byte[] stream, Direction direction) {
        var reader = new FrameReader(FrameLimits.DEFAULT, direction);
        var frames = new ArrayList<Frame>();
        ByteBuffer bytes = ByteBuffer.wrap(stream);
        while (bytes.hasRemaining()) {
            if (reader.read(bytes) instanceof FrameReader.Whole whole) {
                frames.add(whole.frame());
            }
        }
        return frames;
    }
}
