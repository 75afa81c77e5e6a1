package dev.parley.net;

import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import org.jspecify.annotations.Nullable;

/**
 * The values that an application keeps with one connection. They take no memory until they are used. Any thread may use
 * them.
 */
final class Attributes {
    private volatile @Nullable ConcurrentMap<String, Object> map;

    ConcurrentMap<String, Object> map() {
        ConcurrentMap<String, Object> now = map;
        return now == null ? made() : now;
    }

    private synchronized ConcurrentMap<String, Object> made() {
        ConcurrentMap<String, Object> now = map;
        if (now == null) {
            now = new ConcurrentHashMap<>();
            map = now;
        }
        return now;
    }
}
