package dev.parley.client;

import dev.parley.link.StreamScheduler;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The open streams of one connection of a client, found by their ids. Runs on the loop's thread. */
final class ClientStreams {
    private final StreamScheduler scheduler;
    private final Map<Long, StreamCall> open = new HashMap<>();

    ClientStreams(StreamScheduler scheduler) {
        this.scheduler = scheduler;
    }

    int size() {
        return open.size();
    }

    void add(long id, StreamCall stream) {
        open.put(id, stream);
        stream.out().id(id);
        stream.opened();
    }

    @Nullable
    StreamCall get(long id) {
        return open.get(id);
    }

    @Nullable
    StreamCall remove(long id) {
        return open.remove(id);
    }

    Collection<Long> ids() {
        return open.keySet();
    }

    /** Adds to the scheduler a stream that has something to send. */
    void ready(StreamCall stream) {
        scheduler.add(stream.out());
    }

    /** Puts the messages that may be sent now into the output. */
    void send() {
        scheduler.run();
    }

    /** Removes and returns all streams. */
    List<StreamCall> removeAll() {
        List<StreamCall> all = new ArrayList<>(open.values());
        open.clear();
        scheduler.clear();
        return all;
    }
}
