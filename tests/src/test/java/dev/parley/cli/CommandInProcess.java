package dev.parley.cli;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/** A command that runs inside the test's process, on streams of its own. */
public record CommandInProcess(int status, String out, String err) {
    /** Runs it to its end, with nothing to read on standard input. */
    public static CommandInProcess run(String... args) {
        return withInput(new byte[0], args);
    }

    /** Runs it to its end, with these bytes on standard input. */
    public static CommandInProcess withInput(byte[] input, String... args) {
        var out = new ByteArrayOutputStream();
        var err = new ByteArrayOutputStream();
        int status = Parley.run(new Io(new ByteArrayInputStream(input), out, err, false), args);
        return new CommandInProcess(status, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
    }
}
