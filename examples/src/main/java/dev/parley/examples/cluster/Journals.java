package dev.parley.examples.cluster;

import dev.parley.examples.cluster.Orders.Outcome;
import dev.parley.examples.cluster.Orders.Told;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Compares the orders that the nodes have handled with the responses that the clients got. */
final class Journals {
    private Journals() {}

    /**
     * The result of the comparison. All but {@code handled} and {@code unknownHandled} must be 0.
     *
     * @param handled the orders that some node has handled
     * @param lost the orders that were answered, and that no node has handled
     * @param doubled the orders that were handled twice
     * @param untrue the orders that were handled, although their client got the response that they were not
     * @param unknownHandled the orders that were handled, and whose client does not know
     */
    record Comparison(int handled, int lost, int doubled, int untrue, int unknownHandled) {
        boolean isGood() {
            return lost == 0 && doubled == 0 && untrue == 0;
        }
    }

    static Comparison compare(List<Path> journals, List<Told> told) throws IOException {
        Map<Long, Integer> times = new HashMap<>();
        for (Path journal : journals) {
            for (String line : Files.exists(journal) ? Files.readAllLines(journal) : List.<String>of()) {
                times.merge(Long.valueOf(line), 1, Integer::sum);
            }
        }
        int lost = 0;
        int untrue = 0;
        int unknownHandled = 0;
        for (Told each : told) {
            boolean isHandled = times.containsKey(each.number());
            lost += each.outcome() == Outcome.ANSWERED && !isHandled ? 1 : 0;
            untrue += each.outcome() == Outcome.NOT_PROCESSED && isHandled ? 1 : 0;
            unknownHandled += each.outcome() == Outcome.UNKNOWN && isHandled ? 1 : 0;
        }
        int doubled = (int) times.values().stream().filter(count -> count > 1).count();
        return new Comparison(times.size(), lost, doubled, untrue, unknownHandled);
    }
}
