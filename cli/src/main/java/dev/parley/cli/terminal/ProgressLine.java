package dev.parley.cli.terminal;

import dev.parley.net.time.Ticker;
import java.time.Duration;
import java.util.List;
import java.util.function.Function;

/**
 * One line that is drawn again and again in place while long work goes on. This class decides when the line is drawn,
 * and returns the characters to write; its owner writes them. If the work takes less than a second, no line is drawn.
 * Not safe for several threads.
 */
public final class ProgressLine {
    /** The characters that erase the line. */
    public static final String ERASE = "\r\033[K";

    private static final long FIRST_NANOS = Duration.ofSeconds(1).toNanos();
    private static final long BETWEEN_NANOS = Duration.ofMillis(100).toNanos();

    private final Ticker ticker;
    private final Terminal terminal;
    private final long startNanos;
    private long nextNanos;

    /** Makes a line for work that begins now. If the terminal cannot redraw a line, nothing is drawn. */
    public ProgressLine(Ticker ticker, Terminal terminal) {
        this.ticker = ticker;
        this.terminal = terminal;
        startNanos = ticker.nanos();
        nextNanos = FIRST_NANOS;
    }

    /** Returns the time to wait until the line may be drawn again. It is never zero. */
    public Duration untilNext() {
        return Duration.ofNanos(Math.max(BETWEEN_NANOS / 10, nextNanos - elapsedNanos()));
    }

    /**
     * Returns the characters to write now, or an empty text if it is too early.
     *
     * @param parts returns the parts of the line for the elapsed time, the most important part first; called only if
     *     the line is drawn. If a part does not fit, it and the parts after it are left out, since a number that is cut
     *     off would be wrong
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
