package dev.parley.tests.cluster;

import dev.parley.Action;
import dev.parley.CallException;
import dev.parley.CallOptions;
import dev.parley.Client;
import dev.parley.Duplex;
import dev.parley.InStream;
import dev.parley.ServerBuilder;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Actions that count how often each request was handled, and clients that compare this with their responses: a request
 * that was answered was handled once, one that is said not to be processed was not, and none was handled twice. The
 * values of a stream come in order, without a gap, and it only ends well if all came.
 */
final class CountingNodes {
    private static final Action<Integer, Integer> CALL = Action.of("counting.call", Integer.class, Integer.class);
    private static final Action<Integer, Integer> COUNT = Action.of("counting.stream", Integer.class, Integer.class);
    private static final Action<Integer, Integer> SUM = Action.of("counting.upload", Integer.class, Integer.class);

    private static final Action<Integer, Integer> TWICE = Action.of("counting.duplex", Integer.class, Integer.class);

    final AtomicInteger answered = new AtomicInteger();
    final AtomicInteger notProcessed = new AtomicInteger();
    final AtomicInteger unknown = new AtomicInteger();
    final AtomicInteger streamsWhole = new AtomicInteger();
    final AtomicInteger streamsBroken = new AtomicInteger();

    private final Map<Integer, AtomicInteger> handled = new ConcurrentHashMap<>();
    private final Queue<Told> told = new ConcurrentLinkedQueue<>();
    private final Queue<String> wrong = new ConcurrentLinkedQueue<>();
    private final AtomicInteger numbers = new AtomicInteger();

    private enum What {
        ANSWERED,
        NOT_PROCESSED,
        UNKNOWN
    }

    private record Told(int number, What what) {}

    /** Adds the actions to a node. */
    ServerBuilder addTo(ServerBuilder settings) {
        return settings.on(CALL, number -> {
                    handled.computeIfAbsent(number, each -> new AtomicInteger()).incrementAndGet();
                    return number;
                })
                .onStream(COUNT, (to, out) -> {
                    for (int i = 1; i <= to; i++) {
                        out.send(i);
                    }
                })
                .onUpload(SUM, in -> {
                    int sum = 0;
                    for (int each : in) {
                        sum += each;
                    }
                    return sum;
                })
                .onDuplex(TWICE, (in, out) -> {
                    for (int each : in) {
                        out.send(2 * each);
                    }
                });
    }

    /** Makes a call. The stage completes when it has ended, never exceptionally. */
    CompletableFuture<?> call(Client client, Duration limit) {
        int number = numbers.incrementAndGet();
        long began = System.nanoTime();
        return client.callAsync(CALL, number, CallOptions.timeout(limit))
                .handle((answer, thrown) -> {
                    What what = what(thrown);
                    told.add(new Told(number, what));
                    counterOf(what).incrementAndGet();
                    if (what == What.ANSWERED && answer != number) {
                        wrong.add("call " + number + " was answered with " + answer);
                    }
                    if (System.nanoTime() - began > limit.plusSeconds(10).toNanos()) {
                        wrong.add("call " + number + " ended long after its limit");
                    }
                    return null;
                })
                .toCompletableFuture();
    }

    private AtomicInteger counterOf(What what) {
        return switch (what) {
            case ANSWERED -> answered;
            case NOT_PROCESSED -> notProcessed;
            case UNKNOWN -> unknown;
        };
    }

    private static What what(@Nullable Throwable thrown) {
        Throwable cause = thrown instanceof CompletionException e && e.getCause() != null ? e.getCause() : thrown;
        if (cause == null) {
            return What.ANSWERED;
        }
        return cause instanceof CallException e && e.outcome() == CallException.Outcome.NOT_PROCESSED
                ? What.NOT_PROCESSED
                : What.UNKNOWN;
    }

    /** Reads a stream of numbers to its end, whatever the end is. */
    void stream(Client client, int to) {
        int last = 0;
        try (InStream<Integer> numbersOf = client.stream(COUNT, to, CallOptions.timeout(Duration.ofSeconds(30)))) {
            for (Integer next = numbersOf.receive(); next != null; next = numbersOf.receive()) {
                if (next != last + 1) {
                    wrong.add("a stream brought " + next + " after " + last);
                }
                last = next;
            }
            if (last != to) {
                wrong.add("a stream ended well after " + last + " of " + to);
            }
            streamsWhole.incrementAndGet();
        } catch (IOException broken) {
            streamsBroken.incrementAndGet();
        }
    }

    /** Sends numbers, and wants their sum. */
    void upload(Client client, int to) {
        try (Duplex<Integer, Integer> upload = client.duplex(SUM, CallOptions.timeout(Duration.ofSeconds(30)))) {
            int sum = 0;
            for (int i = 1; i <= to; i++) {
                upload.send(i);
                sum += i;
            }
            upload.end();
            Integer answer = upload.receive();
            if (answer == null || answer != sum) {
                wrong.add("the sum up to " + to + " came as " + answer);
            }
            streamsWhole.incrementAndGet();
        } catch (IOException broken) {
            streamsBroken.incrementAndGet();
        }
    }

    /** Sends numbers, and wants each of them doubled before it sends the next one. */
    void duplex(Client client, int to) {
        try (Duplex<Integer, Integer> talk = client.duplex(TWICE, CallOptions.timeout(Duration.ofSeconds(30)))) {
            for (int i = 1; i <= to; i++) {
                talk.send(i);
                Integer answer = talk.receive();
                if (answer == null || answer != 2 * i) {
                    wrong.add("twice " + i + " came as " + answer);
                }
            }
            talk.end();
            Integer further = talk.receive();
            if (further != null) {
                wrong.add("after the end of a duplex stream came " + further);
            }
            streamsWhole.incrementAndGet();
        } catch (IOException broken) {
            streamsBroken.incrementAndGet();
        }
    }

    /** Returns what was untrue; empty if nothing was. Called when all have ended. */
    String untrue() {
        var all = new StringBuilder();
        wrong.forEach(each -> all.append(each).append('\n'));
        for (Told each : told) {
            int times = handled.getOrDefault(each.number(), new AtomicInteger()).get();
            if (times > 1
                    || each.what() == What.ANSWERED && times != 1
                    || each.what() == What.NOT_PROCESSED && times != 0) {
                all.append("call %d was handled %d times, and its client was told %s%n"
                        .formatted(each.number(), times, each.what()));
            }
        }
        return all.toString();
    }

    @Override
    public String toString() {
        return answered + " answered, " + notProcessed + " not processed, " + unknown + " unknown; " + streamsWhole
                + " streams whole, " + streamsBroken + " broken";
    }
}
