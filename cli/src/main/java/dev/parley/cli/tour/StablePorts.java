package dev.parley.cli.tour;

import java.util.List;

/**
 * Replaces the ports by stable names, so that a picture is the same in every run, while the system chooses other ports
 * in each run. The server's port becomes the tutorial's port, and a client's port becomes {@code client-} and a number.
 */
final class StablePorts {
    private static final String SERVER_PORT = "65432";

    private StablePorts() {}

    static List<Step> of(List<Step> steps) {
        return steps.stream().map(StablePorts::of).toList();
    }

    private static Step of(Step step) {
        String port =
                switch (step.call()) {
                    case BIND, CONNECT -> SERVER_PORT;
                    case ACCEPT, CONNECTED -> "client-" + step.connection();
                    default -> "";
                };
        if (port.isEmpty()) {
            return step;
        }
        String detail = step.detail().replaceFirst(":\\d+$", ":" + port);
        return new Step(step.side(), step.call(), step.connection(), detail, step.state(), step.payload());
    }
}
