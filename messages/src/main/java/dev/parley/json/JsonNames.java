package dev.parley.json;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/**
 * Finds names that a JSON object has twice. It keeps the names of all objects that are open while JSON is read. The
 * first 12 names of an object are compared one by one. Further names are looked up in a hash table that all objects
 * share. When an object ends, its names are removed from the table in the reverse order, so that the table stays
 * correct. Names with escapes are compared in their decoded form. Used by one thread.
 */
final class JsonNames {
    /** The number of an object's names that are compared one by one. */
    private static final int COMPARED_MAX = 12;

    /**
     * The seed of the hash. It is random, since peers choose the names, and must not be able to choose their places in
     * the table.
     */
    private static final long SEED = ThreadLocalRandom.current().nextLong() | 1;

    private static final String TWICE = "an object has the same name twice";

    private static final long MIX = 0x9e37_79b9_7f4a_7c15L;

    private static final int[] NO_TABLE = {};

    private final byte[] json;

    // For each name, in the order of reading: its first bytes, its start and end, and its hash and place in the table.
    private long[] firsts = new long[16];
    private int[] hashes = NO_TABLE;
    private int[] starts = new int[16];
    private int[] ends = new int[16];
    private int[] places = NO_TABLE;
    private int count;

    /** The hash table. A place contains the index of a name, plus 1, or 0 if the place is free. */
    private int[] table = NO_TABLE;

    private int inTable;

    // The range of places that hold names of the last object that ended. These names were compared with each other, so
    // they differ. A later name overwrites a place and ends the range there.
    private int surelyFrom;
    private int surelyTo;

    /**
     * The serial number of the last object. It is a part of the hash, so that equal names of two objects count as
     * different.
     */
    private int serial;

    /**
     * The decoded forms of the names with escapes, one after another. For such a name, {@link #starts} contains the
     * bitwise complement of its index in this array.
     */
    private byte[] unescaped = new byte[0];

    private int unescapedLength;

    JsonNames(byte[] json) {
        this.json = json;
    }

    /** Returns the number of names that are kept. The names of an object that opens now follow these names. */
    int count() {
        return count;
    }

    int newSerial() {
        return ++serial;
    }

    /**
     * Takes an object's next name, if it equals the name at the same place in the previous object. Then no further
     * check is necessary. This is the usual case for the objects of a list.
     *
     * @param base the {@link #count} when the object opened
     * @param start the index after the quote that begins the name
     * @return the index of the quote that ends the name; a negative number if it is another name, which was not taken
     */
    int again(int base, int start) {
        int place = count;
        if (base != surelyFrom || place >= surelyTo || place >= base + COMPARED_MAX || starts[place] < 0) {
            return -1;
        }
        int end = start + ends[place] - starts[place];
        boolean isSame = end < json.length
                && json[end] == '"'
                && Arrays.equals(json, start, end, json, starts[place], ends[place]);
        if (!isSame) {
            return -1;
        }
        starts[place] = start;
        ends[place] = end;
        count++;
        return end;
    }

    /**
     * Takes an object's next name.
     *
     * @param base the {@link #count} when the object opened
     * @param object the serial number of the object
     * @return the reason if the name is not allowed; otherwise null
     */
    @Nullable
    String add(int base, int object, int start, int end, boolean hasEscapes) {
        if (count == starts.length) {
            grow();
        }
        surelyTo = Math.min(surelyTo, count);
        if (hasEscapes) {
            starts[count] = ~unescapedLength;
            if (!unescape(start, end)) {
                return "a name has half a surrogate pair";
            }
        } else {
            starts[count] = start;
            ends[count] = end;
        }
        long first = firstOf(count);
        firsts[count] = first;
        int compared = Math.min(count, base + COMPARED_MAX);
        for (int i = base; i < compared; i++) {
            if (firsts[i] == first && same(i, count)) {
                return TWICE;
            }
        }
        boolean isNew = count < base + COMPARED_MAX || enter(count, object, base);
        count++;
        return isNew ? null : TWICE;
    }

    /** Returns the last name in its decoded form. Called if the name has escapes. */
    byte[] lastUnescaped() {
        return Arrays.copyOfRange(unescaped, start(count - 1), ends[count - 1]);
    }

