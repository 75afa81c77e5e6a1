package dev.parley.cli;

import dev.parley.net.Address;
import dev.parley.net.Limits;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/**
 * A command that does something, and has no subcommands. It gets its streams and the global options from the root
 * command.
 */
abstract class LeafCommand implements Callable<Integer> {
    @Spec
    private @Nullable CommandSpec spec;

    private GlobalOptions root() {
        return (GlobalOptions) Objects.requireNonNull(spec).root().userObject();
    }

    Io io() {
        return root().io();
    }

    boolean isVerbose() {
        return root().verbose();
    }

    /** Prints a failure as one line, and returns the exit status for it. */
    int explain(Throwable thrown) {
        return root().explain(thrown, Objects.requireNonNull(spec).commandLine());
    }

    /** Returns the observer of this command's loops. */
    CliObserver observer() {
        return new CliObserver(io(), isVerbose());
    }

    /**
     * Returns the default limits, but with a connect timeout that is not longer than the time that the whole command
     * may take. A time of zero means no limit.
     */
    static Limits limitsWithin(Duration patience) {
        boolean shorter = !patience.isZero() && patience.compareTo(Limits.DEFAULT.connectTimeout()) < 0;
        return shorter ? Limits.DEFAULT.withConnectTimeout(patience) : Limits.DEFAULT;
    }

    ParameterException usage(String message) {
        return new ParameterException(Objects.requireNonNull(spec).commandLine(), message);
    }

    /**
     * Returns the address. Throws a usage error if it is a {@code mem:} address, since such an address is inside one
     * process, and each command is a process of its own.
     */
    Address reachable(Address address) {
        if (address instanceof Address.Mem) {
            throw usage("'" + address + "' exists only inside one process, so no other command can reach it;"
                    + " write tcp://host:port or unix:/path");
        }
        return address;
    }
}
