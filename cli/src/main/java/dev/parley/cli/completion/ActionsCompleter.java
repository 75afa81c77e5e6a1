package dev.parley.cli.completion;

import java.util.List;

/** A command whose second argument is an action of the server that its first argument names. */
public interface ActionsCompleter {
    /**
     * Asks the server which actions it has. Called after the words before the action were parsed. Takes at most about a
     * second, and over TLS four, since the user waits.
     *
     * @return the actions, each with its types; empty if the server does not tell them
     */
    List<Candidate> actions() throws InterruptedException;
}
