package dev.parley.cli;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Counts and hashes the bytes of one direction, to check that an echo is complete and unchanged. One thread adds bytes.
 * Any thread may read the count.
 */
final class Tally {
    private final MessageDigest digest;
    private final AtomicLong bytes = new AtomicLong();

    Tally() {
        try {
            digest = MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }

    void add(byte[] buffer, int count) {
        if (count > 0) {
            digest.update(buffer, 0, count);
            bytes.addAndGet(count);
        }
    }

    long bytes() {
        return bytes.get();
    }

    /** Returns true if the same bytes were added to both tallies. Called once, after the last bytes were added. */
    boolean isSameAs(Tally other) {
        return Arrays.equals(digest.digest(), other.digest.digest());
    }
}
