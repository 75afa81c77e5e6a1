package dev.parley;

import dev.parley.cluster.ClusterException;
import dev.parley.cluster.NodeStream;
import dev.parley.frame.Header;
import dev.parley.link.StreamMessages;
import dev.parley.link.StreamReceiver;
import dev.parley.link.StreamSender;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;

/** Moves the messages of streams between a connection and another node. Its threads are virtual. */
final class ClusterStreams {
    private ClusterStreams() {}

    /**
     * Returns a message as it goes to another node: without the credentials of the client, since another node must not
     * get them, and without the keys that belong to one connection.
     */
    static Message bare(Message message) {
        Header header = message.header();
        Map<String, Object> others = new LinkedHashMap<>(header.others());
        others.keySet().removeIf(key -> Header.isOfConnection(key) || key.equals(Header.AUTHORIZATION));
        return Message.of(message.frame().with(StreamMessages.withKeys(header, Header.NO_ID, others)));
    }

    /**
     * Returns the first message of a stream that a client opens. The receiver drops it if it has no content, as it only
     * opens the stream then; but its header counts.
     */
    static Message firstOf(StreamReceiver in, Header header) throws IOException {
        Message opening = StreamMessages.ofHeader(header);
        if (header.contentLength() == 0 && StreamMessages.isMark(opening)) {
            return opening;
        }
        Message first = in.receive();
        return first == null ? opening : first;
    }

    /** Sends the messages that a connection receives to another node, including the last one. */
    static void send(StreamReceiver in, NodeStream to) throws IOException {
        for (Message next = in.receive(); next != null; next = in.receive()) {
            Message bare = bare(next);
            if (!next.header().hasMore()) {
                to.end(bare);
                return;
            }
            to.send(bare);
        }
        to.end(StreamMessages.mark());
    }

    /**
     * Sends the messages of another node to a connection. Returns the last message, which is not sent.
     *
     * @param check throws if a message must not be sent
     */
    static Message receive(NodeStream from, StreamSender out, Consumer<Message> check) throws IOException {
        NodeStream.Piece piece = from.receive();
        check.accept(piece.message());
        while (!piece.isLast()) {
            out.send(piece.message());
            piece = from.receive();
            check.accept(piece.message());
        }
        return piece.message();
    }

    /** Work on a stream that may fail, or be interrupted. */
    interface Work {
        void run() throws IOException;
    }

    /** Starts work on a thread of its own. If it fails, the stream fails with the same exception, on both nodes. */
    static void startOrFail(String name, NodeStream stream, Work work) {
        start(name, stream, () -> {
            try {
                work.run();
            } catch (IOException failed) {
                stream.abort(failed);
            } catch (ContentException unreadable) {
                stream.abort(new IOException(unreadable.getMessage(), unreadable.getCause()));
            }
        });
    }

    /**
     * Starts work on a thread of its own. If the work fails with an {@code IOException}, the thread only ends, because
     * the work of the other direction fails too and sends the response. If it fails with a {@code RuntimeException},
     * the stream is aborted.
     */
    static void start(String name, NodeStream stream, Work work) {
        Thread.ofVirtual().name(name).start(() -> {
            try {
                work.run();
            } catch (IOException failed) {
                return;
            } catch (RuntimeException notSent) {
                stream.abort(new ClusterException(
                        ClusterException.Reason.BAD_RESPONSE,
                        "a message of the stream could not be passed on: " + notSent.getMessage()));
            }
        });
    }
}
