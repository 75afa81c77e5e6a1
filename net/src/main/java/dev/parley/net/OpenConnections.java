package dev.parley.net;

import java.util.ArrayList;
import java.util.List;

/** The open connections of one loop, in no order. Used on its thread alone. */
final class OpenConnections {
    private final ArrayList<LoopConnection> all = new ArrayList<>();

    void add(LoopConnection connection) {
        connection.place = all.size();
        all.add(connection);
    }

    /** The last one takes its place. Harmless where it is not there. */
    void remove(LoopConnection connection) {
        if (connection.place < 0) {
            return;
        }
        LoopConnection last = all.removeLast();
        if (last != connection) {
            all.set(connection.place, last);
            last.place = connection.place;
        }
        connection.place = -1;
    }

    /** As they are now; they may close while it is read. */
    List<LoopConnection> copy() {
        return List.copyOf(all);
    }
}
