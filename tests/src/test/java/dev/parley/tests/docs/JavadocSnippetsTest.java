package dev.parley.tests.docs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import dev.parley.net.EventLoop;
import dev.parley.net.mem.MemNetwork;
import dev.parley.testkit.Census;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Tests that the examples in the Javadoc are code that compiles, and that those that end by themselves run. */
@Timeout(value = 300, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class JavadocSnippetsTest {
    private static final int SNIPPETS_MIN = 36;

    private static final Set<String> MAIN_TYPES = Set.of(
            "Action",
            "Address",
            "Await",
            "CallException",
            "Census",
            "Client",
            "Connection",
            "LoopObserver",
            "EventLoop",
            "Exchange",
            "ApplicationException",
            "FaultProxy",
            "Handler",
            "Limits",
            "Listener",
            "LoopConnection",
            "LoopListener",
            "ManualTicker",
            "Message",
            "MessageFault",
            "MessageLimits",
            "RawPeer",
            "Receiver",
            "Server",
            "SimNet",
            "Ticker",
            "Toxics");

    /** The snippets that need no server of their reader's, close what they open, and end. */
    private static final Set<String> RUNNABLE = Set.of(
            "Action",
            "Address",
            "Census",
            "ApplicationException",
            "FaultProxy",
            "FlatObject",
            "FrameReader",
            "FrameWriter",
            "LoopListener",
            "ManualTicker",
            "MemNetwork",
            "Message",
            "MessageFault",
            "RawPeer",
            "SimNet",
            "Timer",
            "Toxics");

    @Test
    void everyOneCompiles(@TempDir Path classes) throws IOException {
        List<JavadocSnippet> snippets = JavadocSnippet.all();
        assertThat(SnippetCompiler.errorsOf(snippets, classes)).isEmpty();
        assertThat(snippets).hasSizeGreaterThanOrEqualTo(SNIPPETS_MIN);
    }

    @Test
    void everyMainTypeHasOne() throws IOException {
        var types = new TreeSet<String>();
        for (JavadocSnippet snippet : JavadocSnippet.all()) {
            types.add(snippet.type());
        }
        assertThat(types).containsAll(MAIN_TYPES).containsAll(RUNNABLE);
    }

    /** The build asks for complete Javadoc in the packages that it lists: all that a module exports must be there. */
    @Test
    void theBuildChecksEveryExportedPackage() throws IOException {
        var exported = new TreeSet<String>();
        try (Stream<Path> files = Files.walk(Path.of(".."))) {
            for (Path file : files.filter(path -> path.endsWith("src/main/java/module-info.java"))
                    .toList()) {
                Pattern.compile("exports ([a-z.]+);")
                        .matcher(Files.readString(file))
                        .results()
                        .forEach(export -> exported.add(export.group(1)));
            }
        }
        Matcher checked =
                Pattern.compile("-Xdoclint/package:([a-z.,]+)<").matcher(Files.readString(Path.of("../pom.xml")));
        assertThat(checked.find()).isTrue();
        assertThat(checked.group(1).split(",", -1)).containsAll(exported);
        assertThat(exported).contains("dev.parley", "dev.parley.net", "dev.parley.testkit");
    }

    /** The compiler asks for comments everywhere but at the constants of records. */
    @Test
    void everyConstantHasAComment() throws IOException {
        var without = new ArrayList<String>();
        for (Path file : JavadocSnippet.sources()) {
            List<String> lines = Files.readAllLines(file);
            for (int i = 1; i < lines.size(); i++) {
                boolean constant = lines.get(i).strip().startsWith("public static final")
                        && !lines.get(i).contains(" class ");
                if (constant && !lines.get(i - 1).strip().endsWith("*/")) {
                    without.add(file + ":" + (i + 1));
                }
            }
        }
        assertThat(without).isEmpty();
    }

    @Test
    void oneThatDoesNotCompileIsNamedWithItsLine(@TempDir Path classes) throws IOException {
        var wrong = new JavadocSnippet(Path.of("Some.java"), 10, List.of("int one = 1;", "int two = \"2\";"));
        assertThat(SnippetCompiler.errorsOf(List.of(wrong), classes))
                .singleElement()
                .asString()
                .startsWith("Some.java:11: ");
    }

    @TestFactory
    Stream<DynamicTest> thoseThatEndRunAndLeaveNothing(@TempDir Path classes) throws IOException {
        List<JavadocSnippet> runnable = JavadocSnippet.all().stream()
                .filter(snippet -> RUNNABLE.contains(snippet.type()))
                .toList();
        assertThat(SnippetCompiler.errorsOf(runnable, classes)).isEmpty();
        return runnable.stream().map(snippet -> dynamicTest(snippet.type(), () -> run(snippet, classes)));
    }

    private static void run(JavadocSnippet snippet, Path classes) throws Exception {
        ClassLoader thisLoader = JavadocSnippetsTest.class.getClassLoader();
        var census = new Census();
        boolean mem = String.join("", snippet.code()).contains("mem:");
        var settings = EventLoop.builder().observer(census);
        try (var loop = (mem ? settings.transport(new MemNetwork()) : settings).start();
                var loader = new URLClassLoader(new URL[] {classes.toUri().toURL()}, thisLoader)) {
            Class<?> type = loader.loadClass(SnippetCompiler.className(snippet));
            type.getField("loop").set(null, loop);
            var _ = type.getMethod("run").invoke(null);
        } catch (InvocationTargetException e) {
            throw new AssertionError(snippet + " threw " + e.getCause(), e.getCause());
        }
        census.assertNothingLeft();
    }
}
