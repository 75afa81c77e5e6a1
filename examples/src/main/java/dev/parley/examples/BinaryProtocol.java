package dev.parley.examples;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.parley.net.Address;
import dev.parley.net.Connection;
import dev.parley.net.Listener;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HexFormat;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Recipe: a binary protocol with a byte order. Sensors send readings, the server answers with their average so far.
 *
 * <pre>
 * +----------------+----------------+--------------------------------+----------------------+
 * | magic 0x5250   | type           | length of the content          | content              |
 * | 16 bit         | 16 bit         | 32 bit, unsigned               | that many bytes      |
 * +----------------+----------------+--------------------------------+----------------------+
 * </pre>
 *
 * <p>The header is big-endian, as in most network protocols. Readings are 64-bit floating point numbers in the byte
 * order of the sensor, and the frame's type says which order this is. Without that, 1.0 from a little-endian sensor
 * would be read as 3.04e-319. If the length were read as a signed number, it would be negative from 2 GiB on. If a
 * server believed every length, a frame of eight bytes could make it reserve 4 GiB.
 *
 * <p>To see this, run {@code ./parley run examples/src/main/java/dev/parley/examples/BinaryProtocol.java}. To use two
 * terminals, add arguments: {@code server [ADDRESS]} in one, and {@code client ADDRESS big|little NUMBER...} in the
 * other.
 */
public final class BinaryProtocol {
    static final int MAGIC = 0x5250;
    static final int HEADER_BYTES = 8;
    static final int CONTENT_BYTES_MAX = 64 * 1024;

    static final int READINGS_BIG = 1;
    static final int READINGS_LITTLE = 2;
    static final int AVERAGE = 3;
    static final int REFUSED = 4;

    private BinaryProtocol() {}

    /** Thrown if the peer has sent a frame that is not allowed. The server sends the message to the peer. */
    static final class BadFrameException extends IOException {
        private static final long serialVersionUID = 1L;

        BadFrameException(String message) {
            super(message);
        }
    }

    /** One message. The type is 0 to 65,535. */
    record Frame(int type, ByteBuffer content) {
        /** Reads a frame. Returns empty if the stream ends between two frames, which is a regular end. */
        static Optional<Frame> read(InputStream in) throws IOException {
            ByteBuffer header = ByteBuffer.wrap(in.readNBytes(HEADER_BYTES)); // a new buffer is big-endian
            if (!header.hasRemaining()) {
                return Optional.empty();
            }
            if (header.remaining() < HEADER_BYTES) {
                throw new EOFException("the stream ended inside a header");
            }
            int magic = Short.toUnsignedInt(header.getShort());
            int type = Short.toUnsignedInt(header.getShort());
            long length = Integer.toUnsignedLong(header.getInt());
            if (magic != MAGIC) {
                throw new BadFrameException("the magic is 0x%04x; 0x%04x begins a frame".formatted(magic, MAGIC));
            }
            if (length > CONTENT_BYTES_MAX) { // checked before any memory is reserved for the content
                throw new BadFrameException("the length is " + length + "; at most " + CONTENT_BYTES_MAX);
            }
            byte[] content = in.readNBytes((int) length);
            if (content.length < length) {
                throw new EOFException("the stream ended inside a content");
            }
            return Optional.of(new Frame(type, ByteBuffer.wrap(content)));
        }

        /**
         * Returns the header and content in one array. So one write is enough, and no small packet must wait for the
         * next one.
         */
        byte[] toBytes() {
            return ByteBuffer.allocate(HEADER_BYTES + content.remaining())
                    .putShort((short) MAGIC)
                    .putShort((short) type)
                    .putInt(content.remaining())
                    .put(content.duplicate())
                    .array();
        }
    }

    static Frame readings(ByteOrder order, double... readings) {
        ByteBuffer content = ByteBuffer.allocate(readings.length * Double.BYTES).order(order);
        for (double reading : readings) {
            content.putDouble(reading);
        }
        return new Frame(order == ByteOrder.BIG_ENDIAN ? READINGS_BIG : READINGS_LITTLE, content.flip());
    }

