package dev.parley.frame;

/** The value {@code null} of a header's key, which is not the same as an absent key. */
public enum JsonNull {
    /** The only value. */
    NULL
}
