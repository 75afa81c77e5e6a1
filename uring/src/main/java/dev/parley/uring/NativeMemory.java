package dev.parley.uring;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;

/**
 * Reads and writes memory by its address: that which is shared with the kernel, and our own that the kernel is told of.
 *
 * <p>One constant segment covers all of it, so the compiler leaves nothing but the access itself. That makes this the
 * one class where a wrong address would end the process: only {@link Ring}, {@link BufferRing} and {@link Kernel} use
 * it, with addresses of memory that they hold and offsets that they have masked.
 */
final class NativeMemory {
    private static final MemorySegment ALL = all();
    private static final VarHandle INT = ValueLayout.JAVA_INT.varHandle();
    private static final VarHandle SHORT = ValueLayout.JAVA_SHORT.varHandle();

    private NativeMemory() {}

    @SuppressWarnings("restricted")
    private static MemorySegment all() {
        return MemorySegment.NULL.reinterpret(Long.MAX_VALUE);
    }

    /** The address of a direct buffer's first byte; the buffer must be kept for as long as the address is used. */
    static long addressOf(ByteBuffer direct) {
        return MemorySegment.ofBuffer(direct).address();
    }

    static int getInt(long address) {
        return ALL.get(ValueLayout.JAVA_INT, address);
    }

    static void putInt(long address, int value) {
        ALL.set(ValueLayout.JAVA_INT, address, value);
    }

    static long getLong(long address) {
        return ALL.get(ValueLayout.JAVA_LONG, address);
    }

    static void putLong(long address, long value) {
        ALL.set(ValueLayout.JAVA_LONG, address, value);
    }

    static short getShort(long address) {
        return ALL.get(ValueLayout.JAVA_SHORT, address);
    }

    static void putShort(long address, short value) {
        ALL.set(ValueLayout.JAVA_SHORT, address, value);
    }

    static byte getByte(long address) {
        return ALL.get(ValueLayout.JAVA_BYTE, address);
    }

    /** What the kernel writes with release: the tail of completions, the head of submissions. */
    static int getIntAcquire(long address) {
        return (int) INT.getAcquire(ALL, address);
    }

    /** What the kernel reads with acquire: the head of completions, the tail of submissions. */
    static void putIntRelease(long address, int value) {
        INT.setRelease(ALL, address, value);
    }

    static void putShortRelease(long address, short value) {
        SHORT.setRelease(ALL, address, value);
    }

    static void fill(long address, long count, byte value) {
        ALL.asSlice(address, count).fill(value);
    }

    static void copy(byte[] from, long to) {
        MemorySegment.copy(from, 0, ALL, ValueLayout.JAVA_BYTE, to, from.length);
    }

    static void copy(long from, long to, long count) {
        MemorySegment.copy(ALL, from, ALL, to, count);
    }

    static byte[] bytes(long address, int count) {
        var bytes = new byte[count];
        MemorySegment.copy(ALL, ValueLayout.JAVA_BYTE, address, bytes, 0, count);
        return bytes;
    }
}
