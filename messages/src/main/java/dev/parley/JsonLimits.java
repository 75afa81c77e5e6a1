package dev.parley;

import dev.parley.frame.JsonFault;
import dev.parley.frame.JsonScan;

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
    public static final int DEPTH_MAX = JsonScan.DEPTH_MAX;

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
     * Looks at a content before objects are made of it.
     *
     * @param asTree whether its values count
     */
    JsonScan scan(byte[] json, boolean asTree) throws JsonFault {
        return JsonScan.of(json, depthMax, asTree ? valuesMax : Integer.MAX_VALUE);
    }

    /** Whether what was scanned keeps to the limits. */
    boolean allow(JsonScan scanned, boolean asTree) {
        return scanned.depth() <= depthMax && (!asTree || scanned.values() <= valuesMax);
    }
}
