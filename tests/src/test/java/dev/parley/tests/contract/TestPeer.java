package dev.parley.tests.contract;

import dev.parley.net.ConnectionInfo;
import java.io.IOException;
import java.util.concurrent.Future;

/**
 * One end of a connection as the contract drives it, whichever face is behind. Called from the test's thread; each wait
 * is bounded.
 */
interface TestPeer {
    ConnectionInfo info();

    /** Sends the bytes; returns when the face has taken them, which the blocking one does when the system has. */
    void send(byte[] bytes) throws IOException;

    /** Sends from another thread; the future ends as the send does. */
    Future<?> sendInBackground(byte[] bytes);

    /** Returns exactly that many bytes. */
    byte[] receive(int count) throws IOException;

    /** Returns all bytes up to the peer's end of stream. */
    byte[] receiveToEnd() throws IOException;

    /** Takes nothing more from the peer for now. */
    void pause();

    void resume();

    void shutdownOutput();

    /** Starts an orderly close. */
    void close();

    void reset();
}
