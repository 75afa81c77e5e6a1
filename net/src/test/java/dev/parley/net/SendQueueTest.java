package dev.parley.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.parley.net.transport.Channel;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class SendQueueTest {
    /** A queue that counts bytes that it does not have would wait for ever for them to leave. */
    @Test
    void withoutMemoryWhatWasCopiedCountsAndNothingElse() {
        var left = new AtomicInteger(2);
        var pool = new BufferPool(() -> {
            if (left.getAndDecrement() == 0) {
                throw new OutOfMemoryError("there are two buffers in this test");
            }
            return ByteBuffer.allocate(BufferPool.BUFFER_BYTES);
        });
        var queue = new SendQueue(pool);
        assertThatThrownBy(() -> queue.add(ByteBuffer.allocate(100_000))).isInstanceOf(OutOfMemoryError.class);
        assertThat(queue.queuedBytes()).isEqualTo(2 * BufferPool.BUFFER_BYTES);
        assertThat(queue.heldBytes()).isEqualTo(2 * BufferPool.BUFFER_BYTES);
        queue.release();
        assertThat(queue.isEmpty()).isTrue();
        assertThat(pool.lent()).isZero();
    }

    /** Bytes that others must not change are memory that the connection holds, and not memory of the pool. */
    @Test
    void whatIsLentIsCountedAndNotCopied() {
        var pool = new BufferPool(() -> ByteBuffer.allocate(BufferPool.BUFFER_BYTES));
        var queue = new SendQueue(pool);
        queue.addLent(ByteBuffer.wrap(new byte[100_000], 10, 90_000));
        queue.addLent(ByteBuffer.allocate(0));
        assertThat(queue.queuedBytes()).isEqualTo(90_000);
        assertThat(queue.heldBytes()).as("the whole array").isEqualTo(100_000);
        assertThat(pool.lent()).isZero();
        queue.add(ByteBuffer.allocate(1));
        assertThat(queue.heldBytes()).isEqualTo(100_000 + BufferPool.BUFFER_BYTES);
        queue.release();
        assertThat(queue.heldBytes()).isZero();
        assertThat(queue.isEmpty()).isTrue();
    }

    /** The pool exists longer than the connection, so it must not keep the contents. */
    @Test
    void whatWasLentIsForgottenAfterTheWrite() throws IOException {
        var pool = new BufferPool(() -> ByteBuffer.allocate(BufferPool.BUFFER_BYTES));
        var queue = new SendQueue(pool);
        queue.addLent(ByteBuffer.wrap(new byte[200_000]));
        var channel = new Taking();
        channel.room = 1_000;
        assertThat(queue.writeTo(channel, null)).isEqualTo(1_000);
        assertThat(pool.gathered).containsOnlyNulls();
        queue.release();
    }

    /** A channel that takes as much as it is told to, and remembers the bytes and the sizes of the calls. */
    private static final class Taking implements Channel {
        final ByteArrayOutputStream taken = new ByteArrayOutputStream();
        int room;
        int offeredMax;

        @Override
        public int write(ByteBuffer bytes) {
            offeredMax = Math.max(offeredMax, bytes.remaining());
            int count = Math.min(room, bytes.remaining());
            for (int i = 0; i < count; i++) {
                taken.write(bytes.get());
            }
            room -= count;
            return count;
        }

        @Override
        public SocketAddress localAddress() {
            return InetSocketAddress.createUnresolved("local", 1);
        }

        @Override
        public SocketAddress peerAddress() {
            return InetSocketAddress.createUnresolved("peer", 1);
        }

        @Override
        public void wantRead(boolean wanted) {}

        @Override
        public boolean readNow() {
            return false;
        }

        @Override
        public void wantWrite(boolean wanted) {}

        @Override
        public void shutdownOutput() {}

        @Override
        public void close() {}

        @Override
        public void reset() {}
    }

    /** Copied and lent bytes leave in the order of their sends, however little is taken at a time. */
    @Test
    void whatTheChannelTakesIsWhatWasAddedInItsOrder() throws Exception {
        var random = new Random(17);
        var pool = new BufferPool(() -> ByteBuffer.allocate(BufferPool.BUFFER_BYTES));
        var queue = new SendQueue(pool);
        var channel = new Taking();
        var added = new ByteArrayOutputStream();
        var seen = new ByteArrayOutputStream();
        for (int i = 0; i < 500; i++) {
            var bytes = new byte[random.nextInt(random.nextBoolean() ? 50 : 100_000)];
            random.nextBytes(bytes);
            added.writeBytes(bytes);
            ByteBuffer part = ByteBuffer.wrap(bytes);
            if (random.nextBoolean()) {
                queue.add(part);
            } else {
                queue.addLent(part);
            }
            assertThat(part.hasRemaining()).isFalse();
            if (!queue.isEmpty()) {
                channel.room = random.nextInt(120_000);
                queue.writeTo(channel, each -> {
                    var copy = new byte[each.remaining()];
                    each.get(copy);
                    seen.writeBytes(copy);
                });
            }
            assertThat(queue.queuedBytes()).as("seed 17").isEqualTo(added.size() - channel.taken.size());
        }
        while (!queue.isEmpty()) {
            channel.room = 1 + random.nextInt(500_000);
            queue.writeTo(channel, each -> {
                var copy = new byte[each.remaining()];
                each.get(copy);
                seen.writeBytes(copy);
            });
        }
        assertThat(channel.taken.toByteArray()).as("seed 17").isEqualTo(added.toByteArray());
        assertThat(seen.toByteArray()).as("what an observer sees").isEqualTo(added.toByteArray());
        assertThat(queue.heldBytes()).isZero();
        assertThat(pool.lent()).isZero();
    }

    /** The other connections of the loop have their turn, and the JDK keeps no copy of a long buffer. */
    @Test
    void oneWriteIsBounded() throws Exception {
        var queue = new SendQueue(new BufferPool());
        queue.addLent(ByteBuffer.wrap(new byte[1_000_000]));
        var channel = new Taking();
        channel.room = Integer.MAX_VALUE;
        assertThat(queue.writeTo(channel, null)).isEqualTo(256 * 1024);
        assertThat(channel.offeredMax).isEqualTo(64 * 1024);
        assertThat(queue.queuedBytes()).isEqualTo(1_000_000 - 256 * 1024);
    }

    @Test
    void smallSendsShareABuffer() {
        var pool = new BufferPool(() -> ByteBuffer.allocate(BufferPool.BUFFER_BYTES));
        var queue = new SendQueue(pool);
        for (int i = 0; i < 1_000; i++) {
            queue.add(ByteBuffer.allocate(10));
        }
        assertThat(pool.lent()).isEqualTo(1);
        assertThat(queue.queuedBytes()).isEqualTo(10_000);
        queue.release();
        assertThat(pool.lent()).isZero();
    }
}
