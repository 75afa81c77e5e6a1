package dev.parley.frame;

/** What a content type says of the content. */
public final class ContentTypes {
    /** JSON as we write it. */
    public static final String JSON = "text/json";

    private ContentTypes() {}

    /** Whether content of this type is JSON. */
    public static boolean isJson(String type) {
        return type.equals(JSON) || type.equals("application/json");
    }

    /** Whether content of this type is text in a character set; JSON is. */
    public static boolean isText(String type) {
        return type.startsWith("text/") || isJson(type);
    }
}
