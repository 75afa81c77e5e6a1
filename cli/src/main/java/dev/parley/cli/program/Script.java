package dev.parley.cli.program;

import dev.parley.net.host.Signals;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** A script that a command runs. It ends with the command: Maven would build on, and write into the terminal. */
final class Script {
    private @Nullable Process process;
    private boolean ended;

    private Script() {}

    /**
     * {@return the exit status of the script}
     *
     * @throws IllegalStateException if this process is ending already; then the script was not started
     */
    static int run(ProcessBuilder builder) throws IOException, InterruptedException {
        var script = new Script();
        Signals.endAtOnceOnTheSecond();
        var hook = new Thread(script::end, "parley-script");
        Runtime.getRuntime().addShutdownHook(hook);
        int status = script.start(builder).waitFor();
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException ending) {
            return status; // the hook is already running
        }
        return status;
    }

    private synchronized Process start(ProcessBuilder builder) throws IOException {
        if (ended) {
            throw new IllegalStateException("the process is ending");
        }
        process = builder.start();
        return process;
    }

    /** Passes the end on, and waits until the script has ended what it has started itself. */
    private synchronized void end() {
        ended = true;
        if (process == null) {
            return;
        }
        process.destroy();
        try {
            process.waitFor();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
