package dev.parley.uring;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Set;

/**
 * The ring of one loop, and how it is set up (io_uring_setup(2)). It is two queues that the loop shares with the
 * kernel: submissions are the operations that the loop wants, and completions are their results. Used on the loop's
 * thread only, except for {@link #open}.
 *
 * <pre>
 *            we write                        the kernel writes
 * submissions  [head ........ tail)   completions  [head ........ tail)
 *               ^ the kernel's ^ ours               ^ ours         ^ the kernel's
 * </pre>
 */
final class Ring implements AutoCloseable {
    private static final int SETUP_CQSIZE = 1 << 3;
    private static final int SETUP_R_DISABLED = 1 << 6;
    private static final int SETUP_SUBMIT_ALL = 1 << 7;
    private static final int SETUP_TASKRUN_FLAG = 1 << 9;
    private static final int SETUP_SINGLE_ISSUER = 1 << 12;
    private static final int SETUP_DEFER_TASKRUN = 1 << 13;
    private static final int SETUP_NO_SQARRAY = 1 << 16;

    private static final int ENTER_GETEVENTS = 1;
    private static final int ENTER_EXT_ARG = 1 << 3;
    private static final int ENTER_REGISTERED_RING = 1 << 4;

    private static final int SQ_CQ_OVERFLOW = 1 << 1;
    private static final int SQ_TASKRUN = 1 << 2;

    private static final int REGISTER_ENABLE_RINGS = 12;
    private static final int REGISTER_RING_FDS = 20;
    private static final int UNREGISTER_RING_FDS = 21;

    private static final long OFFSET_RINGS = 0;
    private static final long OFFSET_SUBMISSIONS = 0x10000000L;
    private static final int PROT_READ_WRITE = 3;
    private static final int MAP_SHARED_POPULATE = 0x8001;

    private static final int PARAMS_BYTES = 120;
    private static final int SQE_BYTES = 64;
    private static final int CQE_BYTES = 16;
    private static final int CQE_F_MORE = 1 << 1;
    private static final int EVENTS_ARG_BYTES = 24;
    private static final int TIMESPEC_BYTES = 16;
    private static final long NANOS_PER_SECOND = 1_000_000_000L;

    /** The timeout of {@link #enter} that never expires. */
    static final long FOREVER_NANOS = Long.MAX_VALUE;

    private final Region region;
    private final MemorySegment errno;
    private final Set<Feature> features;
    private final ShortageLog shortageLog = new ShortageLog();
    private final int descriptor;
    private final int kernelFeatures;
    private int enterDescriptor;
    private int enterFlags = ENTER_GETEVENTS;
    private boolean enabled;

    // Addresses in the memory that the kernel shares with us, from io_uring_setup(2).
    private final long rings;
    private final long ringsBytes;
    private final long submissions;
    private final int submissionsBytes;
    private final long sqHead;
    private final long sqTail;
    private final long sqFlags;
    private final int sqMask;
    private final int sqEntries;
    private final long cqHead;
    private final long cqTail;
    private final int cqMask;
    private final long completions;

    private int tail;
    private int cursor;
    private final long eventsArg;
    private final long timespec;

    private Ring(Set<Feature> features, int descriptor, MemorySegment params, Region region) throws IOException {
        this.region = region;
        errno = Kernel.newErrno(region.arena());
        this.features = features;
        this.descriptor = descriptor;
        enterDescriptor = descriptor;
        sqEntries = params.get(ValueLayout.JAVA_INT, 0);
        long at = params.address();
        kernelFeatures = NativeMemory.getInt(at + 20);
        int cqEntries = NativeMemory.getInt(at + 4);
        ringsBytes = Math.max(
                NativeMemory.getInt(at + 64) + (features.contains(Feature.NO_SUBMISSION_ARRAY) ? 0L : 4L * sqEntries),
                NativeMemory.getInt(at + 100) + (long) CQE_BYTES * cqEntries);
        rings = map(ringsBytes, OFFSET_RINGS);
        submissionsBytes = SQE_BYTES * sqEntries;
        submissions = mapSubmissions();
        sqHead = rings + NativeMemory.getInt(at + 40);
        sqTail = rings + NativeMemory.getInt(at + 44);
        sqMask = NativeMemory.getInt(rings + NativeMemory.getInt(at + 48));
        sqFlags = rings + NativeMemory.getInt(at + 56);
        cqHead = rings + NativeMemory.getInt(at + 80);
        cqTail = rings + NativeMemory.getInt(at + 84);
        cqMask = NativeMemory.getInt(rings + NativeMemory.getInt(at + 88));
        completions = rings + NativeMemory.getInt(at + 100);
        if (!features.contains(Feature.NO_SUBMISSION_ARRAY)) {
            fillSubmissionArray(rings + NativeMemory.getInt(at + 64));
        }
        eventsArg = region.arena().allocate(EVENTS_ARG_BYTES, 8).address();
        timespec = region.arena().allocate(TIMESPEC_BYTES, 8).address();
    }

