package dev.parley.tests.docs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.Message;
import dev.parley.cli.terminal.Terminal;
import dev.parley.cli.tour.Call;
import dev.parley.cli.tour.Payload;
import dev.parley.cli.tour.Recording;
import dev.parley.cli.tour.SequenceDiagram;
import dev.parley.cli.tour.Side;
import dev.parley.cli.tour.Step;
import dev.parley.cli.tour.Tour;
import dev.parley.net.Address;
import dev.parley.net.CloseReason;
import dev.parley.net.EventLoop;
import dev.parley.net.LoopConnection;
import dev.parley.net.Receiver;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests that the drawing shows what happened: it is compared with a second recording of the same run. */
@Timeout(300)
class TourTest {
    private static final Comparator<Step> ANY_ORDER = Comparator.comparing(Step::toString);

    private final Tour tour = new Tour(TourTest::askOnThree, request -> Message.json("{\"result\": \"x\"}"));

    /** Asks other messages than the command's, so that nothing of the drawing is known beforehand. */
    private static boolean askOnThree(EventLoop loop, Address address, int connections) throws Exception {
        var closed = new CountDownLatch(connections);
        for (int i = 0; i < connections; i++) {
            loop.connect(address, new OneByOne(closed, 3 + i));
        }
        return closed.await(60, TimeUnit.SECONDS);
    }

    private record OneByOne(CountDownLatch closed, int bytes) implements Receiver {
        @Override
        public void opened(LoopConnection connection) {
            connection.send(new byte[bytes]);
        }

        @Override
        public void bytes(LoopConnection connection, ByteBuffer ignored) {
            connection.close();
        }

        @Override
        public void closed(LoopConnection connection, CloseReason reason) {
            closed.countDown();
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4})
    void everyStepOfTheRunIsARowOfTheDrawing(int iteration) throws Exception {
        var witness = new Recording();
        Tour.Chapter chapter = tour.run(iteration, witness);
        List<Step> steps = chapter.steps();
        assertThat(sorted(steps)).isEqualTo(sorted(witness.steps()));

        List<String> rows = SequenceDiagram.rows(steps, Terminal.plain(false));
        assertThat(rows).hasSize(steps.size() + 1);
        for (int i = 0; i < steps.size(); i++) {
            assertThat(readBack(rows.get(i + 1), steps.get(i)))
                    .as("row %d: %s", i, rows.get(i + 1))
                    .isTrue();
        }
        assertThat(rows).allMatch(row -> row.codePointCount(0, row.length()) <= 80);
    }

    /** Returns whether the row, as a reader of the drawing sees it, says what the step was. */
    private static boolean readBack(String row, Step step) {
        String[] parts = row.split("│", -1);
        String mine = step.side() == Side.CLIENT ? parts[0] : parts[parts.length - 1];
        String other = step.side() == Side.CLIENT ? parts[parts.length - 1] : parts[0];
        String bytes = step.call() == Call.SEND || step.call() == Call.RECEIVE ? " " + step.bytes() + "\\b" : "";
        boolean showsState = parts[1].contains("[" + step.state() + "]");
        boolean hasState =
                switch (step.call()) {
                    case CONNECT, CONNECTED, ACCEPT, SHUTDOWN, END, CLOSE -> true;
                    case BIND, LISTEN, SEND, RECEIVE, STOP -> false;
                };
        return other.isBlank()
                && showsState == hasState
                && Pattern.compile("\\b" + step.call().text() + bytes)
                        .matcher(mine)
                        .find();
    }

    private static List<Step> sorted(List<Step> steps) {
        return steps.stream().sorted(ANY_ORDER).toList();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4})
    void theOrderIsOneThatCanHaveBeen(int iteration) throws Exception {
        for (int round = 0; round < 20; round++) {
            var sequence = new Sequence();
            tour.run(iteration, new Recording()).steps().forEach(sequence::accept);
            assertThat(sequence.open).isEmpty();
            assertThat(sequence.bytes.values()).allMatch(inFlight -> inFlight == 0);
            assertThat(sequence.stopped).isTrue();
        }
    }

    /** Two threads report late, in every order: the drawing shows an order that is possible. */
    @Test
    void whatIsToldLateIsPutInItsPlace() {
        var told = List.of(
                step(Side.SERVER, Call.LISTEN, 0, 0),
                step(Side.CLIENT, Call.CONNECTED, 1, 0),
                step(Side.SERVER, Call.ACCEPT, 1, 0),
                step(Side.CLIENT, Call.SEND, 1, 5),
                step(Side.CLIENT, Call.SHUTDOWN, 1, 0),
                step(Side.SERVER, Call.RECEIVE, 1, 5),
                step(Side.SERVER, Call.END, 1, 0),
                step(Side.SERVER, Call.SEND, 1, 5),
                step(Side.SERVER, Call.CLOSE, 1, 0),
                step(Side.CLIENT, Call.RECEIVE, 1, 5),
                step(Side.CLIENT, Call.END, 1, 0),
                step(Side.CLIENT, Call.CLOSE, 1, 0),
                step(Side.SERVER, Call.STOP, 0, 0));
        long seed = System.nanoTime();
        var random = new Random(seed);
        for (int round = 0; round < 500; round++) {
            var sequence = new Sequence();
            Recording.inOrder(interleaved(told, random)).forEach(sequence::accept);
            assertThat(sequence.open).as("seed %d, round %d", seed, round).isEmpty();
        }
    }

    private static Step step(Side side, Call call, int connection, int bytes) {
        return new Step(side, call, connection, "", "", new Payload(bytes, "", "", ""));
    }

    /**
     * Returns the steps in another order that keeps the order of each end; the listening socket's first and last step
     * stay at the ends.
     */
    private static List<Step> interleaved(List<Step> told, Random random) {
        var client = new ArrayDeque<Step>();
        var server = new ArrayDeque<Step>();
        told.forEach(step -> (step.side() == Side.CLIENT ? client : server).add(step));
        var mixed = new ArrayList<Step>(List.of(server.pollFirst()));
        Step stop = server.pollLast();
        while (!client.isEmpty() || !server.isEmpty()) {
            boolean fromClient = server.isEmpty() || !client.isEmpty() && random.nextBoolean();
            mixed.add((fromClient ? client : server).poll());
        }
        mixed.add(stop);
        return mixed;
    }

    /** Holds one drawing to what sockets can do. */
    private static final class Sequence {
        final List<String> open = new ArrayList<>();
        final Map<String, Integer> bytes = new HashMap<>();
        final Set<String> ended = new HashSet<>();
        boolean stopped;

        void accept(Step step) {
            String here = step.side() + " " + step.connection();
            String there = (step.side() == Side.CLIENT ? Side.SERVER : Side.CLIENT) + " " + step.connection();
            assertThat(stopped)
                    .as("a step after the listener's close: %s", step)
                    .isFalse();
            switch (step.call()) {
                case ACCEPT, CONNECTED -> open.add(here);
                case SEND -> bytes.merge(here, step.bytes(), Integer::sum);
                case RECEIVE ->
                    assertThat(bytes.merge(there, -step.bytes(), Integer::sum))
                            .as("received before it was sent: %s", step)
                            .isNotNegative();
                case SHUTDOWN -> ended.add(here);
                case END -> assertThat(ended).as("%s", step).contains(there);
                case CLOSE -> {
                    assertThat(open.remove(here)).isTrue();
                    ended.add(here);
                }
                case STOP -> stopped = true;
                case BIND, LISTEN, CONNECT -> assertThat(step.bytes()).isZero();
            }
        }
    }
}
