package dev.parley.cli.files;

import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;

/**
 * Thrown if a file of the user cannot be written or read. The message is one sentence with the reason that the system
 * gave.
 */
public final class FileFailedException extends IOException {
    private static final long serialVersionUID = 1L;

    /**
     * Makes an exception for a failed action.
     *
     * @param what the action that failed, with its file, such as {@code cannot write the picture echo.svg}
     */
    public FileFailedException(String what, IOException cause) {
        super(what + ": " + reason(cause), cause);
    }

    /**
     * Makes an exception with the message of its cause.
     *
     * @param cause a failure whose message names the file, and says in words why it failed
     */
    public FileFailedException(IOException cause) {
        super(cause.getMessage(), cause);
    }

    /** {@return the reason in words, without the name of the file or of a Java type} */
    public static String reason(IOException cause) {
        return switch (cause) {
            case NoSuchFileException _ -> "no such file or directory";
            case AccessDeniedException _ -> "permission denied";
            case FileAlreadyExistsException _ -> "there is something of that name already";
            case NotDirectoryException _ -> "not a directory";
            case CharacterCodingException _ -> "it is not UTF-8";
            case FileSystemException e when e.getReason() != null -> e.getReason();
            default -> String.valueOf(cause.getMessage());
        };
    }
}
