package dev.parley;

import dev.parley.names.ActionName;
import java.util.Objects;

/**
 * The name of an operation that a client can request, with the types of its question and its answer. An action is
 * usually a constant that server and client share. Immutable.
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
 * @param question the type of the value that the client sends, such as a record; {@link Message} stands for any content
 * @param answer the type of the value that the server sends back
 */
public record Action<Q, A>(String name, Class<Q> question, Class<A> answer) {
    /**
     * Checks the name.
     *
     * @throws IllegalArgumentException if the name is not valid; the message says which names are valid
     */
    public Action {
        if (!ActionName.isValid(name)) {
            throw new IllegalArgumentException("'" + name + "' is not an action name; it must be " + ActionName.RULE);
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
     * @param question the type of the value that the client sends
     * @param answer the type of the value that the server sends back
     * @throws IllegalArgumentException if the name is not valid
     */
    public static <Q, A> Action<Q, A> of(String name, Class<Q> question, Class<A> answer) {
        return new Action<>(name, question, answer);
    }
}
