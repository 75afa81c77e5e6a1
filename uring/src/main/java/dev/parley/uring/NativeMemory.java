package dev.parley.uring;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;

/**
 * Reads and writes memory by its address. This is memory that we share with the kernel, and memory of our own whose
 * address we pass to the kernel.
 *
 * <p>One constant segment covers the whole address space, so the compiler reduces each call to the access itself. But
 * then nothing checks an address, and a wrong address would crash the process. So only classes of this package may use
 * this class. They pass only addresses of memory that they hold, and offsets that they have masked.
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

    /**
     * Returns the address of the byte at a direct buffer's position. The caller must keep the buffer for as long as the
     * address is used.
     */
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

    /** Reads a value that the kernel writes with release: the tail of completions, the head of submissions. */
    static int getIntAcquire(long address) {
        return (int) INT.getAcquire(ALL, address);
    }

    /** Writes a value that the kernel reads with acquire: the head of completions, the tail of submissions. */
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
