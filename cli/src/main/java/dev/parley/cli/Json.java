package dev.parley.cli;

import dev.parley.json.JsonText;
import java.util.Collection;
import java.util.Map;
import java.util.stream.Collectors;

/** Formats small pieces of JSON that commands print. */
final class Json {
    private Json() {}

    static String string(String text) {
        return JsonText.string(text);
    }

    static String counts(Map<String, Integer> counts) {
        return counts.entrySet().stream()
                .map(entry -> string(entry.getKey()) + ": " + entry.getValue())
                .collect(Collectors.joining(", ", "{", "}"));
    }

    static String strings(Collection<?> items) {
        return items.stream().map(item -> string(item.toString())).collect(Collectors.joining(", ", "[", "]"));
    }
}
