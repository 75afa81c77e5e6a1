package dev.parley.tests.fuzz;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The bytes that a client sends, made from an input: requests, controls and misfits of a small grammar, in pieces. The
 * first byte says how the client ends; then each step is a letter with its arguments.
 *
 * <pre>
 * r ID ACTION FLAGS CONTENT   a request; flags: 1 more, 2 no reply, 4 a timeout (which follows), 8 close
 * c NAME ID CREDIT            a control
 * m WHICH                     a message that is refused, or that ends the connection
 * x COUNT BYTES               just bytes, a few in all
 * |                           a cut: what follows is read in another turn
 * </pre>
 */
final class SessionScript {
    private static final String STEPS = "rcmx|";
    private static final String REQUIRED =
            "\"byteorder\": \"little\", \"content-type\": \"text/json\", \"content-encoding\": \"utf-8\"";
    private static final List<String> ACTIONS =
            List.of("echo", "later", "nobody", "typed", "", "null", "parley.peer", "a b");
    private static final List<String> CONTROLS = List.of("ping", "pong", "cancel", "credit", "going-away", "x", "");
    private static final List<String> CREDITS = List.of("", "0", "1", "65536", "-1", "9007199254740992", "\"x\"");
    private static final List<String> TIMEOUTS = List.of("0", "1", "60000", "999999999999999", "-1", "1.5", "null");
    private static final List<String> CONTENTS = List.of(
            "", "{}", "{\"number\": 1}", "{\"number\": \"x\"}", "{\"action\": \"echo\"}", "{\"action\": 1", "[1]");
    private static final List<String> MISFITS = List.of(
            "{}",
            "{\"content-length\": 0, \"id\": 2}",
            "{\"content-length\": 0}",
            "{" + REQUIRED + ", \"content-length\": 0, \"content-length\": 0}",
            "{" + REQUIRED + ", \"content-length\": 99999999}",
            "{" + REQUIRED + ", \"content-length\": 0, \"status\": \"ok\", \"id\": 3}",
            "{" + REQUIRED + ", \"content-length\": 0, \"content-coding\": \"gzip\", \"id\": 1}",
            "{" + REQUIRED + ", \"content-length\": 0, \"id\": 0}",
            "[1, 2]");
    private static final int STEPS_MAX = 40;

    /** The maximum length of raw bytes: too few to be a header with an id, so that every request is known. */
    private static final int RAW_BYTES_MAX = 20;

    private final FuzzInput input;
    private final boolean endsInOrder;
    private final List<byte[]> pieces = new ArrayList<>();
    private final ByteArrayOutputStream piece = new ByteArrayOutputStream();
    private final Map<Long, Integer> requests = new HashMap<>();
    private int rawLeft = RAW_BYTES_MAX;

    SessionScript(byte[] data) {
        input = new FuzzInput(data);
        endsInOrder = !input.flip();
        for (int left = STEPS_MAX; left > 0 && !input.isEmpty(); left--) {
            step();
        }
        cut();
    }

    /** Returns the pieces in the order to send them; none is empty. */
    List<byte[]> pieces() {
        return pieces;
    }

    /** Returns whether the client reads all answers before it goes. */
    boolean endsInOrder() {
        return endsInOrder;
    }

    /** Returns how many requests of the script may have this id; 0 stands for requests without an id. */
    int requests(long id) {
        return requests.getOrDefault(id, 0);
    }

    private void step() {
        int next = input.next();
        int known = STEPS.indexOf(next);
        switch (STEPS.charAt(known >= 0 ? known : next % STEPS.length())) {
            case 'r' -> request();
            case 'c' -> control();
            case 'm' -> misfit(MISFITS.get(input.below(MISFITS.size())));
            case 'x' -> raw();
            default -> cut();
        }
    }

    private void request() {
        int id = input.below(6);
        String action = ACTIONS.get(input.below(ACTIONS.size()));
        int flags = input.flags();
        var keys = new StringBuilder(idKey(id));
        if (!action.isEmpty()) {
            keys.append(", \"action\": ").append(action.equals("null") ? action : "\"" + action + "\"");
        }
        keys.append((flags & 1) != 0 ? ", \"more\": true" : "");
        keys.append((flags & 2) != 0 ? ", \"reply\": false" : "");
        keys.append((flags & 4) != 0 ? ", \"timeout-ms\": " + TIMEOUTS.get(input.below(TIMEOUTS.size())) : "");
        keys.append((flags & 8) != 0 ? ", \"close\": true" : "");
        requests.merge((long) id, 1, Integer::sum);
        frame(keys, CONTENTS.get(input.below(CONTENTS.size())));
    }

    private void control() {
        String name = CONTROLS.get(input.below(CONTROLS.size()));
        var keys = new StringBuilder(idKey(input.below(6)));
        String credit = CREDITS.get(input.below(CREDITS.size()));
        keys.append(", \"control\": \"").append(name).append('"');
        keys.append(credit.isEmpty() ? "" : ", \"credit\": " + credit);
        frame(keys, "");
    }

    private static String idKey(int id) {
        return id == 0 ? "" : ", \"id\": " + id;
    }

    private void frame(StringBuilder keys, String content) {
        byte[] bytes = content.getBytes(StandardCharsets.UTF_8);
        piece.writeBytes(Frames.frame("{" + REQUIRED + ", \"content-length\": " + bytes.length + keys + "}", bytes));
    }

    /** Refused under its id, if at all, as a request is. */
    private void misfit(String header) {
        for (long id = 0; id < 4; id++) {
            requests.merge(id, 1, Integer::sum);
        }
        piece.writeBytes(Frames.frame(header, new byte[0]));
    }

    private void raw() {
        byte[] bytes = input.bytes(Math.min(rawLeft, input.below(RAW_BYTES_MAX)));
        rawLeft -= bytes.length;
        piece.writeBytes(bytes);
    }

    private void cut() {
        if (piece.size() > 0) {
            pieces.add(piece.toByteArray());
            piece.reset();
        }
    }

    @Override
    public String toString() {
        return pieces.stream().map(SeedText::line).toList() + (endsInOrder ? "" : " and closes at once");
    }

    /** Returns a request that every server answers. */
    static byte[] sound() {
        byte[] bytes = "{}".getBytes(StandardCharsets.UTF_8);
        return Frames.frame(
                "{" + REQUIRED + ", \"content-length\": 2, \"id\": 77, \"action\": \"echo\"}", Arrays.copyOf(bytes, 2));
    }
}
