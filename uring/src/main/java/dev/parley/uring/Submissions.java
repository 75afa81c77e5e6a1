package dev.parley.uring;

import java.io.IOException;
import java.io.UncheckedIOException;

/**
 * Writes the submissions of the transport, and decides their flags. The fields of a submission, by offset in bytes,
 * are:
 *
 * <pre>
 *  0  opcode, flags, ioprio (16 bits), descriptor (32 bits)
 *  8  offset, or a second address
 * 16  address
 * 24  length, flags of the operation (32 bits each)
 * 32  tag, which the completion repeats
 * 40  group of buffers (16 bits), personality, file index
 * </pre>
 */
final class Submissions {
    private static final int OPCODE_MASK = 0xff;
    private static final int OP_POLL_ADD = 6;
    private static final int OP_TIMEOUT = 11;
    private static final int OP_TIMEOUT_REMOVE = 12;
    private static final int OP_ACCEPT = 13;
    private static final int OP_ASYNC_CANCEL = 14;
    private static final int OP_CONNECT = 16;
    private static final int OP_CLOSE = 19;
    private static final int OP_SEND = 26;
    private static final int OP_RECV = 27;

    /** The operations that the kernel must have; {@link Probe} checks this. */
    static final int[] OPERATIONS = {
        OP_POLL_ADD, OP_TIMEOUT, OP_TIMEOUT_REMOVE, OP_ACCEPT, OP_ASYNC_CANCEL, OP_CONNECT, OP_CLOSE, OP_SEND, OP_RECV
    };

    private static final int SQE_BUFFER_SELECT = 1 << 5;
    private static final int SQE_CQE_SKIP_SUCCESS = 1 << 6;
    private static final int ACCEPT_MULTISHOT = 1;
    private static final int RECV_MULTISHOT = 1 << 1;
    private static final int POLL_ADD_MULTI = 1;
    private static final int POLLIN = 1;
    private static final int POLLOUT = 4;
    private static final int POLLRDHUP = 0x2000;
    private static final int SOCK_CLOEXEC = 0x80000;
    private static final int MSG_DONTWAIT = 0x40;
    private static final int MSG_WAITALL = 0x100;
    private static final int MSG_NOSIGNAL = 0x4000;

    /** The offset of a send's length in its submission. */
    private static final int LENGTH_AT = 24;

    private Submissions() {}

    private static void submit(
            Ring ring,
            int opcode,
            int flags,
            int ioprio,
            int descriptor,
            long offset,
            long address,
            int length,
            int operationFlags,
            long tag,
            int group) {
        long first = opcode | (long) flags << 8 | (long) ioprio << 16 | (long) descriptor << 32;
        long lengthAndFlags = length & 0xffffffffL | (long) operationFlags << 32;
        try {
            ring.submit(first, offset, address, lengthAndFlags, tag, group);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static void accept(Ring ring, int descriptor, long tag) {
        submit(ring, OP_ACCEPT, 0, ACCEPT_MULTISHOT, descriptor, 0, 0, 0, SOCK_CLOEXEC, tag, 0);
    }

    static void connect(Ring ring, int descriptor, long name, int nameBytes, long tag) {
        submit(ring, OP_CONNECT, 0, 0, descriptor, nameBytes, name, 0, 0, tag, 0);
    }

    static void receive(Ring ring, int descriptor, int group, long tag) {
        submit(ring, OP_RECV, SQE_BUFFER_SELECT, RECV_MULTISHOT, descriptor, 0, 0, 0, 0, tag, group);
    }

    /** Receives once, into at most one buffer. */
    static void receiveOnce(Ring ring, int descriptor, int group, long tag) {
        submit(ring, OP_RECV, SQE_BUFFER_SELECT, 0, descriptor, 0, 0, 0, 0, tag, group);
    }

    /**
     * Sends as many bytes as the socket takes at once. The kernel does this while it takes the submission, and does not
     * wait for room. There is a completion only if the send fails, or the socket does not take all bytes.
     */
    static void sendQuickly(Ring ring, int descriptor, long address, int length, long tag) {
        int flags = MSG_NOSIGNAL | MSG_WAITALL | MSG_DONTWAIT;
        submit(ring, OP_SEND, SQE_CQE_SKIP_SUCCESS, 0, descriptor, 0, address, length, flags, tag, 0);
    }

    /** Changes the length of a send that the kernel has not taken yet, see {@link Ring#isPending}. */
    static void lengthen(Ring ring, int sequence, int length) {
        NativeMemory.putInt(ring.submission(sequence) + LENGTH_AT, length);
    }

    static void sendSlowly(Ring ring, int descriptor, long address, int length, long tag) {
        submit(ring, OP_SEND, 0, 0, descriptor, 0, address, length, MSG_NOSIGNAL, tag, 0);
    }

    static void pollWithoutEnd(Ring ring, int descriptor, long tag) {
        submit(ring, OP_POLL_ADD, 0, 0, descriptor, 0, 0, POLL_ADD_MULTI, POLLIN, tag, 0);
    }

    static void pollForRoom(Ring ring, int descriptor, long tag) {
        submit(ring, OP_POLL_ADD, 0, 0, descriptor, 0, 0, 0, POLLOUT, tag, 0);
    }

    static void pollForPeerEnd(Ring ring, int descriptor, long tag) {
        submit(ring, OP_POLL_ADD, 0, 0, descriptor, 0, 0, 0, POLLRDHUP, tag, 0);
    }

    static void timeout(Ring ring, long timespec, long tag) {
        submit(ring, OP_TIMEOUT, 0, 0, -1, 0, timespec, 1, 0, tag, 0);
    }

    static void removeTimeout(Ring ring, long of) {
        long tag = Operation.UNHEARD.tag(0);
        submit(ring, OP_TIMEOUT_REMOVE, SQE_CQE_SKIP_SUCCESS, 0, -1, 0, of, 0, 0, tag, 0);
    }

    static void cancel(Ring ring, long of) {
        long tag = Operation.UNHEARD.tag(0);
        submit(ring, OP_ASYNC_CANCEL, SQE_CQE_SKIP_SUCCESS, 0, -1, 0, of, 0, 0, tag, 0);
    }

    /** Makes the closes that the kernel has not taken by system calls, because the ring is about to end. */
    static void closePending(Ring ring, Sockets sockets) {
        for (int sequence = ring.sequence() - ring.pending(); sequence != ring.sequence(); sequence++) {
            long first = NativeMemory.getLong(ring.submission(sequence));
            if ((first & OPCODE_MASK) == OP_CLOSE) {
                sockets.close((int) (first >> Integer.SIZE));
            }
        }
    }

    static void close(Ring ring, int descriptor) {
        long tag = Operation.UNHEARD.tag(0);
        submit(ring, OP_CLOSE, SQE_CQE_SKIP_SUCCESS, 0, descriptor, 0, 0, 0, 0, tag, 0);
    }
}
