package dev.parley.tests;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.Message;
import dev.parley.cli.tour.Call;
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
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The drawing shows what happened: it is held against a second recording of the same run. */
@Timeout(60)
class TourTest {
    private static final Comparator<Step> ANY_ORDER = Comparator.comparing(Step::toString);

    private final Tour tour = new Tour(TourTest::askOnThree, request -> Message.json("{\"result\": \"x\"}"));

    /** Other messages than the command's: nothing of the drawing is written down beforehand. */
    private static boolean askOnThree(EventLoop loop, Address address, int connections) throws Exception {
        var closed = new CountDownLatch(connections);
        for (int i = 0; i < connections; i++) {
            loop.connect(address, new OneByOne(closed, 3 + i));
        }
        return closed.await(20, TimeUnit.SECONDS);
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
    @ValueSource(ints = {1, 2, 3})
    void everyStepOfTheRunIsARowOfTheDrawing(int iteration) throws Exception {
        var witness = new Recording();
        Tour.Chapter chapter = tour.run(iteration, witness);
        List<Step> steps = chapter.steps();
        assertThat(sorted(steps)).isEqualTo(sorted(witness.steps()));

        List<String> rows = SequenceDiagram.rows(steps);
        assertThat(rows).hasSize(steps.size() + 1);
        for (int i = 0; i < steps.size(); i++) {
            assertThat(readBack(rows.get(i + 1), steps.get(i)))
                    .as("row %d: %s", i, rows.get(i + 1))
                    .isTrue();
        }
        assertThat(rows).allMatch(row -> row.codePointCount(0, row.length()) <= 80);
    }

    /** Whether the row, as a reader of the drawing sees it, says what the step was. */
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
    @ValueSource(ints = {1, 2, 3})
    void theOrderIsOneThatCanHaveBeen(int iteration) throws Exception {
        for (int round = 0; round < 20; round++) {
            List<Step> steps = tour.run(iteration, new Recording()).steps();
            var open = new ArrayList<String>();
            int sent = 0;
            int received = 0;
            for (Step step : steps) {
                String end = step.side() + " " + step.connection();
                switch (step.call()) {
                    case ACCEPT, CONNECTED -> open.add(end);
                    case CLOSE -> assertThat(open.remove(end)).isTrue();
                    case SEND -> sent += step.bytes();
                    case RECEIVE -> received += step.bytes();
                    case BIND, LISTEN, CONNECT, SHUTDOWN, END, STOP ->
                        assertThat(step).isNotNull();
                }
                assertThat(received).isLessThanOrEqualTo(sent);
            }
            assertThat(open).isEmpty();
            assertThat(received).isEqualTo(sent).isPositive();
        }
    }
}
