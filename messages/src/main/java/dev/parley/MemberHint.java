package dev.parley;

import dev.parley.net.text.NearestName;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JacksonException.Reference;
import tools.jackson.databind.JsonNode;

/**
 * A hint for the author of a peer that left out a component of a record: it says if the object has a member whose name
 * is similar to the component's name. The hint does not repeat the name that the peer sent. The work is bounded, since
 * any peer may cause it.
 */
final class MemberHint {
    private static final int JSON_BYTES_MAX = 4 * 1024;
    private static final int MEMBERS_MAX = 256;

    private MemberHint() {}

    /**
     * Returns the hint as a text to append to a sentence. The text begins with a semicolon. It is empty if there is no
     * similar name.
     */
    static String of(List<Reference> path, byte[] json) {
        String missing = path.isEmpty() ? null : path.getLast().getPropertyName();
        JsonNode object = missing == null || json.length > JSON_BYTES_MAX ? null : parent(path, json);
        if (missing == null || object == null || !object.isObject() || object.has(missing)) {
            return "";
        }
        Set<String> taken = componentsAt(path);
        List<String> others = object.propertyNames().stream()
                .limit(MEMBERS_MAX)
                .filter(name -> !taken.contains(name))
                .toList();
        return NearestName.nearest(missing, others) == null
                ? ""
                : "; there is a member with nearly this name: did you mean '" + missing + "'?";
    }

    /** Returns the value in which the member is missing; null if the bytes are not JSON. */
    private static @Nullable JsonNode parent(List<Reference> path, byte[] json) {
        JsonNode at;
        try {
            at = JsonMappers.STRICT.readTree(json);
        } catch (JacksonException noJson) {
            return null;
        }
        for (Reference step : path.subList(0, path.size() - 1)) {
            String name = step.getPropertyName();
            at = name == null ? at.path(step.getIndex()) : at.path(name);
        }
        return at;
    }

    /**
     * Returns the names of the record's components. A member with such a name is not a misspelling of another
     * component.
     */
    private static Set<String> componentsAt(List<Reference> path) {
        var names = new HashSet<String>();
        if (path.getLast().from() instanceof Class<?> type && type.isRecord()) {
            for (var component : type.getRecordComponents()) {
                names.add(component.getName());
            }
        }
        return names;
    }
}
