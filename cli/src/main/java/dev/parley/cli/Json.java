package dev.parley.cli;

import dev.parley.frame.JsonText;
import java.util.Collection;
import java.util.stream.Collectors;

/** The little JSON that commands print. */
final class Json {
    private Json() {}

    static String string(String text) {
        return JsonText.string(text);
    }

    static String strings(Collection<?> items) {
        return items.stream().map(item -> string(item.toString())).collect(Collectors.joining(", ", "[", "]"));
    }
}
