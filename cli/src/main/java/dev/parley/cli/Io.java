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

/**
 * The three standard streams of a command: results go to {@link #out}, messages for people go to {@link #err}. Text is
 * UTF-8, and writing to a closed output is an error, not ignored. Any thread may print a line.
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

    /** Makes an instance of the caller's streams; {@code terminal} says whether a person reads the results directly. */
    Io(InputStream in, OutputStream out, OutputStream err, boolean terminal) {
        this(in, out, err, Terminal.plain(terminal), Terminal.plain(false));
    }

    /** Makes an instance of the caller's streams, with descriptions of the terminals of both outputs. */
    Io(InputStream in, OutputStream out, OutputStream err, Terminal outTerminal, Terminal errTerminal) {
        this.in = in;
        this.out = out;
        this.err = err;
        this.outTerminal = outTerminal;
        this.errTerminal = errTerminal;
    }

    /**
     * Returns the streams of the process, unbuffered, so that every line appears when it is printed. The launcher says
     * which outputs go to a terminal, and what the terminal is like, since the JVM only knows the former, and only if
     * the input comes from a terminal as well.
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

    /** Returns true if results go to a terminal, which would obey control characters from a peer. */
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

    /** Turns colours on or off for both outputs, also for one that is not a terminal. */
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

    /** Ends the line that a result has begun, and prints a note if not all of a peer's bytes were shown unchanged. */
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

    /** Prints a result as one line; half a surrogate pair, which UTF-8 cannot encode, is printed as a JSON escape. */
    void outLine(String line) throws OutputClosedException {
        outText(line + "\n");
    }

    /** Prints a result that a peer wrote as one line; on a terminal, it cannot move the cursor or rename the window. */
    void outForeignLine(String line) throws OutputClosedException {
        outLine(isTerminal() ? SafeText.lines(line) : line);
    }

    /** Prints a message as one safe line, even if a peer wrote parts of it; a closed standard error is ignored. */
    void errLine(String line) {
        errText(SafeText.lines(line) + "\n");
    }

    private synchronized void errText(String safe) {
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

    /** Draws a progress line in the place of the last one; all other output erases it first. */
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

    /** Prints a failure for a user: one line, and with --verbose its stack trace. */
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
         * Returns true if its reader has gone, as {@code head} does when it has what it wants. The launcher sets the
         * language of the system's message.
         */
        boolean isReaderGone() {
            Throwable cause = getCause();
            return cause != null && String.valueOf(cause.getMessage()).contains("Broken pipe");
        }

        OutputClosedException(IOException cause) {
            super("cannot write to standard output: " + cause.getMessage(), cause);
        }
    }
}
