package dev.parley.cluster;

import dev.parley.ExchangeEndedException;
import dev.parley.Message;
import dev.parley.cluster.ClusterException.Reason;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * A packet of a stream from one node to another. Written as bytes, it has one byte for its kind, eight for its number
 * and eight for the bytes taken, all big-endian, and then its message or its reason.
 *
 * @param kind what it is
 * @param number for a piece, its place among the pieces of its direction, from 1; for a sign of life, the number of
 *     pieces that were sent before it
 * @param takenBytes the costs of all pieces of the other direction that its sender has taken so far
 * @param message the message of a piece; null for the other kinds
 * @param failure why the stream is aborted, which is a {@link ClusterException}, or says that the stream was cancelled;
 *     null for the other kinds
 */
public record StreamPacket(
        Kind kind,
        long number,
        long takenBytes,
        @Nullable Message message,
        @Nullable IOException failure) {
    private static final int PREFIX_BYTES = 1 + Long.BYTES + Long.BYTES;
    private static final int REASON_CHARS_MAX = 1_000;
    private static final String CANCELLED = "CANCELLED";

    /** The kind of a packet. */
    public enum Kind {
        /** A message that further ones follow. */
        PIECE('p'),
        /** The last message of its direction. */
        LAST('l'),
        /** A sign of life. */
        BEAT('b'),
        /** The end of both directions. */
        ABORT('a');

        private final byte code;

        Kind(char code) {
            this.code = (byte) code;
        }

        private static @Nullable Kind of(byte code) {
            for (Kind kind : values()) {
                if (kind.code == code) {
                    return kind;
                }
            }
            return null;
        }
    }

    static StreamPacket of(Kind kind, long number, long takenBytes, Message message) {
        return new StreamPacket(kind, number, takenBytes, message, null);
    }

    /**
     * {@return the packet of a stream that consists of one message}
     *
     * @param message the message
     */
    public static StreamPacket only(Message message) {
        return of(Kind.LAST, 1, 0, message);
    }

    static StreamPacket beat(long number, long takenBytes) {
        return new StreamPacket(Kind.BEAT, number, takenBytes, null, null);
    }

    static StreamPacket abort(IOException why) {
        return new StreamPacket(Kind.ABORT, 0, 0, null, why);
    }

    /**
     * {@return the bytes of this packet}
     *
     * @param messages writes the message
     */
    public byte[] write(MessageWriter messages) {
        byte[] bytes = message == null ? written(failure) : messages.write(message, PREFIX_BYTES);
        ByteBuffer.wrap(bytes).put(kind.code).putLong(number).putLong(takenBytes);
        return bytes;
    }

    /** Returns room for the prefix, and then the name of a reason, a blank, and the words for people. */
    private static byte[] written(@Nullable IOException failure) {
        if (failure == null) {
            return new byte[PREFIX_BYTES];
        }
        String reason = failure instanceof ClusterException e ? e.reason().name() : CANCELLED;
        String words = String.valueOf(failure.getMessage());
        String some = words.length() <= REASON_CHARS_MAX ? words : words.substring(0, REASON_CHARS_MAX);
        byte[] rest = (reason + " " + some).getBytes(StandardCharsets.UTF_8);
        return ByteBuffer.allocate(PREFIX_BYTES + rest.length)
                .position(PREFIX_BYTES)
                .put(rest)
                .array();
    }

    private static IOException readFailure(byte[] bytes) {
        String[] parts =
                new String(bytes, PREFIX_BYTES, bytes.length - PREFIX_BYTES, StandardCharsets.UTF_8).split(" ", 2);
        String words = parts.length < 2 ? "" : parts[1];
        for (Reason reason : Reason.values()) {
            if (reason.name().equals(parts[0])) {
                return new ClusterException(reason, words);
            }
        }
        return new ExchangeEndedException("the other node has ended the stream: " + words);
    }

    /**
     * Reads a packet.
     *
     * @param bytes what was received, which may be anything
     * @param messages reads the message
     * @return the packet; null if the bytes are not a packet
     */
    public static @Nullable StreamPacket read(byte[] bytes, MessageReader messages) {
        Kind kind = bytes.length < PREFIX_BYTES ? null : Kind.of(bytes[0]);
        if (kind == null) {
            return null;
        }
        ByteBuffer prefix = ByteBuffer.wrap(bytes, 1, bytes.length - 1);
        long number = prefix.getLong();
        long takenBytes = prefix.getLong();
        if (number < 0 || takenBytes < 0) {
            return null;
        }
        if (kind == Kind.ABORT) {
            return abort(readFailure(bytes));
        }
        if (kind == Kind.BEAT) {
            return beat(number, takenBytes);
        }
        Message message = messages.read(bytes, PREFIX_BYTES);
        return message == null ? null : of(kind, number, takenBytes, message);
    }
}
