package dev.parley.nats;

import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.Set;

/** The names that were added last. Older ones are forgotten. Any thread may use it. */
final class RecentNames {
    private static final int NAMES_MAX = 1_000;

    private final Set<String> names = new LinkedHashSet<>();

    synchronized void add(String name) {
        if (names.add(name) && names.size() > NAMES_MAX) {
            Iterator<String> oldest = names.iterator();
            var _ = oldest.next();
            oldest.remove();
        }
    }

    /** Forgets a name. Returns false if it was not there. */
    synchronized boolean remove(String name) {
        return names.remove(name);
    }
}
