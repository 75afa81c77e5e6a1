package dev.parley.cli;

import dev.parley.cli.files.FileFailedException;
import dev.parley.cli.files.WholeFile;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Objects;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Writes the port of a server into a file, for scripts. The file is either complete or absent, and while the server
 * starts, it never has the port of an earlier run.
 */
final class PortFile {
    private static final int STICKY = 01000;

    /** The directories of the descriptors of this process (proc_pid_fd(5)), without links. */
    private static final Pattern DESCRIPTORS =
            Pattern.compile("/dev/fd|/proc/" + ProcessHandle.current().pid() + "(/task/\\d+)?/fd");

    private static final Pattern STANDARD_STREAM = Pattern.compile("[012]");
    private static final int LINKS_MAX = 40;
    private static final int TEXT_BYTES_MAX = 64;

    private PortFile() {}

    /**
     * Removes the file. Called before the server listens, so that a script that waits for the file does not read the
     * port of an earlier server.
     *
     * @return what was in the file; null if there was none, or it cannot have been a port file
     */
    static @Nullable String forget(Path file) throws IOException {
        if (Files.isDirectory(file)) {
            throw failed(file, new FileSystemException(file.toString(), null, "it is a directory"));
        }
        try {
            refuseDescriptorOfJava(file);
            if (!isPlain(file)) {
                return null;
            }
            String text = textOrNull(file);
            Files.deleteIfExists(file);
            return text;
        } catch (IOException e) {
            throw failed(file, e);
        }
    }

    private static @Nullable String textOrNull(Path file) {
        try {
            return Files.size(file) > TEXT_BYTES_MAX ? null : Files.readString(file);
        } catch (IOException goneOrUnreadable) {
            return null;
        }
    }

    /** Writes a file back that was forgotten too early, unless another server has written it meanwhile. */
    static void writeBack(Path file, String text) throws IOException {
        if (!Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
            writeBeside(file, text);
        }
    }

    /**
     * Writes the file. A reader never sees an incomplete file. If the path is a special file, such as a device or a
     * link, the special file stays, and the port is written through it. A file that is not special is removed at the
     * end of the process.
     *
     * @throws IllegalStateException if the process is ending already; then nothing is written
     */
    static void write(Path file, int port) throws IOException {
        String text = port + "\n";
        try {
            refuseDescriptorOfJava(file);
            if (isPlain(file)) {
                var own = new Own(file, text);
                Runtime.getRuntime().addShutdownHook(new Thread(own::forget, "parley-port-file"));
                own.write();
            } else {
                refuseForeignLink(file);
                Files.writeString(file, text);
            }
        } catch (IOException e) {
            throw failed(file, e);
        }
    }

    /** The file of this process. Once it is forgotten, it is not written: the process may end at any time. */
    static final class Own {
        private final Path file;
        private final String text;
        private boolean forgotten;

        Own(Path file, String text) {
            this.file = file;
            this.text = text;
        }

        synchronized void write() throws IOException {
            if (!forgotten) {
                writeBeside(file, text);
            }
        }

        /** Removes the file, unless another server has overwritten it. */
        synchronized void forget() {
            forgotten = true;
            try {
                if (Files.readString(file).equals(text)) {
                    Files.delete(file);
                }
            } catch (IOException goneOrUnreadable) {
                return; // then there is nothing to remove
            }
        }
    }

    /**
     * Throws if the file is a descriptor that may belong to the JVM and not to the user: it is not a standard stream,
     * and it is a regular file, or not open. The JVM opens the files of the JDK in the descriptors that it did not
     * inherit, and the port would overwrite them. A pipe or a terminal is the user's.
     */
    private static void refuseDescriptorOfJava(Path file) throws IOException {
        Path descriptor = descriptorOrNull(file);
        if (descriptor == null) {
            return;
        }
        String number = descriptor.getFileName().toString();
        if (!Files.exists(descriptor)) {
            throw new FileSystemException(file.toString(), null, "descriptor " + number + " is not open");
        }
        if (Files.isRegularFile(descriptor) && !STANDARD_STREAM.matcher(number).matches()) {
            throw new FileSystemException(
                    file.toString(),
                    null,
                    "descriptor " + number + " is a regular file, and may be one that Java has opened;"
                            + " write the file's name instead");
        }
    }

    /** Returns the descriptor that the path is, or links to, in its directory; null if it is another file. */
    private static @Nullable Path descriptorOrNull(Path file) throws IOException {
        Path at = file.toAbsolutePath();
        for (int links = 0; links < LINKS_MAX; links++) {
            Path directory = at.getParent();
            if (directory == null || !Files.isDirectory(directory)) {
                return null;
            }
            at = directory.toRealPath().resolve(at.getFileName());
            if (DESCRIPTORS.matcher(String.valueOf(at.getParent())).matches()) {
                return at;
            }
            if (!Files.isSymbolicLink(at)) {
                return null;
            }
            at = at.resolveSibling(Files.readSymbolicLink(at));
        }
        return null;
    }

    private static boolean isPlain(Path file) {
        return !Files.exists(file, LinkOption.NOFOLLOW_LINKS) || Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS);
    }

    private static void writeBeside(Path file, String text) throws IOException {
        Path directory = file.toAbsolutePath().getParent();
        if (directory == null || !Files.isDirectory(directory)) {
            throw new NoSuchFileException(String.valueOf(directory));
        }
        WholeFile.write(directory.resolve(file.getFileName()), text);
    }

    /**
     * Throws if the file is a link of another user, in a directory where every user may create files. Such a link may
     * point to any file of ours. So we follow a link there only if it belongs to us, or to the owner of the directory.
     * Linux has the same rule (fs.protected_symlinks).
     */
    private static void refuseForeignLink(Path file) throws IOException {
        Path directory = Objects.requireNonNull(file.toAbsolutePath().getParent());
        if (!Files.isSymbolicLink(file) || !isSticky(directory)) {
            return;
        }
        Object owner = owner(file, LinkOption.NOFOLLOW_LINKS);
        if (!owner.equals(ownUser(directory)) && !owner.equals(owner(directory))) {
            throw new FileSystemException(
                    file.toString(),
                    null,
                    "it is a link that belongs to another user, in a directory that every user may write to");
        }
    }

    private static boolean isSticky(Path directory) throws IOException {
        return ((int) Files.getAttribute(directory, "unix:mode") & STICKY) != 0;
    }

    /** Returns the user of this process. To find it, this method creates a file and reads its owner. */
    private static Object ownUser(Path directory) throws IOException {
        Path own = Files.createTempFile(directory, ".parley-", "");
        try {
            return owner(own, LinkOption.NOFOLLOW_LINKS);
        } finally {
            Files.delete(own);
        }
    }

    private static Object owner(Path file, LinkOption... options) throws IOException {
        return Files.getAttribute(file, "unix:uid", options);
    }

    private static IOException failed(Path file, IOException cause) {
        String why =
                switch (cause) {
                    case NoSuchFileException _ -> "there is no such directory; create it first";
                    case AccessDeniedException _ -> "permission denied; choose a directory that you may write to";
                    case FileSystemException e when e.getReason() != null -> e.getReason();
                    default -> String.valueOf(cause.getMessage());
                };
        return new FileFailedException(new IOException("cannot write the port file " + file + ": " + why, cause));
    }
}
