package dev.parley.tests.sim;

import dev.parley.CallException;
import dev.parley.net.ConnectFailedException;
import dev.parley.testkit.SimNet;
import java.time.Duration;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/** The faults of a simulated network and its server, and the outcomes that its clients may see. */
final class Trouble {
    private Trouble() {}

    /** Cuts off a client from the server for a while. */
    static void part(SimNet net, SplittableRandom random, String client, int mostMillis) {
        net.partition(client, "server");
        net.run(Duration.ofMillis(random.nextInt(1, mostMillis)));
        net.heal(client, "server");
    }

    /** Stops the server for a while; another one is still to be started. */
    static void stop(SimNet net, SplittableRandom random, boolean silently) {
        if (silently) {
            net.powerOff("server");
        } else {
            net.crash("server");
        }
        net.run(Duration.ofMillis(random.nextInt(1, 10_000)));
    }

    /** Returns whether the exception says that the server never began with the call. */
    static boolean isNotProcessed(@Nullable Throwable failure) {
        return failure instanceof ConnectFailedException
                || failure instanceof CallException told && told.outcome() == CallException.Outcome.NOT_PROCESSED;
    }
}