    /**
     * Removes the names of an object. Called when the object has ended.
     *
     * @param base the {@link #count} when the object opened
     */
    void end(int base) {
        if (count > base) {
            surelyTo = base == surelyFrom ? Math.max(surelyTo, count) : count;
            surelyFrom = base;
        }
        while (count > base) {
            count--;
            if (starts[count] < 0) {
                unescapedLength = ~starts[count];
            }
            if (count >= base + COMPARED_MAX) {
                table[places[count]] = 0;
                inTable--;
            }
        }
    }

    private byte[] array(int name) {
        return starts[name] < 0 ? unescaped : json;
    }

    private int start(int name) {
        return starts[name] < 0 ? ~starts[name] : starts[name];
    }

    private boolean same(int one, int other) {
        return Arrays.equals(array(one), start(one), ends[one], array(other), start(other), ends[other]);
    }

    /** Returns the first bytes of a name, as many as fit into a long. If these differ, the names differ. */
    private long firstOf(int name) {
        byte[] bytes = array(name);
        int at = start(name);
        int length = ends[name] - at;
        if (length >= Long.BYTES) {
            return Utf8.longAt(bytes, at);
        }
        if (at <= bytes.length - Long.BYTES) {
            return Utf8.longAt(bytes, at) & (1L << length * Byte.SIZE) - 1;
        }
        long first = 0;
        for (int i = 0; i < length; i++) {
            first |= (bytes[at + i] & 0xffL) << i * Byte.SIZE;
        }
        return first;
    }

    private void grow() {
        int size = count * 2;
        firsts = Arrays.copyOf(firsts, size);
        starts = Arrays.copyOf(starts, size);
        ends = Arrays.copyOf(ends, size);
    }

    private int hash(int name, int object) {
        byte[] bytes = array(name);
        int end = ends[name];
        int at = start(name);
        long hash = mixed(SEED ^ object, end - at);
        for (; at <= end - Long.BYTES; at += Long.BYTES) {
            hash = mixed(hash, Utf8.longAt(bytes, at));
        }
        long rest = 0;
        for (; at < end; at++) {
            rest = rest << 8 | bytes[at] & 0xff;
        }
        hash = mixed(hash, rest);
        return (int) (hash ^ hash >>> 32);
    }

    /**
     * Mixes a word into the hash, using both halves of a 128-bit product. With only one half, a peer could find words
     * that do not change the hash.
     */
    private static long mixed(long hash, long word) {
        long factor = hash ^ word;
        long other = SEED ^ MIX;
        return factor * other ^ Math.unsignedMultiplyHigh(factor, other) ^ Long.rotateLeft(hash, 29);
    }

    /**
     * Enters a name into the table. Returns false if the object already has this name. The base is the index of the
     * object's first name.
     */
    private boolean enter(int name, int object, int base) {
        if (name >= hashes.length) {
            hashes = Arrays.copyOf(hashes, starts.length);
            places = Arrays.copyOf(places, starts.length);
        }
        hashes[name] = hash(name, object);
        int[] all = table.length <= inTable * 2 ? enlargeTable() : table;
        int place = hashes[name] & all.length - 1;
        while (all[place] != 0) {
            int other = all[place] - 1;
            if (other >= base && hashes[other] == hashes[name] && same(other, name)) {
                return false;
            }
            place = place + 1 & all.length - 1;
        }
        all[place] = name + 1;
        places[name] = place;
        inTable++;
        return true;
    }

    /** Enters all names into a larger table, in their order, so that they can still be removed in the reverse order. */
    private int[] enlargeTable() {
        int[] old = Arrays.stream(table).filter(each -> each != 0).sorted().toArray();
        var larger = new int[Math.max(64, table.length * 2)];
        for (int each : old) {
            int place = hashes[each - 1] & larger.length - 1;
            while (larger[place] != 0) {
                place = place + 1 & larger.length - 1;
            }
            larger[place] = each;
            places[each - 1] = place;
        }
        table = larger;
        return larger;
    }

    /**
     * Decodes a name with escapes, and keeps the result after the other decoded names. Returns false if the name has
     * half of a surrogate pair.
     */
    private boolean unescape(int start, int end) {
        String name = JsonEscapes.text(json, start, end);
        byte[] bytes = name.getBytes(StandardCharsets.UTF_8);
        int length = ~starts[count] + bytes.length;
        ends[count] = length;
        if (length > unescaped.length) {
            unescaped = Arrays.copyOf(unescaped, Math.max(64, length * 2));
        }
        System.arraycopy(bytes, 0, unescaped, length - bytes.length, bytes.length);
        unescapedLength = length;
        return !JsonText.hasHalfPair(name);
    }
}
