package dev.parley.cli;

import dev.parley.net.Escaped;
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
    private final boolean terminal;

    /** Streams of the caller's; terminal says whether a person reads the results as they are. */
    Io(InputStream in, OutputStream out, OutputStream err, boolean terminal) {
        this.in = in;
        this.out = out;
        this.err = err;
        this.terminal = terminal;
    }

    /**
     * Those of the process; unbuffered, so that every line is there when it is printed. The launcher says whether the
     * results go to a terminal, since the JVM can tell so only where the input comes from one as well.
     */
    static Io ofProcess() {
        return new Io(
                new FileInputStream(FileDescriptor.in),
                new FileOutputStream(FileDescriptor.out),
                new FileOutputStream(FileDescriptor.err),
                Boolean.getBoolean("parley.terminal"));
    }

    InputStream in() {
        return in;
    }

    /** Whether results go to a terminal, which would obey what a peer wrote. */
    boolean isTerminal() {
        return terminal;
    }

    /** A result, as bytes. */
    synchronized void out(byte[] bytes, int offset, int length) throws OutputClosedException {
        try {
            out.write(bytes, offset, length);
        } catch (IOException e) {
            throw new OutputClosedException(e);
        }
    }

    /** A result, as one line. */
    void outLine(String line) throws OutputClosedException {
        byte[] bytes = (line + "\n").getBytes(StandardCharsets.UTF_8);
        out(bytes, 0, bytes.length);
    }

    /** A result that a peer wrote: on a terminal it cannot move the cursor or rename the window. */
    void outForeignLine(String line) throws OutputClosedException {
        outLine(terminal ? Escaped.lines(line) : line);
    }

    /** Talk, as one line, whoever wrote parts of it; where nobody listens to it, nothing is lost. */
    synchronized void errLine(String line) {
        try {
            err.write((Escaped.lines(line) + "\n").getBytes(StandardCharsets.UTF_8));
        } catch (IOException nobodyListens) {
            return;
        }
    }

    /** What a user sees of a failure: one line, and with --verbose where it came from. */
    void failure(String message, Throwable cause, boolean verbose) {
        errLine("parley: " + message);
        if (verbose) {
            var trace = new StringWriter();
            cause.printStackTrace(new PrintWriter(trace));
            errLine(trace.toString().stripTrailing());
        }
    }

    /** Standard output is closed, or its reader has gone. */
    static final class OutputClosedException extends IOException {
        private static final long serialVersionUID = 1L;

        OutputClosedException(IOException cause) {
            super("cannot write to standard output: " + cause.getMessage(), cause);
        }
    }
}
