package dev.parley.cluster;

import dev.parley.Message;
import dev.parley.frame.FrameWriter;
import dev.parley.net.LoopObserver;
import dev.parley.net.text.Durations;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.NavigableMap;
import java.util.PriorityQueue;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/** The log of a cluster inside one process: its values are in memory, and end with the process. */
final class ProcessLog implements DurableLog {
    private final String name;
    private final long ageMaxNanos;
    private final long bytesMax;
    private final LoopObserver observer;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();

    // Guarded by the lock.
    private final NavigableMap<Long, Entry> entries = new TreeMap<>();
    private final Map<String, Place> places = new HashMap<>();
    private long bytes;
    private long last;

    private record Entry(long number, Message value, int bytes, long storedNanos) {}

    /** The place of a reader in the log, and the values that it has given back. */
    private static final class Place {
        long next = 1;
        final PriorityQueue<Returned> returned = new PriorityQueue<>();
    }

    private record Returned(Entry entry, long notBeforeNanos) implements Comparable<Returned> {
        @Override
        public int compareTo(Returned other) {
            return Long.compare(entry.number(), other.entry.number());
        }
    }

    ProcessLog(String name, Duration ageMax, long bytesMax, LoopObserver observer) {
        this.name = name;
        this.ageMaxNanos = Durations.nanos(ageMax);
        this.bytesMax = bytesMax;
        this.observer = observer;
    }

    @Override
    public CompletionStage<Void> append(Message value) {
        int length = new FrameWriter().lengthOf(value.frame());
        lock.lock();
        try {
            expire();
            if (bytes + length > bytesMax) {
                return CompletableFuture.failedFuture(full(name, bytesMax));
            }
            bytes += length;
            last++;
            entries.put(last, new Entry(last, value, length, System.nanoTime()));
            changed.signalAll();
            return CompletableFuture.completedFuture(null);
        } finally {
            lock.unlock();
        }
    }

    static ClusterException full(String name, long bytesMax) {
        return new ClusterException(
                ClusterException.Reason.NOT_SENT,
                "the durable topic '" + name + "' is full: it holds at most " + bytesMax + " bytes");
    }

    private void expire() {
        long now = System.nanoTime();
        while (!entries.isEmpty() && now - entries.firstEntry().getValue().storedNanos() > ageMaxNanos) {
            bytes -= entries.pollFirstEntry().getValue().bytes();
        }
    }

    @Override
    public Reading read(String reader, ValueHandler handler) {
        lock.lock();
        try {
            places.putIfAbsent(reader, new Place());
        } finally {
            lock.unlock();
        }
        return ReaderThread.start("the durable topic '" + name + "'", () -> take(reader), handler, observer, true);
    }

    private ReaderThread.Taken take(String reader) throws InterruptedException {
        lock.lockInterruptibly();
        try {
            Place place = places.computeIfAbsent(reader, each -> new Place());
            Entry entry = next(place);
            while (entry == null) {
                Returned again = place.returned.peek();
                var _ = changed.awaitNanos(again == null ? Long.MAX_VALUE : again.notBeforeNanos() - System.nanoTime());
                if (Thread.interrupted()) {
                    throw new InterruptedException(); // a signal that came first hides the interrupt
                }
                entry = next(place);
            }
            return new Lent(entry, place);
        } finally {
            lock.unlock();
        }
    }

    private @Nullable Entry next(Place place) {
        expire();
        Returned again = place.returned.peek();
        if (again != null && System.nanoTime() - again.notBeforeNanos() >= 0) {
            place.returned.remove();
            return again.entry();
        }
        Map.Entry<Long, Entry> oldest = entries.ceilingEntry(place.next);
        if (oldest == null) {
            return null;
        }
        place.next = oldest.getKey() + 1;
        return oldest.getValue();
    }

    /** A value that one reader has. */
    private final class Lent implements ReaderThread.Taken {
        private final Entry entry;
        private final Place place;

        Lent(Entry entry, Place place) {
            this.entry = entry;
            this.place = place;
        }

        @Override
        public Message value() {
            return entry.value();
        }

        @Override
        public void handled() {
            // Its place is behind the value already.
        }

        @Override
        public void givenBack(Duration after) {
            lock.lock();
            try {
                place.returned.add(new Returned(entry, System.nanoTime() + after.toNanos()));
                changed.signalAll();
            } finally {
                lock.unlock();
            }
        }
    }
}
