package dev.parley.client;

import dev.parley.net.CloseReason;
import dev.parley.net.ConnectFailedException;

/** Who has made a {@link Line}. Called on the loop's thread. */
interface LineOwner {
    /** It never stood. */
    void connectFailed(Line line, ConnectFailedException failure);

    /** Its peer has answered, and is a full one. */
    void known(Line line);

    /** There may be room for more. */
    void changed(Line line);

    /** It takes nothing new; what is under way goes on. */
    void goingAway(Line line);

    /** It is gone, and whatever was under way has ended with this failure. */
    void ended(Line line, CloseReason reason, Throwable failure);
}
