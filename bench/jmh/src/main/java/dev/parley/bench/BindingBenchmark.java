package dev.parley.bench;

import dev.parley.Message;
import dev.parley.json.FlatObject;
import dev.parley.frame.Frame;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/** JSON to a record and back, and the view of a small flat object that a raw handler has. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class BindingBenchmark {
    /** The question of the typed handlers that are measured end to end. */
    public record Search(String value) {}

    /** Its answer. */
    public record Answer(String result) {}

    private final Frame request = Message.json(Requests.SEARCH).frame();
    private final Answer answer = new Answer("Follow the white rabbit. \ud83d\udc30");

    /** A request's content as a record. */
    @Benchmark
    public Search in() {
        return Message.of(request).as(Search.class);
    }

    /** A record as a response's content. */
    @Benchmark
    public Message out() {
        return Message.ofValue(answer);
    }

    /** A request's content as a flat object, one text taken from it. */
    @Benchmark
    public String flat() {
        FlatObject flat = Message.of(request).flatOrNull();
        return flat == null ? "" : flat.text("value");
    }
}