    /** Fills the index array of the submission queue: slot n always refers to submission n. */
    private void fillSubmissionArray(long array) {
        for (int i = 0; i < sqEntries; i++) {
            NativeMemory.putInt(array + 4L * i, i);
        }
    }

    /** Maps the submissions. If this fails, unmaps the rings, which no other code would unmap. */
    private long mapSubmissions() throws IOException {
        try {
            return map(submissionsBytes, OFFSET_SUBMISSIONS);
        } catch (IOException e) {
            Kernel.call(errno, Kernel.MUNMAP, rings, ringsBytes, 0);
            throw e;
        }
    }

    private long map(long bytes, long offset) throws IOException {
        long address =
                Kernel.call(errno, Kernel.MMAP, 0, bytes, PROT_READ_WRITE, MAP_SHARED_POPULATE, descriptor, offset);
        if (address < 0 && address > -4096) {
            throw new UringException("mmap", (int) -address);
        }
        return address;
    }

    /**
     * Creates a ring, which belongs to the thread that first enters it. Any thread may call this.
     *
     * @param features the features that the kernel has
     * @param sqEntries the size of the submission queue, a power of two
     * @param cqEntries the size of the completion queue, a power of two greater than {@code sqEntries}
     * @param from the account that counts the memory of the ring
     * @throws UringException if the kernel refuses
     */
    static Ring open(Set<Feature> features, int sqEntries, int cqEntries, DirectMemory from) throws IOException {
        int flags = SETUP_R_DISABLED | SETUP_SUBMIT_ALL | SETUP_SINGLE_ISSUER | SETUP_CQSIZE;
        if (features.contains(Feature.DEFERRED_WORK)) {
            flags |= SETUP_DEFER_TASKRUN | SETUP_TASKRUN_FLAG;
        }
        if (features.contains(Feature.NO_SUBMISSION_ARRAY)) {
            flags |= SETUP_NO_SQARRAY;
        }
        try (Arena scratch = Arena.ofConfined()) {
            MemorySegment params = scratch.allocate(PARAMS_BYTES, 8);
            NativeMemory.putInt(params.address() + 4, cqEntries);
            NativeMemory.putInt(params.address() + 8, flags);
            MemorySegment place = Kernel.newErrno(scratch);
            long fd = Kernel.call(place, Kernel.IO_URING_SETUP, sqEntries, params.address(), 0);
            if (fd < 0) {
                throw new UringException("io_uring_setup", (int) -fd);
            }
            Region region = from.sharedRegion();
            try {
                return new Ring(features, (int) fd, params, region);
            } catch (IOException | RuntimeException | Error e) {
                region.close();
                Kernel.call(place, Kernel.CLOSE, fd);
                throw e;
            }
        }
    }

    /**
     * Calls io_uring_register(2). Any thread may call this before the first {@link #enter}; after that, only the loop's
     * thread.
     */
    void register(int operation, long argument, int count) throws UringException {
        long result = Kernel.call(errno, Kernel.IO_URING_REGISTER, descriptor, operation, argument, count, 0, 0);
        if (result < 0) {
            throw new UringException("io_uring_register(" + operation + ")", (int) -result);
        }
    }

    /** Returns the log of shortages, for callers that meet a shortage which the ring itself does not notice. */
    ShortageLog shortageLog() {
        return shortageLog;
    }

