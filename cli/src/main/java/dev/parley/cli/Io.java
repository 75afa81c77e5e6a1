package dev.parley.cli;

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

    Io(InputStream in, OutputStream out, OutputStream err) {
        this.in = in;
        this.out = out;
        this.err = err;
    }

    /** Those of the process; unbuffered, so that every line is there when it is printed. */
    static Io ofProcess() {
        return new Io(
                new FileInputStream(FileDescriptor.in),
                new FileOutputStream(FileDescriptor.out),
                new FileOutputStream(FileDescriptor.err));
    }

    InputStream in() {
        return in;
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

    /** Talk, as one line; where nobody listens to it, nothing is lost. */
    synchronized void errLine(String line) {
        try {
            err.write((line + "\n").getBytes(StandardCharsets.UTF_8));
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
