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

/**
 * Parsing a header in full. The parser is not public, so this is a message without content whose header is never like
 * the one before: next to nothing but the parser runs.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class HeaderBenchmark {
    private static final String MANY =
            ", \"action\": \"search\", \"id\": 17, \"timeout-ms\": 2500, \"x-user\": \"number %d\","
                    + " \"x-tags\": [\"one\", \"two\", \"three\"], \"x-place\": {\"city\": \"Zion\", \"level\": 7},"
                    + " \"x-last\": true";

    private final FrameReader reader = new FrameReader(FrameLimits.DEFAULT, Direction.REQUEST);
    private final ByteBuffer[] five = Requests.frames(1_024, 0, ", \"x-user\": \"number %d\"", "");
    private final ByteBuffer[] eleven = Requests.frames(1_024, 0, MANY, "");
    private int next;

    /** The four required keys and one more. */
    @Benchmark
    public FrameReader.Result fiveKeys() {
        return reader.read(five[next++ & five.length - 1].rewind());
    }

    /** Eleven keys, a list and an object among their values. */
    @Benchmark
    public FrameReader.Result elevenKeys() {
        return reader.read(eleven[next++ & eleven.length - 1].rewind());
    }
}
