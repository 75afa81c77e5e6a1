package dev.parley.bench;

import dev.parley.Message;
import dev.parley.frame.Header.Direction;
import dev.parley.frame.Frame;
import dev.parley.frame.FrameWriter;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/** A message to bytes, into an array that is there. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class FrameWriterBenchmark {
    private static final int FRAMES = 1_024;

    private final FrameWriter writer = new FrameWriter();
    private final byte[] bytes = new byte[1_024];
    private final Frame same = Message.json(Requests.SEARCH).frame();
    private final Frame[] changingId = new Frame[FRAMES];
    private final Frame[] newHeader = new Frame[FRAMES];
    private int next;

    /** Makes the frames. */
    public FrameWriterBenchmark() {
        Message message = Message.json(Requests.SEARCH);
        for (int i = 0; i < FRAMES; i++) {
            changingId[i] = message.going(Direction.REQUEST, 1_000_000 + i).frame();
            newHeader[i] = message.with("x-user", "number " + i).frame();
        }
    }

    /** Every header is that of the message before. */
    @Benchmark
    public int sameHeader() {
        return write(same);
    }

    /** Every message has another id. */
    @Benchmark
    public int changingId() {
        return write(changingId[next++ & FRAMES - 1]);
    }

    /** Every header is unlike the one before. */
    @Benchmark
    public int newHeader() {
        return write(newHeader[next++ & FRAMES - 1]);
    }

    private int write(Frame frame) {
        return writer.lengthOf(frame) + writer.put(frame, bytes, 0);
    }
}