    // Submissions.

    /** Writes the next submission. If the queue is full, its submissions are handed to the kernel before. */
    void submit(long opcodeFlagsAndDescriptor, long offset, long address, long lengthAndFlags, long tag, long group)
            throws IOException {
        if (isFull()) {
            flush();
        }
        long at = submission(tail);
        NativeMemory.putLong(at, opcodeFlagsAndDescriptor);
        NativeMemory.putLong(at + 8, offset);
        NativeMemory.putLong(at + 16, address);
        NativeMemory.putLong(at + 24, lengthAndFlags);
        NativeMemory.putLong(at + 32, tag);
        NativeMemory.putLong(at + 40, group);
        NativeMemory.putLong(at + 48, 0);
        NativeMemory.putLong(at + 56, 0);
        tail++;
    }

    /** Returns the address of the submission with this number. It is valid while the submission is pending. */
    long submission(int sequence) {
        return submissions + (long) (sequence & sqMask) * SQE_BYTES;
    }

    boolean isFull() {
        return tail - NativeMemory.getIntAcquire(sqHead) == sqEntries;
    }

    /** Returns the number of submissions that the kernel has not taken yet. */
    int pending() {
        return tail - NativeMemory.getIntAcquire(sqHead);
    }

    /**
     * Returns the number of the next submission. A submission with a lower number may have been handed over since it
     * was written.
     */
    int sequence() {
        return tail;
    }

    /** Returns true if the submission with this number was not handed over yet, so that it may be changed. */
    boolean isPending(int sequence) {
        return sequence - NativeMemory.getIntAcquire(sqHead) >= 0;
    }

    /**
     * Hands over submissions without waiting, until there is room in the queue. Failures of these submissions are
     * reported as completions.
     */
    private void flush() throws IOException {
        shortageLog.met(Shortage.SUBMISSIONS);
        int attempts = 0;
        while (isFull()) {
            enter(false, 0);
            if (++attempts > sqEntries) {
                throw new IOException("the kernel takes no submissions: " + pending() + " wait");
            }
        }
    }

    /**
     * Hands over all submissions and, if asked to, waits for a completion.
     *
     * @param wait true to wait for at least one completion
     * @param timeoutNanos the maximum time to wait; {@link #FOREVER_NANOS} means to wait without a timeout
     * @throws IOException if the ring itself can no longer be used
     */
    void enter(boolean wait, long timeoutNanos) throws IOException {
        if (!enabled) {
            enable();
        }
        NativeMemory.putIntRelease(sqTail, tail);
        int flags = enterFlags;
        long argument = 0;
        long argumentBytes = 0;
        if (wait && timeoutNanos != FOREVER_NANOS) {
            NativeMemory.putLong(timespec, timeoutNanos / NANOS_PER_SECOND);
            NativeMemory.putLong(timespec + 8, timeoutNanos % NANOS_PER_SECOND);
            NativeMemory.putLong(eventsArg + 16, timespec);
            flags |= ENTER_EXT_ARG;
            argument = eventsArg;
            argumentBytes = EVENTS_ARG_BYTES;
        }
        long result = Kernel.call(
                errno, Kernel.IO_URING_ENTER, enterDescriptor, pending(), wait ? 1 : 0, flags, argument, argumentBytes);
        if (result < 0) {
            judge((int) -result);
        }
    }

    /**
     * Throws an exception for an error, unless the error is harmless, because the next turn can go on: the timeout is
     * over, a signal has arrived, or completions must be taken first.
     */
    private static void judge(int error) throws UringException {
        boolean harmless =
                error == Kernel.ETIME || error == Kernel.EINTR || error == Kernel.EBUSY || error == Kernel.EAGAIN;
        if (!harmless) {
            throw new UringException("io_uring_enter", error);
        }
    }

    /** Enables the ring. Called on the loop's thread, to which the ring belongs from then on. */
    private void enable() throws IOException {
        enabled = true;
        register(REGISTER_ENABLE_RINGS, 0, 0);
        if (features.contains(Feature.REGISTERED_RING)) {
            enterDescriptor = registerItself();
            enterFlags |= ENTER_REGISTERED_RING;
        }
    }

