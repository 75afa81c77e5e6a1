package dev.parley.cli.terminal;

import dev.parley.net.Ticker;
import java.time.Duration;
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
     * @param text gives the line for the time elapsed; asked only where it is drawn
     */
    public String draw(Function<Duration, String> text) {
        long elapsed = elapsedNanos();
        if (!terminal.redraws() || elapsed < nextNanos) {
            return "";
        }
        nextNanos = elapsed + BETWEEN_NANOS;
        Glyphs glyphs = terminal.glyphs();
        String line = glyphs.shown(text.apply(Duration.ofNanos(elapsed)));
        return ERASE + Cells.cut(line, terminal.columns() - 1, glyphs.more());
    }

    private long elapsedNanos() {
        return ticker.nanos() - startNanos;
    }
}
