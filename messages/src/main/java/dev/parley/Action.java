package dev.parley;

import dev.parley.frame.ActionName;
import java.util.Objects;

/**
 * The name of what can be asked, with the types of question and answer; one constant, shared by server and client.
 * Immutable.
 *
 * {@snippet :
 * record Search(String value) {}
 * record Answer(String result) {}
 * Action<Search, Answer> search = Action.of("search", Search.class, Answer.class);
 * Action<Message, Message> anything = Action.of("files.put", Message.class, Message.class); // content as it is
 * }
 *
 * @param <Q> the question's type
 * @param <A> the answer's type
 * @param name 1 to 8 words of up to 64 letters, digits, '_' and '-', joined by dots
 * @param question what the client sends, such as a record; {@link Message} takes any content
 * @param answer what the server answers
 */
public record Action<Q, A>(String name, Class<Q> question, Class<A> answer) {
    /**
     * Checks the name.
     *
     * @throws IllegalArgumentException when it is no action name; the message says what is
     */
    public Action {
        if (!ActionName.isValid(name)) {
            throw new IllegalArgumentException("'" + name + "' is no action name; " + ActionName.RULE);
        }
        Objects.requireNonNull(question);
        Objects.requireNonNull(answer);
    }

    /**
     * {@return an action of this name}
     *
     * @param <Q> the question's type
     * @param <A> the answer's type
     * @param name 1 to 8 words of up to 64 letters, digits, '_' and '-', joined by dots
     * @param question what the client sends
     * @param answer what the server answers
     * @throws IllegalArgumentException when it is no action name
     */
    public static <Q, A> Action<Q, A> of(String name, Class<Q> question, Class<A> answer) {
        return new Action<>(name, question, answer);
    }
}