    /** The readings of one connection. */
    private static final class Readings {
        private long count;
        private double sum;

        Frame answer(Frame frame) throws BadFrameException {
            ByteOrder order =
                    switch (frame.type()) {
                        case READINGS_BIG -> ByteOrder.BIG_ENDIAN;
                        case READINGS_LITTLE -> ByteOrder.LITTLE_ENDIAN;
                        default -> throw new BadFrameException("the type is " + frame.type() + "; 1 or 2 are readings");
                    };
            ByteBuffer content = frame.content().duplicate().order(order);
            if (!content.hasRemaining() || content.remaining() % Double.BYTES != 0) {
                throw new BadFrameException("the length is " + content.remaining() + "; 8 for each reading");
            }
            for (; content.hasRemaining(); count++) {
                sum += content.getDouble();
            }
            var average = ByteBuffer.allocate(16).putLong(count).putDouble(sum / count);
            return new Frame(AVERAGE, average.flip());
        }
    }

    /** Serves one sensor, from its first frame to the end of its connection. */
    static void serve(Connection connection) throws IOException {
        OutputStream out = connection.out();
        var readings = new Readings();
        try {
            for (var frame = Frame.read(connection.in()); frame.isPresent(); frame = Frame.read(connection.in())) {
                out.write(readings.answer(frame.get()).toBytes());
            }
        } catch (BadFrameException | EOFException e) { // the next frame's start is unknown
            out.write(new Frame(
                            REFUSED,
                            ByteBuffer.wrap(String.valueOf(e.getMessage()).getBytes(UTF_8)))
                    .toBytes());
        }
    }

    /** Sends one frame and returns the answer in words. */
    static String ask(Connection connection, byte[] frame) throws IOException {
        connection.out().write(frame);
        Frame answer = Frame.read(connection.in()).orElseThrow(() -> new EOFException("the server closed"));
        return switch (answer.type()) {
            case AVERAGE ->
                answer.content().getLong() + " readings, average "
                        + answer.content().getDouble();
            case REFUSED -> "refused: " + UTF_8.decode(answer.content());
            default -> throw new BadFrameException("the type is " + answer.type() + "; 3 or 4 are answers");
        };
    }

    /** Starts a server or a client, or, without arguments, a demonstration in one process. */
    public static void main(String[] args) throws Exception {
        if (args.length == 0) {
            demonstrate();
        } else if (args[0].equals("server") && args.length <= 2) {
            try (var listener = Listener.open(args.length == 2 ? args[1] : Address.DEFAULT)) {
                System.out.println("listening on " + listener.address());
                listener.serve(BinaryProtocol::serve);
            }
        } else if (args[0].equals("client") && args.length >= 4) {
            var order = args[2].equals("little") ? ByteOrder.LITTLE_ENDIAN : ByteOrder.BIG_ENDIAN;
            var numbers =
                    Stream.of(args).skip(3).mapToDouble(Double::parseDouble).toArray();
            try (var connection = Connection.connect(args[1])) {
                System.out.println(ask(connection, readings(order, numbers).toBytes()));
            }
        } else {
            System.err.println("usage: server [ADDRESS], or client ADDRESS big|little NUMBER...");
            System.exit(2);
        }
    }

    private static void demonstrate() throws Exception {
        try (var listener = Listener.open("tcp://localhost:0")) {
            Thread.ofVirtual().start(() -> {
                try {
                    listener.serve(BinaryProtocol::serve);
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
            });
            try (var connection = Connection.connect(listener.address())) {
                byte[] big = readings(ByteOrder.BIG_ENDIAN, 20.5).toBytes();
                byte[] little = readings(ByteOrder.LITTLE_ENDIAN, 21.0).toBytes();
                System.out.println(HexFormat.ofDelimiter(" ").formatHex(big) + " -> " + ask(connection, big));
                System.out.println(HexFormat.ofDelimiter(" ").formatHex(little) + " -> " + ask(connection, little));
                System.out.println(ask(connection, HexFormat.of().parseHex("52500001ffffffff")));
            }
        }
    }
}
