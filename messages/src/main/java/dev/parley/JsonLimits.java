package dev.parley;

/**
 * How much a content that is JSON may make of itself in memory: a mebibyte of it can become a hundred as a tree.
 *
 * {@snippet :
 * var limits = MessageLimits.DEFAULT.withJson(new JsonLimits(20, 10_000)); // levels, values
 * }
 *
 * @param depthMax how deep arrays and objects may be nested in each other, 1 to 500; default 100
 * @param valuesMax how many values a content may have that becomes a tree, a map or a list, those in arrays and objects
 *     and these themselves included; at least 1; default 100,000
 */
public record JsonLimits(int depthMax, int valuesMax) {
    /** The most that {@code depthMax} can be. */
    public static final int DEPTH_MAX = 500;

    /** The defaults named above; a server's requests keep to them. */
    public static final JsonLimits DEFAULT = new JsonLimits(100, 100_000);

    /** As much as there can be: a message of one's own, or an answer. */
    static final JsonLimits NONE = new JsonLimits(DEPTH_MAX, Integer.MAX_VALUE);

    /**
     * Checks the ranges.
     *
     * @throws IllegalArgumentException when one does not hold; the message names the limit and its range
     */
    public JsonLimits {
        if (depthMax < 1 || depthMax > DEPTH_MAX) {
            throw new IllegalArgumentException("depthMax is " + depthMax + "; 1 to " + DEPTH_MAX);
        }
        if (valuesMax < 1) {
            throw new IllegalArgumentException("valuesMax is " + valuesMax + "; at least 1");
        }
    }

    /**
     * Checks a text before it is parsed: what stands in strings is skipped, and whether it is JSON is for the parser.
     *
     * @param asTree whether its values count
     * @throws ContentException if it is nested deeper, or has more values
     */
    void check(String json, boolean asTree) {
        if (json.length() <= Math.min(depthMax, valuesMax)) {
            return; // too short to be either
        }
        int depth = 0;
        int values = 1;
        boolean inString = false;
        for (int i = 0; i < json.length(); i++) {
            char next = json.charAt(i);
            if (inString) {
                if (next == '\\') {
                    i++;
                } else if (next == '"') {
                    inString = false;
                }
                continue;
            }
            switch (next) {
                case '"' -> inString = true;
                case '[', '{' -> {
                    depth++;
                    values++;
                }
                case ']', '}' -> depth--;
                case ',' -> values++;
                default -> {}
            }
            if (depth > depthMax) {
                throw ContentException.bad("the content is nested deeper than " + depthMax + " levels", null);
            }
            if (asTree && values > valuesMax) {
                throw ContentException.bad("the content has more than " + valuesMax + " values", null);
            }
        }
    }
}
