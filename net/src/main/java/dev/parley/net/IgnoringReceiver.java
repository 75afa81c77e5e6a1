package dev.parley.net;

import java.nio.ByteBuffer;

/** Stands in until a connection knows its receiver. */
enum IgnoringReceiver implements Receiver {
    INSTANCE;

    @Override
    public void bytes(LoopConnection connection, ByteBuffer bytes) {
        bytes.position(bytes.limit());
    }
}
