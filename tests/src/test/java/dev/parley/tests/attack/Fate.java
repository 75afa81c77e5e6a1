package dev.parley.tests.attack;

import java.util.Map;
import java.util.TreeMap;

/** The fate of the attackers of one kind: numbers by name, as a line of text between two processes. */
final class Fate {
    static final String CONNECTIONS = "connections";
    static final String REFUSED = "refused";

    /** Connections that the server ended, in order or by a reset. */
    static final String CLOSED = "closed";

    static final String RESET = "reset";

    private static final String MIN = "-min-ms";
    private static final String MAX = "-max-ms";

    private final Attacks kind;
    private final Map<String, Long> numbers = new TreeMap<>();

    Fate(Attacks kind) {
        this.kind = kind;
    }

    Attacks kind() {
        return kind;
    }

    void count(String what) {
        numbers.merge(what, 1L, Long::sum);
    }

    void took(String what, long millis) {
        numbers.merge(what + MIN, millis, Math::min);
        numbers.merge(what + MAX, millis, Math::max);
    }

    /** Returns how many of something there were, such as answers of a status. */
    long of(String what) {
        return numbers.getOrDefault(what, 0L);
    }

    long minMillis(String what) {
        return of(what + MIN);
    }

    long maxMillis(String what) {
        return of(what + MAX);
    }

    String line() {
        var line = new StringBuilder(kind.name());
        numbers.forEach(
                (name, value) -> line.append(' ').append(name).append('=').append(value));
        return line.toString();
    }

    static Fate parse(String line) {
        String[] words = line.split(" ", -1);
        var fate = new Fate(Attacks.valueOf(words[0]));
        for (int i = 1; i < words.length; i++) {
            String[] pair = words[i].split("=", 2);
            fate.numbers.put(pair[0], Long.valueOf(pair[1]));
        }
        return fate;
    }

    @Override
    public String toString() {
        return line();
    }
}
