package dev.parley.tests.cluster;

import dev.parley.net.LoopObserver;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** Keeps what it is warned of. */
final class WarningsObserver implements LoopObserver {
    private final List<String> warnings = new CopyOnWriteArrayList<>();

    @Override
    public void warned(String message) {
        warnings.add(message);
    }

    /** Returns the number of warnings with these words. */
    long count(String words) {
        return warnings.stream().filter(each -> each.contains(words)).count();
    }

    @Override
    public String toString() {
        return warnings.toString();
    }
}
