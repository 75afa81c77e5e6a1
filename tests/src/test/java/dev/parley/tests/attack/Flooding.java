package dev.parley.tests.attack;

import java.io.ByteArrayOutputStream;

/** The same small message over and over, as fast as it goes, on one connection after another. */
final class Flooding implements Attack {
    private static final int BATCH = 100;

    private final byte[] batch;

    private Flooding(byte[] frame) {
        var all = new ByteArrayOutputStream();
        for (int i = 0; i < BATCH; i++) {
            all.writeBytes(frame);
        }
        batch = all.toByteArray();
    }

    static Attack cancels() {
        return new Flooding(RawFrame.head("\"id\": 1, \"control\": \"cancel\"", 0));
    }

    static Attack pings() {
        return new Flooding(RawFrame.head("\"control\": \"ping\"", 0));
    }

    static Attack errors() {
        return new Flooding(RawFrame.withoutByteorder());
    }

    @Override
    public byte[] more() {
        return batch;
    }

    @Override
    public boolean comesBack() {
        return true;
    }

    @Override
    public boolean isDone(int answers) {
        return false; // the server ends it
    }
}
