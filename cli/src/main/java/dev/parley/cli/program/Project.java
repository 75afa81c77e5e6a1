package dev.parley.cli.program;

import dev.parley.cli.files.FileFailedException;
import dev.parley.cli.files.FileRights;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A new project for the user: a server, a client and a test, created from the template of its kind. The templates are
 * complete programs, which use the name {@code ProjectName} and the package {@code projectname}. They are resources
 * next to this class.
 */
public final class Project {
    private static final String BUILD = "project/common/";

    /** The files that every project has. The values are the templates of the files. */
    private static final Map<String, String> COMMON = Map.of(
            "pom.xml", BUILD + "pom.xml",
            "run", BUILD + "run",
            "check", BUILD + "check",
            "scripts/jdk25.sh", "scripts/jdk25.sh",
            ".gitignore", BUILD + "gitignore");

    private static final Pattern TEMPLATE_NAME = Pattern.compile("project-name|projectname|ProjectName");

    private final ProjectName name;
    private final Kind kind;

    /** Creates a description of a project. It does not write anything yet. */
    public Project(ProjectName name, Kind kind) {
        this.name = name;
        this.kind = kind;
    }

    /** The kind of program in a new project. */
    public enum Kind {
        /** Records in, records out: a server and a client of messages. */
        RPC,
        /** Blocking streams, a virtual thread for each connection. */
        ECHO,
        /** A protocol of lines on the event loop. */
        LINE;

        private List<String> classes() {
            return switch (this) {
                case RPC -> List.of("Actions", "ProjectNameServer", "ProjectNameClient");
                case ECHO -> List.of("ProjectNameServer", "ProjectNameClient");
                case LINE -> List.of("ProjectNameServer", "ProjectNameClient");
            };
        }

        private String template(String file) {
            return "project/" + name().toLowerCase(Locale.ROOT) + "/" + file;
        }
    }

    /**
     * Checks that the parent directory has no file or directory with the project's name.
     *
     * @throws ProgramException if it has one
     */
    public void checkFree(Path parent) throws ProgramException {
        if (Files.exists(parent.resolve(name.text()), LinkOption.NOFOLLOW_LINKS)) {
            throw new ProgramException(
                    "there is a '" + name.text() + "' here already; choose another name, or remove it");
        }
    }

    /**
     * Creates the project's directory in the parent directory, either completely or not at all: it is written under
     * another name, and then moved.
     *
     * @throws ProgramException if there is already a file or directory with the project's name
     * @throws FileFailedException if the system refuses to create a part of the directory; then nothing of it is left
     */
    public void makeIn(Path parent) throws ProgramException, FileFailedException {
        checkFree(parent);
        Path half = null;
        try {
            half = Files.createTempDirectory(parent, "." + name.text() + "-");
            writeAll(half);
            FileRights.set(half, "rwxr-xr-x");
            Files.move(half, parent.resolve(name.text()));
        } catch (IOException e) {
            remove(half);
            throw new FileFailedException("cannot make the project '" + name.text() + "' in this directory", e);
        }
    }

    private void writeAll(Path directory) throws IOException {
        for (Map.Entry<String, String> file : COMMON.entrySet()) {
            write(file.getValue(), directory.resolve(file.getKey()));
        }
        for (String command : List.of("run", "check")) {
            FileRights.set(directory.resolve(command), "rwxr-xr-x");
        }
        write(kind.template("README.md"), directory.resolve("README.md"));
        for (String type : kind.classes()) {
            write(kind.template(type + ".java"), source(directory, "main", type));
        }
        write(kind.template("ProjectNameTest.java"), source(directory, "test", "ProjectNameTest"));
    }

    private Path source(Path directory, String which, String type) {
        return directory
                .resolve("src/" + which + "/java")
                .resolve(name.packageName())
                .resolve(named(type) + ".java");
    }

    private void write(String resource, Path file) throws IOException {
        Files.createDirectories(file.getParent());
        Files.writeString(file, named(read(resource)));
    }

    /** Returns the template with the names of this project. What they contain is not replaced again. */
    String named(String template) {
        return TEMPLATE_NAME.matcher(template).replaceAll(found -> switch (found.group()) {
            case "project-name" -> name.text();
            case "projectname" -> name.packageName();
            default -> name.className();
        });
    }

    private static String read(String resource) throws IOException {
        try (InputStream in = Project.class.getResourceAsStream(resource)) {
            if (in == null) {
                throw new IOException("this parley was built without " + resource);
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    /** Removes an incomplete project. */
    private static void remove(@Nullable Path directory) {
        if (directory == null) {
            return;
        }
        try {
            Files.walkFileTree(directory, new Remover());
        } catch (IOException stays) {
            return;
        }
    }

    private static final class Remover extends SimpleFileVisitor<Path> {
        @Override
        public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
            Files.delete(file);
            return FileVisitResult.CONTINUE;
        }

        @Override
        public FileVisitResult postVisitDirectory(Path directory, @Nullable IOException failure) throws IOException {
            Files.delete(directory);
            return FileVisitResult.CONTINUE;
        }
    }
}
