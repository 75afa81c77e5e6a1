package dev.parley.cli.terminal;

import dev.parley.net.Ticker;
import java.time.Duration;
import java.util.List;
import java.util.function.Function;

/**
 * One line that is drawn again and again in its place while long work goes on. It says when to draw, and what to write
 * for that; writing it is its owner's part. What takes less than a second gets none. Not for several threads.
 */
public final class ProgressLine {
    /** What erases the line. */
    public static final String ERASE = "\r\033[K";

    private static final long FIRST_NANOS = Duration.ofSeconds(1).toNanos();
    private static final long BETWEEN_NANOS = Duration.ofMillis(100).toNanos();

    private final Ticker ticker;
    private final Terminal terminal;
    private final long startNanos;
    private long nextNanos;

    /** For work that begins now; where the terminal cannot redraw a line, nothing is ever drawn. */
    public ProgressLine(Ticker ticker, Terminal terminal) {
        this.ticker = ticker;
        this.terminal = terminal;
        startNanos = ticker.nanos();
        nextNanos = FIRST_NANOS;
    }

    /** How long to wait until the line may be drawn again; not less than a moment. */
    public Duration untilNext() {
        return Duration.ofNanos(Math.max(BETWEEN_NANOS / 10, nextNanos - elapsedNanos()));
    }

    /**
     * What to write now; empty where it is too early.
     *
     * @param parts gives the line for the time elapsed, the most telling part first; asked only where it is drawn.
     *     Parts that find no room are left out, since a number that is cut off is another number
     */
    public String draw(Function<Duration, List<String>> parts) {
        long elapsed = elapsedNanos();
        if (!terminal.redraws() || elapsed < nextNanos) {
            return "";
        }
        nextNanos = elapsed + BETWEEN_NANOS;
        return ERASE + fitting(parts.apply(Duration.ofNanos(elapsed)));
    }

    private String fitting(List<String> parts) {
        Glyphs glyphs = terminal.glyphs();
        int columns = terminal.columns() - 1;
        String line = "";
        for (String part : parts) {
            String longer = line.isEmpty() ? glyphs.shown(part) : line + ", " + glyphs.shown(part);
            if (!line.isEmpty() && Cells.of(longer) > columns) {
                break;
            }
            line = longer;
        }
        return Cells.cut(line, columns, glyphs.more());
    }

    private long elapsedNanos() {
        return ticker.nanos() - startNanos;
    }
}
