package dev.parley.tests.streams;

import dev.parley.Action;
import dev.parley.Client;
import dev.parley.InStream;
import dev.parley.Message;
import dev.parley.Server;
import dev.parley.net.Address;
import dev.parley.net.EventLoop;
import dev.parley.net.Transports;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.CRC32;

/** A server and a client of content of any size, each for a process with little memory. */
public final class LargeContent {
    record Size(long bytes) {}

    record Sum(long bytes, long crc) {}

    private static final Action<Message, Sum> UP = Action.of("up", Message.class, Sum.class);
    private static final Action<Size, Message> DOWN = Action.of("down", Size.class, Message.class);

    private LargeContent() {}

    /** Takes {@code server TRANSPORT ADDRESS}, or {@code client TRANSPORT ADDRESS FILE}. */
    public static void main(String[] args) throws Exception {
        EventLoop.Builder loop = EventLoop.builder().transport(Transports.named(args[1]));
        Address address = Address.parse(args[2]);
        if (args[0].equals("server")) {
            serve(loop, address);
        } else {
            transfer(loop, address, Path.of(args[3]));
        }
    }

    private static void serve(EventLoop.Builder loop, Address address) throws Exception {
        try (Server server = Server.builder()
                .loop(loop)
                .onUpload(UP, in -> sum(in.bytes()))
                .onStream(DOWN, (size, out) -> {
                    try (OutputStream bytes = out.bytes()) {
                        new Pattern(size.bytes()).transferTo(bytes);
                    }
                })
                .listen(address)) {
            System.out.println("listening on " + server.address());
            server.join();
        }
    }

    /** Sends the file up, and as many bytes of a pattern down. */
    private static void transfer(EventLoop.Builder loop, Address address, Path file) throws Exception {
        Sum inFile;
        try (InputStream in = Files.newInputStream(file)) {
            inFile = sum(in);
        }
        long bytes = inFile.bytes();
        Sum expected = sum(new Pattern(bytes));
        try (Client client = Client.builder(address).loop(loop).connect()) {
            long began = System.nanoTime();
            Sum up = client.upload(UP, file);
            long between = System.nanoTime();
            Sum down;
            try (InStream<Message> answer = client.stream(DOWN, new Size(bytes))) {
                down = sum(answer.bytes());
            }
            long ended = System.nanoTime();
            System.out.printf(
                    "%s %s up %.1f s down %.1f s peak %s%n",
                    up.equals(inFile) ? "good" : "BAD " + up,
                    down.equals(expected) ? "good" : "BAD " + down,
                    (between - began) / 1e9,
                    (ended - between) / 1e9,
                    peakMemory());
        }
    }

    /** Returns the most memory that this process has used, if the system tells. */
    private static String peakMemory() throws IOException {
        Path status = Path.of("/proc/self/status");
        return Files.exists(status)
                ? Files.readAllLines(status).stream()
                        .filter(line -> line.startsWith("VmHWM"))
                        .map(line -> line.replaceAll("[^0-9]", "") + " kB")
                        .findFirst()
                        .orElse("unknown")
                : "unknown";
    }

    private static Sum sum(InputStream in) throws IOException {
        var crc = new CRC32();
        var piece = new byte[32 * 1024];
        long bytes = 0;
        for (int count = in.read(piece); count >= 0; count = in.read(piece)) {
            crc.update(piece, 0, count);
            bytes += count;
        }
        return new Sum(bytes, crc.getValue());
    }

    /** A stream of so many bytes that differ from place to place. */
    private static final class Pattern extends InputStream {
        private static final int PERIOD = 1_000_003;
        private static final byte[] BYTES = new byte[PERIOD + 64 * 1024];

        static {
            for (int i = 0; i < BYTES.length; i++) {
                BYTES[i] = (byte) (i % PERIOD * 131 >>> 3);
            }
        }

        private final long length;
        private long at;

        Pattern(long length) {
            this.length = length;
        }

        @Override
        public int read() {
            return at == length ? -1 : BYTES[(int) (at++ % PERIOD)] & 0xff;
        }

        @Override
        public int read(byte[] to, int start, int wanted) {
            if (at == length) {
                return -1;
            }
            int count = (int) Math.min(length - at, Math.min(wanted, 64 * 1024));
            System.arraycopy(BYTES, (int) (at % PERIOD), to, start, count);
            at += count;
            return count;
        }
    }
}
