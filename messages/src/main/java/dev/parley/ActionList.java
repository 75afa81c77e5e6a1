package dev.parley;

import dev.parley.cluster.OfferedAction;
import dev.parley.frame.ErrorCode;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import tools.jackson.databind.ObjectMapper;

/**
 * The answer of the built-in action {@code parley.actions}: which actions a server has, of which kind they are, and
 * what their questions and answers consist of. Made when the server is built.
 */
final class ActionList {
    /** The name of the built-in action. */
    static final String NAME = "parley.actions";

    /** The actions by their names; maps, since Jackson need not have access to types of this package. */
    private final Map<String, Map<String, String>> actions = new TreeMap<>();

    /**
     * The actions as other nodes see them. Their types have names that do not depend on what else this server has.
     */
    private final Map<String, OfferedAction> offered = new TreeMap<>();

    /** The types of the components of each record, and the constants of each enum. */
    private final Map<String, Object> types = new TreeMap<>();

    /** The names of the described types, which are all different. */
    private final Map<Described, String> names = new HashMap<>();

    /** A type as one mapper reads and writes it: two mappers may use other names for one type. */
    private record Described(Class<?> type, List<String> parts) {
        static Described of(Class<?> type, ObjectMapper mapper) {
            return new Described(
                    type,
                    type.isRecord()
                            ? List.copyOf(
                                    NamesInContent.ofComponents(type, mapper).values())
                            : NamesInContent.ofConstants(type, mapper, Integer.MAX_VALUE));
        }
    }

    /** Adds an action whose messages have any content. */
    void addRaw(String name) {
        add(name, OfferedAction.CALL, "Message", "Message");
        offered.put(name, new OfferedAction(name, OfferedAction.CALL, "Message", "Message"));
    }

    /**
     * Adds an action.
     *
     * @param kind {@code call}, {@code stream}, {@code upload} or {@code duplex}
     */
    void add(Action<?, ?> action, String kind) {
        add(action.name(), kind, nameOf(action.question()), nameOf(action.answer()));
        offered.put(
                action.name(),
                new OfferedAction(action.name(), kind, plainName(action.question()), plainName(action.answer())));
        describe(action.question());
        describe(action.answer());
    }

    private String nameOf(Codec<?> codec) {
        return codec instanceof JacksonCodec<?> known ? nameOf(known.type(), known.mapper()) : String.valueOf(codec);
    }

    private static String plainName(Codec<?> codec) {
        return codec instanceof JacksonCodec<?> known ? TypeName.of(known.type()) : String.valueOf(codec);
    }

    private String nameOf(Type type, ObjectMapper mapper) {
        return TypeName.of(type, found -> nameOf(found, mapper));
    }

    /** Returns the simple name of a type, or a longer one if something else that is described has this name already. */
    private String nameOf(Class<?> type, ObjectMapper mapper) {
        if (!type.isRecord() && !type.isEnum()) {
            return type.getSimpleName();
        }
        return names.computeIfAbsent(Described.of(type, mapper), described -> freeName(type));
    }

    private String freeName(Class<?> type) {
        String name = names.containsValue(type.getSimpleName()) ? type.getName() : type.getSimpleName();
        String free = name;
        for (int count = 2; names.containsValue(free); count++) {
            free = name + "#" + count;
        }
        return free;
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
        return List.copyOf(offered.values());
    }

    private void describe(Codec<?> codec) {
        if (codec instanceof JacksonCodec<?> known) {
            describe(known.type(), known.mapper());
        }
    }

    private void describe(Type type, ObjectMapper mapper) {
        switch (type) {
            case Class<?> found when found.isArray() -> describe(found.getComponentType(), mapper);
            case Class<?> found when found.isRecord() -> describeRecord(found, mapper);
            case Class<?> found
            when found.isEnum() ->
                types.put(nameOf(found, mapper), NamesInContent.ofConstants(found, mapper, Integer.MAX_VALUE));
            case ParameterizedType found -> {
                describe(found.getRawType(), mapper);
                for (Type argument : found.getActualTypeArguments()) {
                    describe(argument, mapper);
                }
            }
            default -> {} // a type of the JDK, whose name says what it is
        }
    }

    private void describeRecord(Class<?> type, ObjectMapper mapper) {
        if (types.containsKey(nameOf(type, mapper))) {
            return;
        }
        var components = new LinkedHashMap<String, String>();
        types.put(nameOf(type, mapper), components);
        Map<String, String> inContent = NamesInContent.ofComponents(type, mapper);
        for (RecordComponent component : type.getRecordComponents()) {
            String mayBeMissing = RequiredComponents.mayBeMissing(component) ? "?" : "";
            components.put(
                    String.valueOf(inContent.get(component.getName())),
                    nameOf(component.getGenericType(), mapper) + mayBeMissing);
            describe(component.getGenericType(), mapper);
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
