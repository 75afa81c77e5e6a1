package dev.parley;

import dev.parley.cluster.OfferedAction;
import dev.parley.frame.ErrorCode;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The answer of the built-in action {@code parley.actions}: which actions a server has, of which kind they are, and
 * what their questions and answers consist of. Made when the server is built.
 */
final class ActionList {
    /** The name of the built-in action. */
    static final String NAME = "parley.actions";

    /** The actions by their names; maps, since Jackson need not have access to types of this package. */
    private final Map<String, Map<String, String>> actions = new TreeMap<>();

    /** The types of the components of each record, and the constants of each enum. */
    private final Map<String, Object> types = new TreeMap<>();

    /** The names of the described types, which are all different. */
    private final Map<Class<?>, String> names = new HashMap<>();

    /** Adds an action whose messages have any content. */
    void addRaw(String name) {
        add(name, "call", "Message", "Message");
    }

    /**
     * Adds an action.
     *
     * @param kind {@code call}, {@code stream}, {@code upload} or {@code duplex}
     */
    void add(Action<?, ?> action, String kind) {
        add(action.name(), kind, nameOf(action.question()), nameOf(action.answer()));
        describe(action.question());
        describe(action.answer());
    }

    private String nameOf(Codec<?> codec) {
        return codec instanceof JacksonCodec<?> known ? nameOf(known.type()) : String.valueOf(codec);
    }

    private String nameOf(Type type) {
        return TypeName.of(type, this::nameOf);
    }

    /** Returns the simple name of a type, or its whole name if another described type has this simple name already. */
    private String nameOf(Class<?> type) {
        if (!type.isRecord() && !type.isEnum()) {
            return type.getSimpleName();
        }
        String known = names.get(type);
        if (known == null) {
            known = names.containsValue(type.getSimpleName()) ? type.getName() : type.getSimpleName();
            names.put(type, known);
        }
        return known;
    }

    private void add(String name, String kind, String question, String answer) {
        var entry = new LinkedHashMap<String, String>();
        entry.put("name", name);
        entry.put("kind", kind);
        entry.put("question", question);
        entry.put("answer", answer);
        actions.put(name, entry);
    }

    /** Returns the actions as a node offers them to its cluster. */
    List<OfferedAction> offered() {
        return actions.values().stream()
                .map(action -> new OfferedAction(
                        String.valueOf(action.get("name")),
                        String.valueOf(action.get("kind")),
                        String.valueOf(action.get("question")),
                        String.valueOf(action.get("answer"))))
                .toList();
    }

    private void describe(Codec<?> codec) {
        if (codec instanceof JacksonCodec<?> known) {
            describe(known.type());
        }
    }

    private void describe(Type type) {
        switch (type) {
            case Class<?> found when found.isArray() -> describe(found.getComponentType());
            case Class<?> found when found.isRecord() -> describeRecord(found);
            case Class<?> found
            when found.isEnum() ->
                types.put(
                        nameOf(found),
                        Arrays.stream(found.getEnumConstants())
                                .map(constant -> ((Enum<?>) constant).name())
                                .toList());
            case ParameterizedType found -> {
                describe(found.getRawType());
                for (Type argument : found.getActualTypeArguments()) {
                    describe(argument);
                }
            }
            default -> {} // a type of the JDK, whose name says what it is
        }
    }

    private void describeRecord(Class<?> type) {
        if (types.containsKey(nameOf(type))) {
            return;
        }
        var components = new LinkedHashMap<String, String>();
        types.put(nameOf(type), components);
        for (RecordComponent component : type.getRecordComponents()) {
            String mayBeMissing = RequiredComponents.mayBeMissing(component) ? "?" : "";
            components.put(component.getName(), nameOf(component.getGenericType()) + mayBeMissing);
            describe(component.getGenericType());
        }
    }

    /**
     * Returns the handler of the built-in action.
     *
     * @param isForAll whether every client that may make a request gets the list; otherwise only a client on this host
     */
    Handler<Message, Message> handler(boolean isForAll) {
        Map<String, Object> all = new LinkedHashMap<>();
        all.put("actions", List.copyOf(actions.values()));
        all.put("types", types);
        Message answer = Message.ofValue(all);
        return (request, exchange) -> {
            if (!isForAll && !exchange.connection().isPeerOnThisHost()) {
                throw new RequestRejectedException(
                        ErrorCode.FORBIDDEN,
                        "only a client on the server's host gets the list of actions, or one with credentials");
            }
            return answer;
        };
    }
}
