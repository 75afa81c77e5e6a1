package dev.parley.server;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * What helps a peer that asked for an action which nobody handles: the name that it may have meant, and where there are
 * few, all of them. Made of the names of this server alone, in a fixed order, and bounded in length and work, since any
 * peer may ask for it.
 */
final class ActionHint {
    private static final int LISTED_MAX = 8;
    private static final int COMPARED_MAX = 256;
    private static final int NAME_CHARS_MAX = 64;

    private final List<String> names;
    private final String all;

    ActionHint(Collection<String> names) {
        this.names = names.stream()
                .filter(name -> name.length() <= NAME_CHARS_MAX)
                .sorted()
                .limit(COMPARED_MAX)
                .toList();
        boolean few = names.size() <= LISTED_MAX && this.names.size() == names.size();
        this.all = few && !names.isEmpty() ? "this server has " + String.join(", ", this.names) : "";
    }

    /** To be appended to a sentence: empty, or beginning with a semicolon. */
    String of(@Nullable String asked) {
        String nearest = asked == null || asked.length() > NAME_CHARS_MAX ? null : nearest(asked);
        if (nearest != null) {
            return "; did you mean '" + nearest + "'?";
        }
        return all.isEmpty() ? "" : "; " + all;
    }

    /** The first of the nearest ones; null where none is near: one slip in a short name, two in a longer one. */
    private @Nullable String nearest(String asked) {
        String wanted = asked.toLowerCase(Locale.ROOT);
        int best = wanted.length() <= 4 ? 2 : 3;
        String found = null;
        for (String name : names) {
            if (Math.abs(name.length() - wanted.length()) < best) {
                int distance = distance(name.toLowerCase(Locale.ROOT), wanted);
                if (distance < best) {
                    best = distance;
                    found = name;
                }
            }
        }
        return found;
    }

    /** How many letters to add, drop, change, or swap with their neighbour: the distance of Damerau and Levenshtein. */
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
