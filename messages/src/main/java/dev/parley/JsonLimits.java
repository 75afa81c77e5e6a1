package dev.parley;

import dev.parley.json.JsonFault;
import dev.parley.json.JsonScan;

/**
 * The limits on the depth and the number of values of JSON content, and so on the memory that it takes once it is
 * parsed. They are needed since one mebibyte of JSON can become a hundred mebibytes as a tree of objects. Immutable.
 *
 * {@snippet :
 * var json = JsonLimits.DEFAULT.withDepthMax(20).withValuesMax(10_000);
 * var limits = MessageLimits.DEFAULT.withJson(json);
 * }
 */
public final class JsonLimits {
    /** The maximum of {@code depthMax}. */
    public static final int DEPTH_MAX = JsonScan.DEPTH_MAX;

    /** The defaults that the methods below name. They apply to a server's requests. */
    public static final JsonLimits DEFAULT = new JsonLimits(100, 100_000);

    /** The weakest possible limits. They apply to the messages of this side, and to answers. */
    static final JsonLimits NONE = new JsonLimits(DEPTH_MAX, Integer.MAX_VALUE);

    private final int depthMax;
    private final int valuesMax;

    private JsonLimits(int depthMax, int valuesMax) {
        this.depthMax = depthMax;
        this.valuesMax = valuesMax;
    }

    /** {@return the maximum depth of nested arrays and objects; 1 to 500; default 100} */
    public int depthMax() {
        return depthMax;
    }

    /**
     * {@return these limits with another {@code depthMax}}
     *
     * @param levels the new limit, 1 to {@link #DEPTH_MAX}
     * @throws IllegalArgumentException if the limit is out of its range
     */
    public JsonLimits withDepthMax(int levels) {
        if (levels < 1 || levels > DEPTH_MAX) {
            throw new IllegalArgumentException("depthMax is " + levels + "; it must be from 1 to " + DEPTH_MAX);
        }
        return new JsonLimits(levels, valuesMax);
    }

    /**
     * {@return the maximum number of values in a content that becomes a tree, a map or a list, or contains a tree, a
     * map, an untyped list or an object whose class is not a record; at least 1; default 100,000} Arrays, objects, and
     * the values in them all count.
     */
    public int valuesMax() {
        return valuesMax;
    }

    /**
     * {@return these limits with another {@code valuesMax}}
     *
     * @param values the new limit, at least 1
     * @throws IllegalArgumentException if the limit is below 1
     */
    public JsonLimits withValuesMax(int values) {
        if (values < 1) {
            throw new IllegalArgumentException("valuesMax is " + values + "; it must be at least 1");
        }
        return new JsonLimits(depthMax, values);
    }

    /**
     * Scans a content before objects are created from it.
     *
     * @param asTree true if the content will become a tree, or a type of {@link CountedTypes}; then its values are
     *     counted
     */
    JsonScan scan(byte[] json, boolean asTree) throws JsonFault {
        return JsonScan.of(json, depthMax, asTree ? valuesMax : Integer.MAX_VALUE);
    }

    /** Returns true if the scanned content is within the limits. */
    boolean allow(JsonScan scanned, boolean asTree) {
        return scanned.depth() <= depthMax && (!asTree || scanned.values() <= valuesMax);
    }
}
