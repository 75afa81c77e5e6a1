package dev.parley.cli.tour;

import dev.parley.frame.Frame;
import dev.parley.frame.FrameLimits;
import dev.parley.frame.FrameReader;
import dev.parley.frame.Header;
import dev.parley.frame.Header.Direction;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** Finds the messages of one connection in the bytes that were recorded. */
final class Exchanges {
    private Exchanges() {}

    /**
     * Returns a fact for each message with its id: first the requests in their order, and then the responses in their
     * order.
     */
    static List<Fact> facts(byte[] fromClient, byte[] fromServer) {
        Stream<String> requests =
                messages(fromClient, Direction.REQUEST).stream().map(message -> "request   " + message);
        Stream<String> responses =
                messages(fromServer, Direction.RESPONSE).stream().map(message -> "response  " + message);
        return Stream.concat(requests, responses).map(Fact::said).toList();
    }

    /** Returns the messages in these bytes, or an empty list if the bytes are not a sequence of whole messages. */
    static List<String> messages(byte[] stream, Direction direction) {
        var reader = new FrameReader(FrameLimits.DEFAULT, direction);
        var messages = new ArrayList<String>();
        ByteBuffer bytes = ByteBuffer.wrap(stream);
        while (bytes.hasRemaining()) {
            if (!(reader.read(bytes) instanceof FrameReader.Whole whole)) {
                return List.of();
            }
            messages.add(said(whole.frame()));
        }
        return messages;
    }

    private static String said(Frame frame) {
        long id = frame.header().id();
        String action = frame.header().text(Header.ACTION);
        return (id == Header.NO_ID ? "" : "id " + id + "  ")
                + (action == null ? "" : action + "  ")
                + new String(frame.content(), StandardCharsets.UTF_8);
    }
}
