package dev.parley.frame;

import java.util.Collection;
import java.util.Locale;

/**
 * Finds misspelled keys. A key counts as misspelled if it differs from the wanted key only in case, dashes,
 * underscores, blanks, or up to two letters.
 */
final class MisspelledKey {
    private static final int LETTERS_MAX = 2;

    private MisspelledKey() {}

    /** Returns a hint that this key was probably meant. The hint does not repeat the spelling that the peer sent. */
    static String hint(String key) {
        return "; there is a key with nearly this name: did you mean " + key + "?";
    }

    static boolean isAmong(Collection<String> keys, String wanted) {
        String plain = plain(wanted);
        return keys.stream().anyMatch(key -> !key.equals(wanted) && isNear(plain(key), plain));
    }

    private static String plain(String key) {
        return key.replace("-", "").replace("_", "").replace(" ", "").toLowerCase(Locale.ROOT);
    }

    private static boolean isNear(String one, String other) {
        if (one.equals(other)) {
            return true;
        }
        return Math.abs(one.length() - other.length()) <= LETTERS_MAX && distance(one, other) <= LETTERS_MAX;
    }

    /**
     * Returns the number of letters that must be added, dropped or changed to get from one text to the other
     * (Levenshtein distance). Both texts are short, since the names in a header are short.
     */
    private static int distance(String one, String other) {
        var last = new int[other.length() + 1];
        for (int j = 0; j < last.length; j++) {
            last[j] = j;
        }
        for (int i = 1; i <= one.length(); i++) {
            var next = new int[last.length];
            next[0] = i;
            for (int j = 1; j < next.length; j++) {
                int changed = last[j - 1] + (one.charAt(i - 1) == other.charAt(j - 1) ? 0 : 1);
                next[j] = Math.min(changed, 1 + Math.min(last[j], next[j - 1]));
            }
            last = next;
        }
        return last[other.length()];
    }
}
