package dev.parley.tests.docs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Tests that the calls that the pages name in their sentences and tables are there, with the arguments that they show.
 * A call of a variable or a class of ours is compiled; of one with an ellipsis, or without what it is called on, a
 * method of ours must have the name.
 */
class CallsInProseTest {
    private static final Pattern CODE = Pattern.compile("`([^`]+)`");
    private static final Pattern CALL = Pattern.compile("(\\w+)(?:\\.\\w+|\\(.*\\))*\\(.*\\)");
    private static final Pattern NAME = Pattern.compile("\\b([a-z]\\w*)\\(");
    private static final Pattern DECLARED = Pattern.compile("(?m)^ +(?:[\\w@<>?,.\\[\\]&]+ )+(\\w+)\\(");
    private static final Pattern MANUAL_PAGE = Pattern.compile("\\w+\\([1-8]\\)");

    /** The meanings of the names in the pages; if a name means one thing here and another one there, either. */
    private static final Map<String, List<String>> VARIABLES = Map.ofEntries(
            Map.entry("action", List.of("Action<Object, Object>", "Action<Message, Object>")),
            Map.entry("address", List.of("Address")),
            Map.entry("bytes", List.of("long", "byte[]")),
            Map.entry("census", List.of("Census")),
            Map.entry("cluster", List.of("Cluster")),
            Map.entry("connection", List.of("Connection", "LoopConnection")),
            Map.entry("content", List.of("InputStream")),
            Map.entry("contentType", List.of("String")),
            Map.entry("delay", List.of("Duration")),
            Map.entry("e", List.of("Exception")),
            Map.entry("exchange", List.of("Exchange")),
            Map.entry("filter", List.of("java.util.function.Predicate<Object>")),
            Map.entry("grace", List.of("Duration")),
            Map.entry("handler", List.of("Listener.Handler")),
            Map.entry("key", List.of("String")),
            Map.entry("listener", List.of("Listener")),
            Map.entry("mapper", List.of("JsonMapper")),
            Map.entry("name", List.of("String")),
            Map.entry("offset", List.of("long")),
            Map.entry("out", List.of("OutStream<Object>")),
            Map.entry("path", List.of("Path")),
            Map.entry("peer", List.of("RawPeer")),
            Map.entry("put", List.of("Action<Put, Object>")),
            Map.entry("question", List.of("Object")),
            Map.entry("receiver", List.of("Receiver")),
            Map.entry("ROLL", List.of("Action<Object, Object>")),
            Map.entry("roll", List.of("Object")),
            Map.entry("server", List.of("Server", "java.nio.channels.ServerSocketChannel")),
            Map.entry("snapshot", List.of("java.util.function.Supplier<List<Object>>")),
            Map.entry("stream", List.of("InStream<Message>")),
            Map.entry("task", List.of("Runnable", "java.util.concurrent.Callable<Object>")),
            Map.entry("timeout", List.of("Duration")),
            Map.entry("tls", List.of("Tls")),
            Map.entry("topic", List.of("Topic<Object>", "Topic<Quote>")),
            Map.entry("transport", List.of("Transport")),
            Map.entry("type", List.of("Class<Object>")));

    private static final String RECORDS =
            "record Question() {} record Answer() {} record Quote() {} record Put(String name) {} ";

    /** The methods of Python's and the JDK's sockets and buffers that the tutorial names. */
    private static final Set<String> FOREIGN = Set.of(
            "configureBlocking",
            "connect_ex",
            "getaddrinfo",
            "interestOps",
            "order",
            "recv",
            "setOption",
            "setsockopt",
            "settimeout",
            "shutdown",
            "socket");

    @TempDir
    private Path classes;

    private record Call(Path page, String text) {
        /** Returns what it is called on, or the call itself. */
        String first() {
            Matcher call = CALL.matcher(text);
            return call.matches() ? call.group(1) : "";
        }

        /** Returns the text without what is in quotes. */
        String bare() {
            return text.replaceAll("\"(\\\\.|[^\"\\\\])*\"", "\"\"");
        }

        boolean isWhole() {
            return !bare().contains("…") && !bare().contains("...");
        }

