package dev.parley.bench;

import dev.parley.frame.Header.Direction;
import dev.parley.frame.FrameLimits;
import dev.parley.frame.FrameReader;
import java.nio.ByteBuffer;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/** Bytes to a message: one search request with a content of 64 bytes, in one piece. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class FrameReaderBenchmark {
    private static final int FRAMES = 1_024;

    private final FrameReader reader = new FrameReader(FrameLimits.DEFAULT, Direction.REQUEST);
    private final ByteBuffer[] same = Requests.frames(1, 0, "", Requests.SEARCH);
    private final ByteBuffer[] changingId = Requests.frames(FRAMES, 1_000_000, ", \"id\": %d", Requests.SEARCH);
    private final ByteBuffer[] newHeader = Requests.frames(FRAMES, 0, ", \"x-user\": \"number %d\"", Requests.SEARCH);
    private int next;

    /** The header of every message is that of the one before. */
    @Benchmark
    public FrameReader.Result sameHeader() {
        return read(same);
    }

    /** Every message has another id, as on a connection of our own client. */
    @Benchmark
    public FrameReader.Result changingId() {
        return read(changingId);
    }

    /** Every header is unlike the one before, and parsed in full. */
    @Benchmark
    public FrameReader.Result newHeader() {
        return read(newHeader);
    }

    private FrameReader.Result read(ByteBuffer[] frames) {
        return reader.read(frames[next++ & frames.length - 1].rewind());
    }
}
