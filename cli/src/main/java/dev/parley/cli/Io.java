package dev.parley.cli;

import dev.parley.cli.terminal.Ink;
import dev.parley.cli.terminal.ProgressLine;
import dev.parley.cli.terminal.Terminal;
import dev.parley.frame.JsonText;
import dev.parley.net.SafeText;
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
 * The three standard streams of a command: results go to {@link #out}, talk goes to {@link #err}. Text is UTF-8, and a
 * closed output is an error and not silence. Any thread may print a line.
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

    /** Streams of the caller's; terminal says whether a person reads the results as they are. */
    Io(InputStream in, OutputStream out, OutputStream err, boolean terminal) {
        this(in, out, err, Terminal.plain(terminal), Terminal.plain(false));
    }

    /** Streams of the caller's, and what a person sees of the outputs. */
    Io(InputStream in, OutputStream out, OutputStream err, Terminal outTerminal, Terminal errTerminal) {
        this.in = in;
        this.out = out;
        this.err = err;
        this.outTerminal = outTerminal;
        this.errTerminal = errTerminal;
    }

    /**
     * Those of the process; unbuffered, so that every line is there when it is printed. The launcher says which outputs
     * go to a terminal, since the JVM can tell so only where the input comes from one as well, and what it is like.
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

    /** Whether results go to a terminal, which would obey what a peer wrote. */
    boolean isTerminal() {
        return outTerminal.attached();
    }

    /** What a person sees of the results. */
    Terminal terminal() {
        return outTerminal;
    }

    /** What a person sees of the talk. */
    Terminal errTerminal() {
        return errTerminal;
    }

    /** Colours both outputs, or neither, whatever they are. */
    void setColours(boolean coloured) {
        outTerminal = outTerminal.withColours(coloured);
        errTerminal = errTerminal.withColours(coloured);
    }

    /** A result, as bytes. */
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
     * Bytes that a peer wrote, as they came; a terminal, which would obey some of them, gets text in which those are
     * shown.
     */
    synchronized void outForeign(byte[] bytes, int offset, int length) throws OutputClosedException {
        if (isTerminal()) {
            outText(foreign.shown(bytes, offset, length));
        } else {
            out(bytes, offset, length);
        }
    }

    /** Ends the line that a result has begun, and says so where not all of a peer's bytes were shown as they came. */
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

    /** A result, as one line; half a surrogate pair, which UTF-8 cannot say, is printed as JSON escapes it. */
    void outLine(String line) throws OutputClosedException {
        outText(line + "\n");
    }

    /** A result that a peer wrote: on a terminal it cannot move the cursor or rename the window. */
    void outForeignLine(String line) throws OutputClosedException {
        outLine(isTerminal() ? SafeText.lines(line) : line);
    }

    /** Talk, as one line, whoever wrote parts of it; where nobody listens to it, nothing is lost. */
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

    /** Draws a progress line in the place of the last one; whatever else is printed erases it first. */
    synchronized void progress(String drawn) {
        if (!drawn.isEmpty()) {
            errBytes(drawn);
            progressShown = true;
        }
    }

    /** Leaves no progress line behind. */
    synchronized void eraseProgress() {
        if (progressShown) {
            errBytes(ProgressLine.ERASE);
            progressShown = false;
        }
    }

    /** What a user sees of a failure: one line, and with --verbose where it came from. */
    void failure(String message, Throwable cause, boolean verbose) {
        errText(errTerminal.paint(Ink.ERROR, "parley:") + " " + SafeText.lines(message) + "\n");
        if (verbose) {
            var trace = new StringWriter();
            cause.printStackTrace(new PrintWriter(trace));
            errLine(trace.toString().stripTrailing());
        }
    }

    /** Standard output is closed, or its reader has gone. */
    static final class OutputClosedException extends IOException {
        private static final long serialVersionUID = 1L;

        /**
         * Whether its reader has gone, as {@code head} does when it has what it wants; the launcher sets the language.
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
