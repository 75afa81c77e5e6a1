package dev.parley.tests.attack;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Requests without a pause, in batches, for these actions in turn: so many batches, and with or without reading. */
final class Requesting implements Attack {
    /** The number of requests that are sent together. */
    static final int BATCH = 100;

    private static final int THROWN_BATCHES = 10;

    /** The number of requests that each attacker sends to handlers that throw. */
    static final int THROWN = THROWN_BATCHES * BATCH;

    private static final int WITHOUT_END = Integer.MAX_VALUE;
    private static final byte[] CONTENT = "{\"value\": \"v\"}".getBytes(StandardCharsets.US_ASCII);

    private final List<String> actions;
    private final boolean reads;
    private final int batches;
    private int batchesLeft;
    private long id;

    private Requesting(List<String> actions, boolean reads, int batches) {
        this.actions = actions;
        this.reads = reads;
        this.batches = batches;
        this.batchesLeft = batches;
    }

    static Attack pipelining() {
        return new Requesting(List.of("echo"), true, WITHOUT_END);
    }

    static Attack deaf() {
        return new Requesting(List.of("big"), false, WITHOUT_END);
    }

    /** Returns an attack that asks for the largest answer a hundred times, at once. */
    static Attack greedy() {
        return new Requesting(List.of("huge"), false, 1);
    }

    static Attack blocking() {
        return new Requesting(List.of("block"), true, 1);
    }

    static Attack throwing() {
        return new Requesting(List.of("throw", "throw-here"), true, THROWN_BATCHES);
    }

    @Override
    public byte @Nullable [] more() {
        if (batchesLeft == 0) {
            return null;
        }
        batchesLeft--;
        var batch = new ByteArrayOutputStream();
        for (int i = 0; i < BATCH; i++) {
            String action = actions.get(i % actions.size());
            batch.writeBytes(RawFrame.of("\"id\": " + ++id + ", \"action\": \"" + action + "\"", CONTENT));
        }
        return batch.toByteArray();
    }

    @Override
    public boolean isDone(int answers) {
        if (batches == WITHOUT_END) {
            return reads; // the server ends a peer that does not read
        }
        return !reads || answers >= batches * BATCH;
    }

    @Override
    public boolean reads() {
        return reads;
    }
}
