package dev.parley.cli;

import dev.parley.cli.tour.Step;
import dev.parley.cli.tour.Tour;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Formats a chapter as JSON, one line for each step. The names of the fields must not change, since scripts depend on
 * them.
 */
final class TourJson {
    /** The text about the fields, for the help page. */
    static final String FIELDS = """
            A line of --json has these fields: chapter (echo, multi, app, multiplexed), step (from 1 in each chapter), \
            side (client or server), connection (from 1; 0 for the listening socket), event (bind, listen, connect, \
            connected, accept, send, receive, shutdown, receive end, close, close listener), detail (an address, a \
            backlog or a reason), bytes (how many), text and hex (the first 64 of them), message (what they say, where \
            they are messages with a header), state (connecting, open, half-closed, closing or closed).""";

    private TourJson() {}

    static List<String> lines(Tour.Chapter chapter) {
        var lines = new ArrayList<String>();
        for (Step step : chapter.steps()) {
            lines.add(line(chapter.name(), lines.size() + 1, step));
        }
        return lines;
    }

    private static String line(String chapter, int number, Step step) {
        return "{\"chapter\": " + Json.string(chapter)
                + ", \"step\": " + number
                + ", \"side\": " + Json.string(step.side().name().toLowerCase(Locale.ROOT))
                + ", \"connection\": " + step.connection()
                + ", \"event\": " + Json.string(step.call().text())
                + ", \"detail\": " + Json.string(step.detail())
                + ", \"bytes\": " + step.bytes()
                + ", \"text\": " + Json.string(step.payload().text())
                + ", \"hex\": " + Json.string(step.payload().hex())
                + ", \"message\": " + Json.string(step.payload().message())
                + ", \"state\": " + Json.string(step.state()) + "}";
    }
}
