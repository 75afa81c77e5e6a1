package dev.parley.examples.cluster;

import dev.parley.examples.cluster.Orders.Outcome;
import dev.parley.examples.cluster.Orders.Told;
import dev.parley.examples.cluster.ThreeNodes.Event;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Draws what became of the orders of each second, and what was done to the nodes, as an SVG document without scripts.
 */
final class Plot {
    private static final int LEFT = 70;
    private static final int WIDTH = 900;
    private static final int TOP = 70;
    private static final int HEIGHT = 260;
    private static final int SECOND_TOP = TOP + HEIGHT + 60;
    private static final int SECOND_HEIGHT = 140;
    private static final int WHOLE_WIDTH = LEFT + WIDTH + 30;
    private static final int WHOLE_HEIGHT = SECOND_TOP + SECOND_HEIGHT + 50;
    private static final long SECOND_NANOS = 1_000_000_000L;
    private static final String STYLE = """
            text { font: 12px system-ui, 'DejaVu Sans', sans-serif; fill: #1f2328 }
            .title { font-weight: bold; font-size: 16px }
            .paper { fill: #ffffff }
            .grid { stroke: #d1d9e0 }
            .answered { fill: none; stroke: #1a7f37; stroke-width: 2 }
            .notprocessed { fill: #d4a72c }
            .unknown { fill: #cf222e }
            .wait { fill: none; stroke: #0550ae; stroke-width: 2 }
            .kill { stroke: #cf222e; stroke-dasharray: 4 2 }
            .drain { stroke: #8250df; stroke-dasharray: 4 2 }
            .start { stroke: #1a7f37; stroke-dasharray: 1 3 }
            @media (prefers-color-scheme: dark) {
              text { fill: #e6edf3 } .paper { fill: #0d1117 } .grid { stroke: #30363d } .wait { stroke: #79c0ff }
            }
            """;

    private final StringBuilder svg = new StringBuilder();
    private final int seconds;
    private final Map<Outcome, int[]> counts = new EnumMap<>(Outcome.class);
    private final double[] waitsMillis;

    private Plot(List<Told> told) {
        seconds = 1 + (int) (told.stream().mapToLong(Told::sentNanos).max().orElse(0) / SECOND_NANOS);
        waitsMillis = new double[seconds];
        for (Outcome outcome : Outcome.values()) {
            var each = new int[seconds];
            told.stream().filter(one -> one.outcome() == outcome).forEach(one -> each[secondOf(one.sentNanos())]++);
            counts.put(outcome, each);
        }
        for (int second = 0; second < seconds; second++) {
            int now = second;
            double[] waits = told.stream()
                    .filter(each -> each.outcome() == Outcome.ANSWERED && secondOf(each.sentNanos()) == now)
                    .mapToDouble(each -> each.tookNanos() / 1e6)
                    .sorted()
                    .toArray();
            waitsMillis[second] = waits.length == 0 ? 0 : waits[(int) (0.99 * (waits.length - 1))];
        }
    }

    private int[] countsOf(Outcome outcome) {
        return counts.getOrDefault(outcome, new int[seconds]);
    }

    private int secondOf(long nanos) {
        return (int) Math.min(seconds - 1, nanos / SECOND_NANOS);
    }

    static String of(List<Told> told, List<Event> events) {
        return new Plot(told).draw(events);
    }

