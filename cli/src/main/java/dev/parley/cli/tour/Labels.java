package dev.parley.cli.tour;

import dev.parley.net.text.SafeText;
import java.util.List;

/** The labels of steps, which all drawings use. */
final class Labels {
    private final boolean numbered;

    /**
     * Creates labels for these steps. If there are several connections, each label has the number of its connection.
     */
    Labels(List<Step> steps) {
        numbered = steps.stream().mapToInt(Step::connection).max().orElse(0) > 1;
    }

    /** Returns the label for the call that a step made, with the detail of this call, such as a number of bytes. */
    String call(Step step) {
        String number = numbered && step.connection() > 0 ? "#" + step.connection() + " " : "";
        String detail =
                switch (step.call()) {
                    case SEND, RECEIVE -> String.valueOf(step.bytes());
                    default -> step.detail().replace("tcp://", "");
                };
        return (number + step.call().text() + " " + detail).stripTrailing();
    }

    /**
     * Returns the payload: if it is a message, its text; otherwise its bytes as quoted text, with a mark if some are
     * left out.
     */
    static String payload(Step step, String more) {
        Payload payload = step.payload();
        return payload.message().isEmpty()
                ? '"' + SafeText.text(payload.text()) + (payload.isCut() ? more : "") + '"'
                : SafeText.text(payload.message().replace("  ", " "));
    }

    /** Returns the state if the step may have changed it; otherwise an empty text. */
    static String state(Step step) {
        return switch (step.call()) {
            case BIND, LISTEN, SEND, RECEIVE, STOP -> "";
            case CONNECT, CONNECTED, ACCEPT, SHUTDOWN, END, CLOSE -> "[" + step.state() + "]";
        };
    }
}
