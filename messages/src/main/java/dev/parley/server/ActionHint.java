package dev.parley.server;

import dev.parley.net.text.NearestName;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Makes a hint for a peer that asked for an action without a handler. The hint is the name that the peer may have
 * meant, or, if the server has few names, all of them. It only contains names of this server, in a fixed order. Its
 * length and the work for it are bounded, since any peer may ask for an unknown action.
 */
public final class ActionHint {
    private static final int LISTED_MAX = 8;
    private static final int COMPARED_MAX = 256;

    private final List<String> names;
    private final String all;

    /** Makes the hints of a server with these actions. */
    public ActionHint(Collection<String> names) {
        this.names = names.stream()
                .filter(name -> name.length() <= NearestName.NAME_CHARS_MAX)
                .sorted()
                .limit(COMPARED_MAX)
                .toList();
        boolean few = names.size() <= LISTED_MAX && this.names.size() == names.size();
        this.all = few && !names.isEmpty() ? "this server has " + String.join(", ", this.names) : "";
    }

    /**
     * Returns the hint as a text to append to a sentence. The text begins with a semicolon. It is empty if there is no
     * hint.
     */
    public String of(@Nullable String asked) {
        String nearest = asked == null ? null : NearestName.nearest(asked, names);
        if (nearest != null) {
            return "; did you mean '" + nearest + "'?";
        }
        return all.isEmpty() ? "" : "; " + all;
    }
}
