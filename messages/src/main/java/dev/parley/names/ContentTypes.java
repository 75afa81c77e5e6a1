package dev.parley.names;

/** Decides from the content type whether a content is JSON, and whether it is text. */
public final class ContentTypes {
    /** The content type of the JSON that we write. */
    public static final String JSON = "text/json";

    private ContentTypes() {}

    /**
     * {@return whether content of this type is JSON: {@code text/json} or {@code application/json}, in lower case}
     *
     * @param type the content type of a header
     */
    public static boolean isJson(String type) {
        return type.equals(JSON) || type.equals("application/json");
    }

    /**
     * {@return whether content of this type is text in a character set; JSON counts as text}
     *
     * @param type the content type of a header
     */
    public static boolean isText(String type) {
        return type.startsWith("text/") || isJson(type);
    }
}
