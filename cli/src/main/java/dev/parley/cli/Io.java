package dev.parley.cli;

import dev.parley.cli.terminal.Ink;
import dev.parley.cli.terminal.ProgressLine;
import dev.parley.cli.terminal.Terminal;
import dev.parley.json.JsonText;
import dev.parley.net.text.SafeText;
import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * The three standard streams of a command: results go to {@link #out}, and messages for people go to {@link #err}. Text
 * is UTF-8. If {@link #out} is closed, writing to it throws an exception. Any thread may print a line.
 */
final class Io {
    private final InputStream in;
    private final OutputStream out;
    private final OutputStream err;
    private volatile Terminal outTerminal;
    private volatile Terminal errTerminal;
    private final ForeignBytes foreign = new ForeignBytes();
    private boolean progressShown;
    private boolean insideLine;

    /** The messages that are held back; null if they are written at once. */
    private @Nullable StringBuilder held;

    /** Makes an instance for the caller's streams. {@code terminal} says whether the results go to a terminal. */
    Io(InputStream in, OutputStream out, OutputStream err, boolean terminal) {
        this(in, out, err, Terminal.plain(terminal), Terminal.plain(false));
    }

    /** Makes an instance for the caller's streams, with the terminals of both outputs. */
    Io(InputStream in, OutputStream out, OutputStream err, Terminal outTerminal, Terminal errTerminal) {
        this.in = in;
        this.out = out;
        this.err = err;
        this.outTerminal = outTerminal;
        this.errTerminal = errTerminal;
    }

    /**
     * Returns the streams of the process, without buffers, so that every line appears when it is printed. The launcher
     * says in system properties which outputs go to a terminal, and what the terminal can do. The JVM itself only knows
     * if both input and output are a terminal.
     */
    static Io ofProcess() {
        return new Io(
                new FileInputStream(FileDescriptor.in),
                new FileOutputStream(FileDescriptor.out),
                new FileOutputStream(FileDescriptor.err),
                terminal("parley.terminal"),
                terminal("parley.terminal.err"));
    }

    private static Terminal terminal(String property) {
        boolean attached = Boolean.getBoolean(property);
        int columns = attached ? Integer.getInteger("parley.columns", 0) : 0;
        boolean unicode = !System.getProperty("parley.unicode", "true").equals("false");
        return Terminal.of(attached, columns, unicode, System.getenv());
    }

    InputStream in() {
        return in;
    }

    /**
     * Returns true if results go to a terminal. Then control characters from a peer must be escaped, since a terminal
     * would obey them.
     */
    boolean isTerminal() {
        return outTerminal.attached();
    }

    /** Returns the terminal of the results. */
    Terminal terminal() {
        return outTerminal;
    }

    /** Returns the terminal of the messages. */
    Terminal errTerminal() {
        return errTerminal;
    }

    /** Turns colours on or off for both outputs, even for an output that is not a terminal. */
    void setColours(boolean coloured) {
        outTerminal = outTerminal.withColours(coloured);
        errTerminal = errTerminal.withColours(coloured);
    }

    /** Prints a result, as bytes. */
    synchronized void out(byte[] bytes, int offset, int length) throws OutputClosedException {
        eraseProgress();
        try {
            out.write(bytes, offset, length);
        } catch (IOException e) {
            throw new OutputClosedException(e);
        }
        if (length > 0) {
            insideLine = bytes[offset + length - 1] != '\n';
        }
    }

    /**
     * Prints a peer's bytes unchanged. If the output is a terminal, prints them as text, in which the control
     * characters that the terminal would obey are escaped.
     */
    synchronized void outForeign(byte[] bytes, int offset, int length) throws OutputClosedException {
        if (isTerminal()) {
            outText(foreign.shown(bytes, offset, length));
        } else {
            out(bytes, offset, length);
        }
    }

    /**
     * Called when all of a peer's bytes were printed. Ends the current line, and prints a note if some of the bytes
     * were not shown unchanged.
     */
    synchronized void endForeign() throws OutputClosedException {
        outText(foreign.rest());
        if (insideLine) {
            outText("\n");
        }
        if (foreign.takeChanged()) {
            errLine(
                    "parley: control characters are shown escaped on a terminal; a file or a pipe gets all bytes unchanged");
        }
    }

    private void outText(String text) throws OutputClosedException {
        byte[] bytes = JsonText.utf8(text);
        out(bytes, 0, bytes.length);
    }

    /**
     * Prints a result as one line. Half of a surrogate pair, which UTF-8 cannot encode, is printed as a JSON escape.
     */
    void outLine(String line) throws OutputClosedException {
        outText(line + "\n");
    }

    /**
     * Prints a result that a peer wrote as one line. On a terminal, control characters are escaped, so that the peer
     * cannot move the cursor or rename the window.
     */
    void outForeignLine(String line) throws OutputClosedException {
        outLine(isTerminal() ? SafeText.lines(line) : line);
    }

    /**
     * Prints a message as one line, with control characters escaped, since a peer may have written parts of it. If
     * standard error is closed, nothing happens.
     */
    void errLine(String line) {
        errText(SafeText.lines(line) + "\n");
    }

    /**
     * Holds messages back if they go to a terminal: a program that shows the results page by page has that terminal
     * now.
     */
    synchronized void holdMessages() {
        if (errTerminal.attached() && held == null) {
            held = new StringBuilder();
        }
    }

    /** Prints the messages that were held back. Those that follow are printed at once. */
    synchronized void releaseMessages() {
        StringBuilder messages = held;
        held = null;
        if (messages != null && !messages.isEmpty()) {
            errText(messages.toString());
        }
    }

    private synchronized void errText(String safe) {
        if (held != null) {
            held.append(safe);
            return;
        }
        eraseProgress();
        boolean sameScreen = outTerminal.attached() && errTerminal.attached();
        errBytes(sameScreen && insideLine ? "\n" + safe : safe);
        insideLine = insideLine && !sameScreen;
    }

    private void errBytes(String safe) {
        try {
            err.write(safe.getBytes(StandardCharsets.UTF_8));
        } catch (IOException nobodyListens) {
            return;
        }
    }

    /** Draws a progress line over the previous one. All other output erases it first. */
    synchronized void progress(String drawn) {
        if (!drawn.isEmpty()) {
            errBytes(drawn);
            progressShown = true;
        }
    }

    /** Erases the progress line, if there is one. */
    synchronized void eraseProgress() {
        if (progressShown) {
            errBytes(ProgressLine.ERASE);
            progressShown = false;
        }
    }

    /** Prints a failure as one line, and, if {@code verbose} is true, also its stack trace. */
    void failure(String message, Throwable cause, boolean verbose) {
        errText(errTerminal.paint(Ink.ERROR, "parley:") + " " + SafeText.lines(message) + "\n");
        if (verbose) {
            var trace = new StringWriter();
            cause.printStackTrace(new PrintWriter(trace));
            errLine(trace.toString().stripTrailing());
        }
    }

    /** Thrown if standard output is closed, or its reader has gone. */
    static final class OutputClosedException extends IOException {
        private static final long serialVersionUID = 1L;

        /**
         * Returns true if the reader of the output has ended, as {@code head} does when it has enough lines.
         */
        boolean isReaderGone() {
            Throwable cause = getCause();
            return cause != null && BrokenPipe.isSaidBy(String.valueOf(cause.getMessage()));
        }

        OutputClosedException(IOException cause) {
            super("cannot write to standard output: " + cause.getMessage(), cause);
        }
    }
}