    private String draw(List<Event> events) {
        svg.append(String.format(
                Locale.ROOT,
                "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" role=\"img\">%n",
                WHOLE_WIDTH,
                WHOLE_HEIGHT));
        svg.append("<title>Orders of each second, while nodes are killed, drained and started</title>\n");
        svg.append("<style>\n").append(STYLE).append("</style>\n");
        box("paper", 0, 0, WHOLE_WIDTH, WHOLE_HEIGHT);
        text("title", LEFT, 24, "Orders of each second, by what their clients were told");
        legend();
        int most = roundedUp(
                counts.values().stream().flatMapToInt(Arrays::stream).max().orElse(1));
        axis(TOP, HEIGHT, most);
        bars(Outcome.NOT_PROCESSED, most, 0);
        bars(Outcome.UNKNOWN, most, 1);
        curve(
                "answered",
                Arrays.stream(countsOf(Outcome.ANSWERED)).asDoubleStream().toArray(),
                TOP,
                HEIGHT,
                most);
        text("title", LEFT, SECOND_TOP - 16, "99 of 100 answers came within (ms)");
        int longest = roundedUp((int) Math.ceil(Arrays.stream(waitsMillis).max().orElse(1)));
        axis(SECOND_TOP, SECOND_HEIGHT, longest);
        curve("wait", waitsMillis, SECOND_TOP, SECOND_HEIGHT, longest);
        for (Event event : events) {
            double x = x(event.atNanos() / (double) SECOND_NANOS);
            line(event.what(), x, TOP, x, SECOND_TOP + SECOND_HEIGHT, event.what() + " node " + event.node());
        }
        for (int second = 0; second <= seconds; second += Math.max(5, seconds / 60 * 5)) {
            text("", x(second) - 6, SECOND_TOP + SECOND_HEIGHT + 18, Integer.toString(second));
        }
        text("", LEFT + WIDTH / 2.0 - 20, SECOND_TOP + SECOND_HEIGHT + 38, "seconds");
        return svg.append("</svg>\n").toString();
    }

    private void legend() {
        var entries = new LinkedHashMap<String, String>();
        entries.put("answered", "answered");
        entries.put("notprocessed", "not processed");
        entries.put("unknown", "unknown");
        for (String event : List.of("kill", "drain", "start")) {
            entries.put(event, event);
        }
        int x = LEFT;
        for (Map.Entry<String, String> entry : entries.entrySet()) {
            if (entry.getKey().equals("notprocessed") || entry.getKey().equals("unknown")) {
                box(entry.getKey(), x, 38, 14, 10);
            } else {
                line(entry.getKey(), x, 43, x + 16, 43, entry.getValue());
            }
            text("", x + 22, 48, entry.getValue());
            x += 130;
        }
    }

    private void axis(int top, int height, int most) {
        for (int part = 0; part <= 4; part++) {
            int y = top + height - height * part / 4;
            line("grid", LEFT, y, LEFT + WIDTH, y, "");
            text("", 20, y + 4, String.format(Locale.ROOT, "%,d", most * part / 4));
        }
    }

    private void bars(Outcome outcome, int most, int place) {
        double wide = WIDTH / (double) seconds / 2;
        String style = outcome == Outcome.UNKNOWN ? "unknown" : "notprocessed";
        for (int second = 0; second < seconds; second++) {
            int count = countsOf(outcome)[second];
            double high = Math.max(1, HEIGHT * count / (double) most);
            if (count > 0) {
                box(style, x(second) + place * wide, TOP + HEIGHT - high, wide, high);
            }
        }
    }

    private void curve(String style, double[] values, int top, int height, int most) {
        var path = new StringBuilder();
        for (int second = 0; second < seconds - 1; second++) { // the last second is not a whole one
            double y = top + height - height * Math.min(1, values[second] / most);
            path.append(String.format(Locale.ROOT, "%s%.1f %.1f", second == 0 ? "M" : "L", x(second + 0.5), y));
        }
        svg.append(String.format(Locale.ROOT, "<path class=\"%s\" d=\"%s\"/>%n", style, path));
    }

    private double x(double second) {
        return LEFT + WIDTH * second / seconds;
    }

    /** Returns the next number that four lines divide well. */
    private static int roundedUp(int value) {
        int step = 4;
        while (step * 10 < value) {
            step *= 10;
        }
        return Math.max(4, (value + step - 1) / step * step);
    }

    private void box(String style, double x, double y, double width, double height) {
        svg.append(String.format(
                Locale.ROOT,
                "<rect class=\"%s\" x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\"/>%n",
                style,
                x,
                y,
                width,
                height));
    }

    private void line(String style, double x1, double y1, double x2, double y2, String title) {
        svg.append(String.format(
                Locale.ROOT,
                "<path class=\"%s\" d=\"M%.1f %.1fL%.1f %.1f\"><title>%s</title></path>%n",
                style,
                x1,
                y1,
                x2,
                y2,
                title));
    }

    private void text(String style, double x, double y, String text) {
        svg.append(
                String.format(Locale.ROOT, "<text class=\"%s\" x=\"%.0f\" y=\"%.0f\">%s</text>%n", style, x, y, text));
    }
}
