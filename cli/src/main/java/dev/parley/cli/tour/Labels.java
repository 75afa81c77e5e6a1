package dev.parley.cli.tour;

import dev.parley.net.SafeText;
import java.util.List;

/** What a step is called, in every drawing of it. */
final class Labels {
    private final boolean numbered;

    /** Where there are several connections, their numbers are told. */
    Labels(List<Step> steps) {
        numbered = steps.stream().mapToInt(Step::connection).max().orElse(0) > 1;
    }

    /** The call and what it was about. */
    String call(Step step) {
        String number = numbered && step.connection() > 0 ? "#" + step.connection() + " " : "";
        String detail =
                switch (step.call()) {
                    case SEND, RECEIVE -> String.valueOf(step.bytes());
                    default -> step.detail().replace("tcp://", "");
                };
        return (number + step.call().text() + " " + detail).stripTrailing();
    }

    /** What went: a message by what it says, other bytes as quoted text, with a mark where that is not all. */
    static String payload(Step step, String more) {
        Payload payload = step.payload();
        return payload.message().isEmpty()
                ? '"' + SafeText.text(payload.text()) + (payload.isCut() ? more : "") + '"'
                : SafeText.text(payload.message().replace("  ", " "));
    }

    /** The state, where the step may have changed it; else empty. */
    static String state(Step step) {
        return switch (step.call()) {
            case BIND, LISTEN, SEND, RECEIVE, STOP -> "";
            case CONNECT, CONNECTED, ACCEPT, SHUTDOWN, END, CLOSE -> "[" + step.state() + "]";
        };
    }
}
