package dev.parley.tests.docs;

import dev.parley.Server;
import dev.parley.net.EventLoop;
import dev.parley.testkit.Census;
import java.io.File;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.tools.Diagnostic;
import javax.tools.DiagnosticCollector;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/** Compiles the pieces of code in Javadoc and in the docs, each as the body of a method. */
final class SnippetCompiler {
    private SnippetCompiler() {}

    /** The declarations that a reader takes for granted: the imports, a loop that runs, a client that is connected. */
    private static final String BEFORE = """
            import dev.parley.*; import dev.parley.frame.*; import dev.parley.net.*; import dev.parley.net.framing.*;
            import dev.parley.net.proxy.*; import dev.parley.net.systemd.*; import dev.parley.net.tls.*;
            import java.nio.file.Path;
            import dev.parley.json.*; import dev.parley.net.time.*; import dev.parley.net.time.Timer;
            import dev.parley.net.mem.*; import dev.parley.net.transport.*; import dev.parley.testkit.*;
            import java.io.*; import java.net.InetAddress; import java.nio.*; import java.nio.charset.*;
            import org.junit.jupiter.api.Test; import org.junit.jupiter.api.extension.ExtendWith;
            import java.security.MessageDigest; import java.security.Principal;
            import java.security.cert.X509Certificate;
            import tools.jackson.core.type.TypeReference; import tools.jackson.databind.ObjectMapper;
            import tools.jackson.databind.PropertyNamingStrategies; import tools.jackson.databind.json.JsonMapper;
            import java.time.*; import java.util.*; import java.util.concurrent.atomic.*;
            import java.util.concurrent.CountDownLatch; import java.util.concurrent.Flow;
            public class NAME {
                public static EventLoop loop; static Client client;
                static class System {
                    static final PrintStream out = new PrintStream(OutputStream.nullOutputStream()), err = out;
                }
                public static void run() throws Exception {
            """;

    /** A class around one snippet; a diagnostic's line leads back to the line of the snippet's own file. */
    private static final class Wrapped extends SimpleJavaFileObject {
        private final JavadocSnippet snippet;
        private final String before;

        Wrapped(JavadocSnippet snippet) {
            super(URI.create("string:///" + className(snippet) + ".java"), Kind.SOURCE);
            this.snippet = snippet;
            this.before = BEFORE.replace("NAME", className(snippet));
        }

        @Override
        public CharSequence getCharContent(boolean ignoreEncodingErrors) {
            return before + String.join("\n", snippet.code()) + "\n}}";
        }

        String where(long line) {
            return snippet.file() + ":"
                    + (snippet.line() + line - 1 - before.lines().count());
        }
    }

    /** Returns the path of the compiled modules and their libraries, however this test was started. */
    private static String classPath() {
        return Stream.of(
                        EventLoop.class, Server.class, Census.class, JsonNode.class, JacksonException.class, Test.class)
                .map(type -> type.getProtectionDomain().getCodeSource().getLocation())
                .map(location -> Path.of(URI.create(location.toString())).toString())
                .distinct()
                .collect(Collectors.joining(File.pathSeparator));
    }

    /** Returns the errors that the compiler reports for them as statements, which may declare records and classes. */
    static List<String> errorsOf(List<JavadocSnippet> snippets, Path classes) throws IOException {
        List<Wrapped> sources = snippets.stream().map(Wrapped::new).toList();
        JavaCompiler compiler = Objects.requireNonNull(ToolProvider.getSystemJavaCompiler());
        var diagnostics = new DiagnosticCollector<JavaFileObject>();
        var options = List.of("-proc:none", "-nowarn", "-d", classes.toString(), "-cp", classPath());
        try (var files = compiler.getStandardFileManager(diagnostics, Locale.ROOT, null)) {
            var _ = compiler.getTask(null, files, diagnostics, options, null, sources)
                    .call();
        }
        return diagnostics.getDiagnostics().stream()
                .filter(diagnostic -> diagnostic.getKind() == Diagnostic.Kind.ERROR)
                .map(SnippetCompiler::shown)
                .toList();
    }

    private static String shown(Diagnostic<? extends JavaFileObject> error) {
        String where = error.getSource() instanceof Wrapped wrapped ? wrapped.where(error.getLineNumber()) : "?";
        return where + ": " + error.getMessage(Locale.ROOT);
    }

    /** Returns the class that a snippet becomes; its method {@code run} is the snippet. */
    static String className(JavadocSnippet snippet) {
        return "Snippet" + snippet.type().replaceAll("\\W", "_") + snippet.line();
    }
}
