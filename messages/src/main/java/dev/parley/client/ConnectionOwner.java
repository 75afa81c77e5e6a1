package dev.parley.client;

import dev.parley.net.CloseReason;
import dev.parley.net.ConnectFailedException;

/** Who has made a {@link ClientConnection}. Called on the loop's thread. */
interface ConnectionOwner {
    /** It never stood. */
    void connectFailed(ClientConnection connection, ConnectFailedException failure);

    /** Its peer has answered, and is a full one. */
    void known(ClientConnection connection);

    /** There may be room for more. */
    void changed(ClientConnection connection);

    /** It takes nothing new; what is under way goes on. */
    void goingAway(ClientConnection connection);

    /** It is gone, and whatever was under way has ended with this failure. */
    void ended(ClientConnection connection, CloseReason reason, Throwable failure);
}
