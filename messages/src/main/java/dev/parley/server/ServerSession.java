package dev.parley.server;

import dev.parley.Handler;
import dev.parley.Message;
import dev.parley.MessageLimits;
import dev.parley.RefusedRequestException;
import dev.parley.frame.ErrorCode;
import dev.parley.frame.ForeignProtocol;
import dev.parley.frame.FrameException;
import dev.parley.frame.FrameReader;
import dev.parley.frame.FrameWriter;
import dev.parley.frame.Header;
import dev.parley.frame.JsonText;
import dev.parley.net.CloseReason;
import dev.parley.net.Durations;
import dev.parley.net.Events;
import dev.parley.net.LoopConnection;
import dev.parley.net.Receiver;
import dev.parley.net.Timer;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * One connection of a server: requests are read, handled in order and answered. The answers to all requests that came
 * in one read leave together. Runs on the loop's thread.
 */
public final class ServerSession implements Receiver {
    private static final int FIRST_OUTPUT_BYTES = 1024;

    /** Responses of one read are sent on from here, so that a flood of small requests needs no large buffer. */
    private static final int OUTPUT_BYTES_HIGH = 64 * 1024;

    private final Handler handler;
    private final MessageLimits limits;
    private final boolean closeAfterResponse;
    private final Events events;
    private final FrameReader reader;
    private ByteBuffer output = ByteBuffer.allocate(0);
    private @Nullable Timer timer;
    private boolean timingHeader;
    private boolean over;

    /** A session for one connection. */
    public ServerSession(Handler handler, MessageLimits limits, boolean closeAfterResponse, Events events) {
        this.handler = handler;
        this.limits = limits;
        this.closeAfterResponse = closeAfterResponse;
        this.events = events;
        this.reader = new FrameReader(limits.frame());
    }

    @Override
    public void bytes(LoopConnection connection, ByteBuffer bytes) {
        while (!over && bytes.hasRemaining()) {
            take(connection, reader.read(bytes));
        }
        flush(connection);
        if (!over) {
            watchTheClock(connection);
        }
    }

    private void take(LoopConnection connection, FrameReader.Result result) {
        switch (result) {
            case FrameReader.NotYet _ -> {}
            case FrameReader.Whole whole -> {
                stopTheClock();
                answer(connection, Message.of(whole.frame()));
            }
            case FrameReader.Refused refused -> {
                stopTheClock();
                put(connection, error(refused.error()));
            }
            case FrameReader.Broken broken -> end(connection, broken.error(), CloseReason.PROTOCOL);
            case FrameReader.Foreign foreign -> turnAway(connection, foreign.protocol());
        }
    }

    private void answer(LoopConnection connection, Message request) {
        put(connection, handle(connection, request));
        if (closeAfterResponse) {
            over = true;
            flush(connection);
            connection.closeLingering(CloseReason.LOCAL);
        }
    }

    /** Whatever a handler throws costs this one request. */
    private Message handle(LoopConnection connection, Message request) {
        try {
            return handler.handle(request);
        } catch (RefusedRequestException e) {
            return error(e.code(), String.valueOf(e.getMessage()));
        } catch (Throwable thrown) {
            events.failed("the handler of a request on connection " + connection.id() + " threw", thrown);
            return error(ErrorCode.INTERNAL, "the server failed to answer");
        }
    }

    private static Message error(FrameException error) {
        return error(error.code(), String.valueOf(error.getMessage()));
    }

    private static Message error(ErrorCode code, String message) {
        String json = "{\"result\": " + JsonText.string("Error: " + message) + ", \"code\": \"" + code.wire() + "\"}";
        return Message.json(json).with(Header.STATUS, code.wire());
    }

    /** The end of mark X: the error must reach a peer that may still be sending. */
    private void end(LoopConnection connection, FrameException error, CloseReason reason) {
        end(connection, error(error), reason);
    }

    private void end(LoopConnection connection, Message last, CloseReason reason) {
        stopTheClock();
        put(connection, last.with(Header.CLOSE, true));
        flush(connection);
        over = true;
        connection.closeLingering(reason);
    }

    private void turnAway(LoopConnection connection, ForeignProtocol protocol) {
        stopTheClock();
        over = true;
        events.warned("connection " + connection.id() + " from " + connection.peerAddress() + " spoke "
                + protocol.name() + ", not our messages; closed");
        flush(connection);
        if (protocol.isHttp()) {
            connection.send(HttpPage.BAD_REQUEST);
            connection.closeLingering(CloseReason.PROTOCOL);
        } else {
            connection.close(CloseReason.PROTOCOL);
        }
    }

    // Responses.

    private void put(LoopConnection connection, Message response) {
        ByteBuffer frame = FrameWriter.write(response.frame());
        if (output.remaining() < frame.remaining()) {
            flush(connection);
            if (frame.remaining() > OUTPUT_BYTES_HIGH) {
                connection.send(frame);
                return;
            }
            if (output.capacity() < frame.remaining()) {
                int capacity = Math.max(FIRST_OUTPUT_BYTES, 2 * frame.remaining());
                output = ByteBuffer.allocate(Math.min(OUTPUT_BYTES_HIGH, Math.max(capacity, 2 * output.capacity())));
            }
        }
        output.put(frame);
    }

    private void flush(LoopConnection connection) {
        if (output.position() > 0) {
            connection.send(output.flip());
            output.clear();
        }
        if (!reader.isInsideFrame() && output.capacity() > FIRST_OUTPUT_BYTES) {
            output = ByteBuffer.allocate(0); // an idle connection holds little
        }
    }

    // Time.

    /** Called after each read: a message that has begun has so long to end its header, then so long for its content. */
    private void watchTheClock(LoopConnection connection) {
        if (!reader.isInsideFrame()) {
            stopTheClock();
        } else if (timer == null || timingHeader && !reader.isInsideHeader()) {
            stopTheClock();
            timingHeader = reader.isInsideHeader();
            Duration time = timingHeader ? limits.headerTimeout() : limits.contentTimeout();
            timer = connection.loop().schedule(time, () -> tooSlow(connection, time));
        }
    }

    private void stopTheClock() {
        if (timer != null) {
            timer.cancel();
            timer = null;
        }
    }

    private void tooSlow(LoopConnection connection, Duration time) {
        timer = null;
        if (over || connection.closeReason() != null) {
            return;
        }
        String part = timingHeader ? "header" : "content";
        String message = "the " + part + " was not complete within " + Durations.text(time);
        end(
                connection,
                error(ErrorCode.TIMEOUT, message),
                timingHeader ? CloseReason.HEADER_TIMEOUT : CloseReason.CONTENT_TIMEOUT);
    }

    // Endings.

    @Override
    public void ended(LoopConnection connection) {
        stopTheClock();
        if (reader.isInsideFrame()) {
            over = true;
            connection.close(CloseReason.PROTOCOL); // cut off inside a message: nobody waits for an answer
        } else {
            connection.close();
        }
    }

    @Override
    public void closed(LoopConnection connection, CloseReason reason) {
        over = true;
        stopTheClock();
    }

    /** What an HTTP client, and the person behind it, is told. */
    private static final class HttpPage {
        private static final String SENTENCE = "This port speaks Parley's messages, not HTTP.\n";

        static final byte[] BAD_REQUEST = ("HTTP/1.1 400 Bad Request\r\n"
                        + "Content-Type: text/plain; charset=utf-8\r\n"
                        + "Content-Length: " + SENTENCE.length() + "\r\n"
                        + "Connection: close\r\n\r\n"
                        + SENTENCE)
                .getBytes(StandardCharsets.US_ASCII);

        private HttpPage() {}
    }
}