        @Override
        public String toString() {
            return page + ": " + text;
        }
    }

    private static List<Call> calls() throws IOException {
        var calls = new ArrayList<Call>();
        for (Path page : DocBlock.pages()) {
            if (!page.toString().matches(".*(decisions/|CHANGELOG).*")) { // they name what was there at their time
                String prose = Files.readString(page).replaceAll("(?s)```.*?```", "");
                CODE.matcher(prose)
                        .results()
                        .map(code -> new Call(page, code.group(1).replaceAll("\\s+", " ")))
                        .filter(call -> CALL.matcher(call.text()).matches())
                        .filter(call -> !MANUAL_PAGE.matcher(call.text()).matches())
                        .distinct()
                        .forEach(calls::add);
            }
        }
        return calls;
    }

    private static boolean isOnOurs(Call call, Set<String> types) {
        String first = call.first();
        boolean known = VARIABLES.containsKey(first) || Set.of("client", "loop").contains(first);
        return call.text().startsWith(first + ".") && (known || types.contains(first));
    }

    private static Set<String> types() throws IOException {
        return JavadocSnippet.sources().stream()
                .map(file -> file.getFileName().toString().replace(".java", ""))
                .collect(Collectors.toSet());
    }

    @Test
    void whatIsCalledOnSomethingOfOursCompiles() throws IOException {
        Set<String> types = types();
        List<Call> left = calls().stream()
                .filter(call -> isOnOurs(call, types) && call.isWhole())
                .toList();
        assertThat(left).hasSizeGreaterThan(30);
        Map<Call, String> errors = new LinkedHashMap<>();
        for (int meaning = 0; meaning < 2; meaning++) {
            for (boolean onInstance : new boolean[] {false, true}) {
                errors = errors(left, meaning, onInstance);
                left = List.copyOf(errors.keySet());
            }
        }
        assertThat(errors).isEmpty();
    }

    private Map<Call, String> errors(List<Call> calls, int meaning, boolean onInstance) throws IOException {
        var snippets = new ArrayList<JavadocSnippet>();
        for (int i = 0; i < calls.size(); i++) {
            Call call = calls.get(i);
            String code = onInstance
                    ? call.text().replaceFirst("^([A-Z]\\w*(\\.[A-Z]\\w*)*)\\.", "(($1) null).")
                    : call.text();
            snippets.add(new JavadocSnippet(call.page(), i + 1, List.of(declarations(call, meaning) + code + ";")));
        }
        var errors = new LinkedHashMap<Call, String>();
        List<String> told = snippets.isEmpty() ? List.of() : SnippetCompiler.errorsOf(snippets, classes);
        for (String error : told) {
            String[] parts = error.split(":", 3);
            errors.put(calls.get(Integer.parseInt(parts[1]) - 1), parts[2]);
        }
        return errors;
    }

    private static String declarations(Call call, int meaning) {
        return RECORDS
                + VARIABLES.keySet().stream()
                        .filter(name -> Pattern.compile("\\b" + name + "\\b")
                                .matcher(call.bare())
                                .find())
                        .map(name -> declaration(name, VARIABLES.getOrDefault(name, List.of()), meaning))
                        .collect(Collectors.joining());
    }

    private static String declaration(String name, List<String> meanings, int meaning) {
        String type = meanings.get(Math.min(meaning, meanings.size() - 1));
        return type + " " + name + (type.equals("long") ? " = 1; " : " = null; ");
    }

    @Test
    void eachOtherNameIsThatOfAMethod() throws IOException {
        Set<String> types = types();
        Set<String> known = new TreeSet<>(FOREIGN);
        for (Path file : JavadocSnippet.sources()) {
            DECLARED.matcher(Files.readString(file)).results().forEach(name -> known.add(name.group(1)));
        }
        Map<String, Call> unknown = new HashMap<>();
        for (Call call : calls()) {
            if (!isOnOurs(call, types) || !call.isWhole()) {
                Stream<String> names = NAME.matcher(call.bare()).results().map(name -> name.group(1));
                names.filter(name -> !known.contains(name)).forEach(name -> unknown.put(name, call));
            }
        }
        assertThat(unknown).isEmpty();
    }
}
