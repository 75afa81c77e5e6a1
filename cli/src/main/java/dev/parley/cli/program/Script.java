package dev.parley.cli.program;

import dev.parley.net.host.Signals;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A script that a command runs. It ends with the command: Maven would build on, and write into the terminal. */
final class Script {
    private static final int CLEANING_SECONDS = 10;

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

    /**
     * Passes the end on, and waits until the script has cleaned up. A descendant that ignores the end, or waits for
     * something itself, does not keep this process.
     */
    private synchronized void end() {
        ended = true;
        if (process == null) {
            return;
        }
        List<ProcessHandle> all = process.descendants().toList(); // found through their parents, which end now
        process.destroy();
        all.forEach(ProcessHandle::destroy);
        try {
            var _ = process.waitFor(CLEANING_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
