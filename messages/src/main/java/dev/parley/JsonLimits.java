package dev.parley;

import dev.parley.json.JsonFault;
import dev.parley.json.JsonScan;

/**
 * The limits on the memory that JSON content may take once it is parsed: a mebibyte of JSON can become a hundred as a
 * tree.
 *
 * {@snippet :
 * var limits = MessageLimits.DEFAULT.withJson(new JsonLimits(20, 10_000)); // levels, values
 * }
 *
 * @param depthMax the deepest that arrays and objects may be nested, 1 to 500; default 100
 * @param valuesMax the most values that a content may have that becomes a tree, a map or a list, including arrays,
 *     objects, and the values in them; at least 1; default 100,000
 */
public record JsonLimits(int depthMax, int valuesMax) {
    /** The most that {@code depthMax} can be. */
    public static final int DEPTH_MAX = JsonScan.DEPTH_MAX;

    /** The default limits, as listed for each component, which apply to a server's requests. */
    public static final JsonLimits DEFAULT = new JsonLimits(100, 100_000);

    /** The weakest limits, for a message of this side, or an answer. */
    static final JsonLimits NONE = new JsonLimits(DEPTH_MAX, Integer.MAX_VALUE);

    /**
     * Checks the ranges.
     *
     * @throws IllegalArgumentException if a limit is out of its range; the message names both
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
     * Scans a content before objects are made of it.
     *
     * @param asTree whether its values are counted
     */
    JsonScan scan(byte[] json, boolean asTree) throws JsonFault {
        return JsonScan.of(json, depthMax, asTree ? valuesMax : Integer.MAX_VALUE);
    }

    /** Returns true if the scanned content is within the limits. */
    boolean allow(JsonScan scanned, boolean asTree) {
        return scanned.depth() <= depthMax && (!asTree || scanned.values() <= valuesMax);
    }
}
