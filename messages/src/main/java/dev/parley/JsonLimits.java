package dev.parley;

import dev.parley.json.JsonFault;
import dev.parley.json.JsonScan;

/**
 * The limits on the memory that JSON content may take once it is parsed. They are needed since one mebibyte of JSON can
 * become a hundred mebibytes as a tree of objects.
 *
 * {@snippet :
 * var limits = MessageLimits.DEFAULT.withJson(new JsonLimits(20, 10_000)); // levels, values
 * }
 *
 * @param depthMax the maximum depth of nested arrays and objects, 1 to 500; default 100
 * @param valuesMax the maximum number of values in a content that becomes a tree, a map or a list; arrays, objects, and
 *     the values in them all count; at least 1; default 100,000
 */
public record JsonLimits(int depthMax, int valuesMax) {
    /** The maximum of {@code depthMax}. */
    public static final int DEPTH_MAX = JsonScan.DEPTH_MAX;

    /** The default limits, with the default of each component. They apply to a server's requests. */
    public static final JsonLimits DEFAULT = new JsonLimits(100, 100_000);

    /** The weakest possible limits. They apply to the messages of this side, and to answers. */
    static final JsonLimits NONE = new JsonLimits(DEPTH_MAX, Integer.MAX_VALUE);

    /**
     * Checks the ranges.
     *
     * @throws IllegalArgumentException if a limit is out of its range; the message names the limit and its range
     */
    public JsonLimits {
        if (depthMax < 1 || depthMax > DEPTH_MAX) {
            throw new IllegalArgumentException("depthMax is " + depthMax + "; it must be from 1 to " + DEPTH_MAX);
        }
        if (valuesMax < 1) {
            throw new IllegalArgumentException("valuesMax is " + valuesMax + "; it must be at least 1");
        }
    }

    /**
     * Scans a content before objects are created from it.
     *
     * @param asTree true if the content will become a tree, a map or a list; then its values are counted
     */
    JsonScan scan(byte[] json, boolean asTree) throws JsonFault {
        return JsonScan.of(json, depthMax, asTree ? valuesMax : Integer.MAX_VALUE);
    }

    /** Returns true if the scanned content is within the limits. */
    boolean allow(JsonScan scanned, boolean asTree) {
        return scanned.depth() <= depthMax && (!asTree || scanned.values() <= valuesMax);
    }
}
