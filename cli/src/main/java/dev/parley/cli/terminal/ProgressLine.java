package dev.parley.cli.terminal;

import dev.parley.net.time.Ticker;
import java.time.Duration;
import java.util.List;
import java.util.function.Function;

/**
 * One line that is drawn again and again in place while long work goes on. This class says when to draw, and what to
 * write; its owner writes it. Work that takes less than a second gets no line. Not safe for several threads.
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

    /** Makes a line for work that begins now; if the terminal cannot redraw a line, nothing is ever drawn. */
    public ProgressLine(Ticker ticker, Terminal terminal) {
        this.ticker = ticker;
        this.terminal = terminal;
        startNanos = ticker.nanos();
        nextNanos = FIRST_NANOS;
    }

    /** Returns the time to wait until the line may be drawn again, which is never zero. */
    public Duration untilNext() {
        return Duration.ofNanos(Math.max(BETWEEN_NANOS / 10, nextNanos - elapsedNanos()));
    }

    /**
     * Returns the characters to write now; empty if it is too early.
     *
     * @param parts returns the line for the time elapsed, the most important part first; called only if the line is
     *     drawn. Parts that do not fit are left out, since a number that is cut off is a wrong number
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
