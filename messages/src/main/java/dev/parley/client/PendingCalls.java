package dev.parley.client;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The calls of one connection that were sent and have no response yet, found by their ids. They are in a hash table.
 * The links of its chains are fields of the calls themselves, so a call needs no further object. Runs on the loop's
 * thread.
 */
final class PendingCalls {
    private static final int FIRST_BUCKETS = 4;

    private @Nullable Call[] buckets = new Call[FIRST_BUCKETS];
    private int size;

    int size() {
        return size;
    }

    /** Adds a call, under its id. No other call here may have this id. */
    void put(Call call) {
        if (size == buckets.length) {
            grow();
        }
        link(call);
        size++;
    }

    /** Returns the bucket of an id. Ids are consecutive numbers, so their low bits spread them evenly. */
    private int bucketOf(long id) {
        return (int) id & buckets.length - 1;
    }

    private void link(Call call) {
        int bucket = bucketOf(call.id());
        call.nextInBucket(buckets[bucket]);
        buckets[bucket] = call;
    }

    private void grow() {
        List<Call> calls = all();
        buckets = new Call[2 * buckets.length];
        calls.forEach(this::link);
    }

    /** Removes and returns the call with this id, or returns null if there is no such call. */
    @Nullable
    Call remove(long id) {
        int bucket = bucketOf(id);
        Call before = null;
        for (Call call = buckets[bucket]; call != null; call = call.nextInBucket()) {
            if (call.id() == id) {
                unlink(bucket, before, call);
                return call;
            }
            before = call;
        }
        return null;
    }

    private void unlink(int bucket, @Nullable Call before, Call call) {
        if (before == null) {
            buckets[bucket] = call.nextInBucket();
        } else {
            before.nextInBucket(call.nextInBucket());
        }
        call.nextInBucket(null);
        size--;
    }

    /** Removes and returns all calls, in the order in which they were sent. */
    List<Call> removeAll() {
        List<Call> calls = all();
        calls.forEach(call -> remove(call.id()));
        calls.sort(Comparator.comparingLong(Call::id));
        return calls;
    }

    List<Long> ids() {
        return all().stream().map(Call::id).toList();
    }

    private List<Call> all() {
        var calls = new ArrayList<Call>(size);
        for (Call first : buckets) {
            for (Call call = first; call != null; call = call.nextInBucket()) {
                calls.add(call);
            }
        }
        return calls;
    }
}
