package projectname;

import dev.parley.Action;

/** The actions with their questions and answers, shared by the server and the client. Add yours here. */
public final class Actions {
    /** The question: the name of the person to greet. */
    public record Greet(String name) {}

    /** The answer: the text of the greeting. */
    public record Greeting(String text) {}

    /** Greets by name; refused with {@code no-name} if there is none. */
    public static final Action<Greet, Greeting> GREET = Action.of("greet", Greet.class, Greeting.class);

    private Actions() {}
}
