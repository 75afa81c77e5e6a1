package dev.parley.net.text;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Finds the name that a user may have meant if the written name is unknown, and decides how many slips are allowed. Any
 * thread may call it.
 */
public final class NearestName {
    /** The maximum length of names that are compared, so that no peer can cause much work. */
    public static final int NAME_CHARS_MAX = 64;

    private NearestName() {}

    /**
     * {@return the nearest name, the first one if several are equally near; null if no name is near} A name of up to
     * four characters is near with one slip, a longer one with two slips. Upper case, dashes and underscores do not
     * count.
     *
     * @param written the name that was written; if it has more than {@link #NAME_CHARS_MAX} characters, no name is near
     * @param names the known names; names with more than {@link #NAME_CHARS_MAX} characters are skipped
     */
    public static @Nullable String nearest(String written, Collection<String> names) {
        String wanted = plain(written);
        if (written.length() > NAME_CHARS_MAX) {
            return null;
        }
        int best = wanted.length() <= 4 ? 2 : 3;
        String found = null;
        for (String name : names) {
            String other = name.length() > NAME_CHARS_MAX ? "" : plain(name);
            if (Math.abs(other.length() - wanted.length()) < best) {
                int distance = distance(other, wanted);
                if (distance < Math.min(best, Math.max(other.length(), wanted.length()))) {
                    best = distance;
                    found = name;
                }
            }
        }
        return found;
    }

    private static String plain(String name) {
        return name.replace("-", "").replace("_", "").toLowerCase(Locale.ROOT);
    }

    /**
     * Returns the distance of Damerau and Levenshtein: how many letters must be added, dropped, changed, or swapped
     * with their neighbour.
     */
    private static int distance(String one, String other) {
        var rows = new ArrayList<int[]>();
        for (int i = 0; i <= one.length(); i++) {
            var row = new int[other.length() + 1];
            row[0] = i;
            for (int j = 1; j <= other.length(); j++) {
                row[j] = i == 0 ? j : cheapest(one, other, i, j, rows, row);
            }
            rows.add(row);
        }
        return rows.getLast()[other.length()];
    }

    private static int cheapest(String one, String other, int i, int j, List<int[]> rows, int[] row) {
        boolean same = one.charAt(i - 1) == other.charAt(j - 1);
        int change = rows.get(i - 1)[j - 1] + (same ? 0 : 1);
        int cost = Math.min(change, Math.min(rows.get(i - 1)[j], row[j - 1]) + 1);
        boolean swapped =
                i > 1 && j > 1 && one.charAt(i - 1) == other.charAt(j - 2) && one.charAt(i - 2) == other.charAt(j - 1);
        return swapped ? Math.min(cost, rows.get(i - 2)[j - 2] + 1) : cost;
    }
}
