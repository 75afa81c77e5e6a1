package dev.parley.cli;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/** The file in which a server tells scripts its port: whole or not there, and never that of an earlier run. */
final class PortFile {
    private PortFile() {}

    /** Before the server listens: who waits for the file must not read the port of an earlier one. */
    static void forget(Path file) throws IOException {
        if (Files.isDirectory(file)) {
            throw new IOException("cannot write the port file " + file + ": it is a directory");
        }
        if (isPlain(file)) {
            try {
                Files.deleteIfExists(file);
            } catch (IOException e) {
                throw failed(file, e);
            }
        }
    }

    /** A reader never sees half of it; what is no plain file, such as a device or a link, is written through. */
    static void write(Path file, int port) throws IOException {
        String text = port + "\n";
        try {
            if (isPlain(file)) {
                writeBeside(file, text);
            } else {
                Files.writeString(file, text);
            }
        } catch (IOException e) {
            throw failed(file, e);
        }
        if (isPlain(file)) {
            Runtime.getRuntime().addShutdownHook(new Thread(() -> forgetOwn(file, text), "parley-port-file"));
        }
    }

    /** At the end of the process; a file that another server has written meanwhile is not ours. */
    private static void forgetOwn(Path file, String text) {
        try {
            if (Files.readString(file).equals(text)) {
                Files.delete(file);
            }
        } catch (IOException goneOrUnreadable) {
            return; // then there is nothing of ours
        }
    }

    private static boolean isPlain(Path file) {
        return !Files.exists(file, LinkOption.NOFOLLOW_LINKS) || Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS);
    }

    private static void writeBeside(Path file, String text) throws IOException {
        Path directory = file.toAbsolutePath().getParent();
        if (directory == null || !Files.isDirectory(directory)) {
            throw new NoSuchFileException(String.valueOf(directory));
        }
        Path beside =
                directory.resolve(".parley-port-" + ProcessHandle.current().pid() + "-" + file.getFileName());
        try {
            Files.writeString(beside, text);
            Files.move(beside, file, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
        } finally {
            Files.deleteIfExists(beside);
        }
    }

    private static IOException failed(Path file, IOException cause) {
        String why =
                switch (cause) {
                    case NoSuchFileException _ -> "there is no such directory; make it first";
                    case AccessDeniedException _ -> "permission denied; choose a directory that you may write to";
                    case FileSystemException e when e.getReason() != null -> e.getReason();
                    default -> String.valueOf(cause.getMessage());
                };
        return new IOException("cannot write the port file " + file + ": " + why, cause);
    }
}
