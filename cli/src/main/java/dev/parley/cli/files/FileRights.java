package dev.parley.cli.files;

import java.io.IOException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;

/**
 * The rights of files, as {@code ls -l} writes them. If the file system has no such rights, as on Windows, a file has
 * those of its directory. Any thread may use it.
 */
public final class FileRights {
    private FileRights() {}

    /**
     * {@return the attributes with which a file is created}
     *
     * @param rights such as {@code rw-------}
     */
    public static FileAttribute<?>[] of(String rights) {
        return areThere()
                ? new FileAttribute<?>[] {PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(rights))}
                : new FileAttribute<?>[0];
    }

    /**
     * Sets the rights of a file.
     *
     * @param rights such as {@code rwxr-xr-x}
     */
    public static void set(Path file, String rights) throws IOException {
        if (areThere()) {
            Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(rights));
        }
    }

    private static boolean areThere() {
        return FileSystems.getDefault().supportedFileAttributeViews().contains("posix");
    }
}