    /**
     * Registers the ring's descriptor with a struct io_uring_rsrc_update: offset (-1 means any), reserved, the
     * descriptor. Returns the index of the registration, which is valid only on the caller's thread.
     */
    private int registerItself() throws UringException {
        try (Arena scratch = Arena.ofConfined()) {
            long update = scratch.allocate(16, 8).address();
            NativeMemory.putInt(update, -1);
            NativeMemory.putLong(update + 8, descriptor);
            register(REGISTER_RING_FDS, update, 1);
            return NativeMemory.getInt(update);
        }
    }

    private void unregisterItself(int index) throws UringException {
        try (Arena scratch = Arena.ofConfined()) {
            long update = scratch.allocate(16, 8).address();
            NativeMemory.putInt(update, index);
            register(UNREGISTER_RING_FDS, update, 1);
        }
    }

    /**
     * Returns true if the kernel can register the ring's descriptor, so that entering the ring needs no look-up of it.
     * {@link Probe} calls this.
     */
    boolean canRegisterItself() {
        try {
            unregisterItself(registerItself());
            return true;
        } catch (UringException refused) {
            return false;
        }
    }

    /** Returns the IORING_FEAT flags of io_uring_setup(2). */
    int kernelFeatures() {
        return kernelFeatures;
    }

    // Completions.

    /** Returns true if there is a completion that {@link #next} has not returned yet. */
    boolean hasNext() {
        return cursor != NativeMemory.getIntAcquire(cqTail);
    }

    /** Returns the address of the next completion, which stays valid until {@link #release}. */
    long next() {
        return completions + (long) (cursor++ & cqMask) * CQE_BYTES;
    }

    /**
     * Returns the index of the first completion that {@link #next} has not returned yet. To read a completion without
     * taking it, use {@link #at}.
     */
    int cursor() {
        return cursor;
    }

    int end() {
        return NativeMemory.getIntAcquire(cqTail);
    }

    long at(int index) {
        return completions + (long) (index & cqMask) * CQE_BYTES;
    }

    static long tagOf(long completion) {
        return NativeMemory.getLong(completion);
    }

    static void putTag(long completion, long tag) {
        NativeMemory.putLong(completion, tag);
    }

    static int resultOf(long completion) {
        return NativeMemory.getInt(completion + 8);
    }

    static int flagsOf(long completion) {
        return NativeMemory.getInt(completion + 12);
    }

    /** Returns true if the submission has more completions after this one: IORING_CQE_F_MORE. */
    static boolean hasMore(int flags) {
        return (flags & CQE_F_MORE) != 0;
    }

    /** Lets the kernel overwrite the completions that {@link #next} has returned. */
    void release() {
        NativeMemory.putIntRelease(cqHead, cursor);
    }

    /**
     * Returns true if the kernel holds completions that are not in the queue yet. A call of {@link #enter} that does
     * not wait brings them.
     */
    boolean hasMoreInside() {
        return (NativeMemory.getIntAcquire(sqFlags) & (SQ_CQ_OVERFLOW | SQ_TASKRUN)) != 0;
    }

    /** Returns true if completions wait in the kernel because their queue was full. */
    boolean isOverflown() {
        return (NativeMemory.getIntAcquire(sqFlags) & SQ_CQ_OVERFLOW) != 0;
    }

    /**
     * Closes the ring. The kernel cancels the operations that are still under way. Called on the loop's thread, or
     * before the first {@link #enter}.
     */
    @Override
    public void close() {
        if ((enterFlags & ENTER_REGISTERED_RING) != 0) {
            try {
                unregisterItself(enterDescriptor); // else it lives as long as this thread, which may be the user's
            } catch (UringException ofAnotherThread) {
                enterFlags &= ~ENTER_REGISTERED_RING; // it ends with that thread
            }
        }
        Kernel.call(errno, Kernel.CLOSE, descriptor);
        Kernel.call(errno, Kernel.MUNMAP, rings, ringsBytes, 0);
        Kernel.call(errno, Kernel.MUNMAP, submissions, submissionsBytes, 0);
        region.close();
    }
}
