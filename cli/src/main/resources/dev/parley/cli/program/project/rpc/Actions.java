package projectname;

import dev.parley.Action;

/** What can be asked, and what is answered: shared by the server and the client. Add yours here. */
public final class Actions {
    /** Who wants to be greeted. */
    public record Greet(String name) {}

    /** What they are told. */
    public record Greeting(String text) {}

    /** Greets by name; refused with {@code no-name} if there is none. */
    public static final Action<Greet, Greeting> GREET = Action.of("greet", Greet.class, Greeting.class);

    private Actions() {}
}
