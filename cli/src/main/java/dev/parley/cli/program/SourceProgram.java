package dev.parley.cli.program;

import com.sun.source.tree.ClassTree;
import com.sun.source.tree.CompilationUnitTree;
import com.sun.source.util.JavacTask;
import com.sun.source.util.TaskEvent;
import com.sun.source.util.TaskListener;
import dev.parley.cli.files.FileFailedException;
import java.io.IOException;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.StandardLocation;
import javax.tools.ToolProvider;
import org.jspecify.annotations.Nullable;

/**
 * A program of one source file. It is compiled into memory, with Parley on its class path. It behaves like {@code java
 * FILE.java} (JEP 330, 458, 512), with one exception: the other source files of a program are only found next to the
 * file if the file has no package. The first class of the file has the {@link MainMethod}.
 */
public final class SourceProgram {
    private static final String SUFFIX = ".java";

    private final MainMethod main;

    private SourceProgram(MainMethod main) {
        this.main = main;
    }

    /**
     * Compiles the file. The compiler writes its messages to {@code messages}.
     *
     * @throws ProgramException if the file is not a readable source file, does not compile, or has no main method
     */
    public static SourceProgram compile(Path file, StringWriter messages) throws ProgramException {
        String source = read(file);
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        if (compiler == null) {
            throw new ProgramException("this Java has no compiler; install a JDK 25, not only its runtime");
        }
        try (var classes =
                new MemoryClasses(compiler.getStandardFileManager(null, Locale.ROOT, StandardCharsets.UTF_8))) {
            Path directory = Objects.requireNonNullElse(file.toAbsolutePath().getParent(), file);
            classes.setLocation(StandardLocation.SOURCE_PATH, List.of(directory));
            var first = new FirstClass();
            var task = (JavacTask) compiler.getTask(
                    messages,
                    classes,
                    null,
                    List.of("-proc:none", "-parameters", "-Xlint:-options"),
                    null,
                    List.of(new SourceText(file, source)));
            task.addTaskListener(first);
            if (!task.call()) {
                throw new ProgramException(file + " does not compile; see above" + hint(source, messages.toString()));
            }
            return new SourceProgram(MainMethod.of(file, classes.load(first.nameIn(file))));
        } catch (IOException e) {
            throw new ProgramException("cannot compile " + file + ": " + e.getMessage(), e);
        }
    }

    private static String hint(String source, String messages) {
        return messages.contains("cannot find symbol") && !source.contains("dev.parley")
                ? "; to use Parley, the file needs 'import dev.parley.*;'"
                : "";
    }

    private static String read(Path file) throws ProgramException {
        if (!file.toString().endsWith(SUFFIX)) {
            throw new ProgramException("'" + file + "' is not a Java source file; its name does not end in " + SUFFIX);
        }
        if (!Files.exists(file)) {
            throw new ProgramException("there is no file '" + file + "'");
        }
        try {
            return Files.readString(file);
        } catch (IOException e) {
            String why = Files.isDirectory(file) ? "it is a directory" : FileFailedException.reason(e);
            throw new ProgramException("cannot read '" + file + "': " + why, e);
        }
    }

    /**
     * Runs the main method with these arguments, on the caller's thread. Returns when the main method returns.
     *
     * @throws Throwable any exception or error that the main method throws, with only the program's own stack frames
     */
    public void run(List<String> args) throws Throwable {
        main.run(args);
    }

    /**
     * Gets the name of the file's first class from the compiler, since the class of a compact source file has no name
     * in the source. The compiler parses this file before any other.
     */
    private static final class FirstClass implements TaskListener {
        private boolean isParsed;
        private @Nullable String name;

        @Override
        public void finished(TaskEvent event) {
            if (event.getKind() == TaskEvent.Kind.PARSE && !isParsed) {
                isParsed = true;
                name = nameOf(event.getCompilationUnit());
            }
        }

        private static @Nullable String nameOf(CompilationUnitTree unit) {
            String inPackage = unit.getPackageName() == null ? "" : unit.getPackageName() + ".";
            return unit.getTypeDecls().stream()
                    .filter(ClassTree.class::isInstance)
                    .map(type -> inPackage + ((ClassTree) type).getSimpleName())
                    .findFirst()
                    .orElse(null);
        }

        String nameIn(Path file) throws ProgramException {
            if (name == null) {
                throw MainMethod.missing(file);
            }
            return name;
        }
    }

    /** The source file. The compiler's messages name it by the path that the user typed. */
    private static final class SourceText extends SimpleJavaFileObject {
        private final Path file;
        private final String text;

        SourceText(Path file, String text) {
            super(file.toUri(), JavaFileObject.Kind.SOURCE);
            this.file = file;
            this.text = text;
        }

        @Override
        public String getName() {
            return file.toString();
        }

        /**
         * Accepts every class name, since the name of a public class may differ from the name of the file, as with
         * {@code java FILE.java}.
         */
        @Override
        public boolean isNameCompatible(String simpleName, JavaFileObject.Kind kind) {
            return kind == JavaFileObject.Kind.SOURCE;
        }

        @Override
        public CharSequence getCharContent(boolean ignoreEncodingErrors) {
            return text;
        }
    }
}
