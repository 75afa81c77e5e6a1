package dev.parley;

import dev.parley.names.ActionName;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The name of an operation that a client can request, with the codecs of its question and its answer. An action is
 * usually a constant that server and client share. Immutable.
 *
 * {@snippet :
 * record Search(String value) {}
 * record Answer(String result) {}
 * Action<Search, Answer> search = Action.of("search", Search.class, Answer.class);
 * Action<Message, Message> anything = Action.of("files.put", Message.class, Message.class); // content as it is
 * Action<Void, List<String>> names = // a generic type, and a question without content
 *         Action.of("names", Codec.nothing(), Codec.of(new TypeReference<List<String>>() {}));
 * }
 *
 * @param <Q> the question's type
 * @param <A> the answer's type
 */
public final class Action<Q extends @Nullable Object, A extends @Nullable Object> {
    private final String name;
    private final Codec<Q> question;
    private final Codec<A> answer;

    private Action(String name, Codec<Q> question, Codec<A> answer) {
        if (!ActionName.isValid(name)) {
            throw new IllegalArgumentException("'" + name + "' is not an action name; it must be " + ActionName.RULE);
        }
        this.name = name;
        this.question = Objects.requireNonNull(question);
        this.answer = Objects.requireNonNull(answer);
    }

    /**
     * {@return an action of this name, whose question and answer are JSON}
     *
     * @param <Q> the question's type
     * @param <A> the answer's type
     * @param name 1 to 8 words of up to 64 letters, digits, '_' and '-', joined by dots
     * @param question the type of the value that the client sends, such as a record; {@link Message} stands for any
     *     content, {@link Void} for none. For a class with type parameters, such as {@code List}, use codecs
     * @param answer the type of the value that the server sends back
     * @throws IllegalArgumentException if the name is not valid, or a class has type parameters; the message says what
     *     is allowed
     */
    public static <Q, A> Action<Q, A> of(String name, Class<Q> question, Class<A> answer) {
        return new Action<>(name, Codec.of(question), Codec.of(answer));
    }

    /**
     * {@return an action of this name, with a codec for its question and one for its answer} This is the form for
     * generic types, a Jackson mapper of your own, and formats other than JSON.
     *
     * @param <Q> the question's type
     * @param <A> the answer's type
     * @param name 1 to 8 words of up to 64 letters, digits, '_' and '-', joined by dots
     * @param question the codec of the value that the client sends
     * @param answer the codec of the value that the server sends back
     * @throws IllegalArgumentException if the name is not valid; the message says which names are valid
     */
    public static <Q extends @Nullable Object, A extends @Nullable Object> Action<Q, A> of(
            String name, Codec<Q> question, Codec<A> answer) {
        return new Action<>(name, question, answer);
    }

    /** {@return the name} */
    public String name() {
        return name;
    }

    /** {@return the codec of the value that the client sends} */
    public Codec<Q> question() {
        return question;
    }

    /** {@return the codec of the value that the server sends back} */
    public Codec<A> answer() {
        return answer;
    }

    /** {@return the name and the types, such as {@code search(Search): Answer}} */
    @Override
    public String toString() {
        return name + "(" + question + "): " + answer;
    }
}
