package dev.parley.frame;

/** What a content type says of the content. */
public final class ContentTypes {
    /** JSON as we write it. */
    public static final String JSON = "text/json";

    private ContentTypes() {}

    /**
     * {@return whether content of this type is JSON: {@code text/json} or {@code application/json}, in small letters}
     *
     * @param type of a header
     */
    public static boolean isJson(String type) {
        return type.equals(JSON) || type.equals("application/json");
    }

    /**
     * {@return whether content of this type is text in a character set; JSON is}
     *
     * @param type of a header
     */
    public static boolean isText(String type) {
        return type.startsWith("text/") || isJson(type);
    }
}
