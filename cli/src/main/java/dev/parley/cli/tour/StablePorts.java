package dev.parley.cli.tour;

import java.util.List;

/**
 * Replaces ports, which the system chooses anew in each run, by stable names for a picture that is kept: the tutorial's
 * port, or a number.
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
