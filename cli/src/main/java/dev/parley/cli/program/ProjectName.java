package dev.parley.cli.program;

import java.util.Locale;
import java.util.regex.Pattern;
import javax.lang.model.SourceVersion;

/**
 * Decides which names a project may have, and derives other names from the project's name: the project and its
 * directory are {@code word-count}, its package is {@code wordcount}, and its classes begin with {@code WordCount}.
 */
public record ProjectName(String text) {
    /** The rule for names, in words. */
    public static final String RULE =
            "a name is letters and digits of ASCII that begin with a letter, in parts joined by '-' or '_', at most 50";

    private static final int LENGTH_MAX = 50;
    private static final Pattern NAME = Pattern.compile("[A-Za-z][A-Za-z0-9]*([-_][A-Za-z0-9]+)*");

    private static final Pattern PART = Pattern.compile("(?:^|[-_])([A-Za-z0-9])");

    /**
     * Checks a name and returns it.
     *
     * @throws ProgramException if the text does not follow the {@link #RULE}, or if its package name is a word that
     *     Java reserves
     */
    public static ProjectName of(String text) throws ProgramException {
        if (!NAME.matcher(text).matches() || text.length() > LENGTH_MAX) {
            throw new ProgramException("'" + text + "' is not a name for a project; " + RULE);
        }
        var name = new ProjectName(text);
        if (SourceVersion.isKeyword(name.packageName()) || name.packageName().equals("java")) {
            throw new ProgramException("'" + text + "' is not a name for a project: Java keeps the package name '"
                    + name.packageName() + "' for itself");
        }
        return name;
    }

    /** Returns the name in lower case, without separators. */
    public String packageName() {
        return text.replaceAll("[-_]", "").toLowerCase(Locale.ROOT);
    }

    /** Returns the name with a capital at the start of each part, without separators. */
    public String className() {
        return PART.matcher(text).replaceAll(part -> part.group(1).toUpperCase(Locale.ROOT));
    }
}
