package dev.parley.net.nio;

import dev.parley.net.transport.EndpointFile;
import dev.parley.net.transport.UnixAccess;
import java.io.IOException;
import java.net.BindException;
import java.net.ConnectException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermissions;
import java.nio.file.attribute.UserPrincipalNotFoundException;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The file of a listening Unix socket: creates it with the wanted mode and group, replaces the stale file of a server
 * that died, and removes it at the end if it is still ours.
 *
 * <p>bind(2) creates the file with the permissions of the umask, so for a moment other users could connect. To prevent
 * that, the socket is bound inside a private directory next to its path. Then the file gets its group and its mode, and
 * only then is it linked to its path. link(2) fails if something already exists at the path, so nothing is ever
 * overwritten.
 */
public final class UnixSocketFile {
    /**
     * The maximum length of a path. sun_path holds 108 bytes, including the terminating zero (unix(7)), and the JDK
     * uses all but one of them.
     */
    private static final int PATH_BYTES_MAX = 106;

    /** The file name of the socket in the private directory, if its own name would make the path too long. */
    private static final String SHORT_NAME = "s";

    private static final int TYPE_MASK = 0170000;
    private static final int TYPE_SOCKET = 0140000;
    private static final int WRITABLE_BY_OTHERS = 02;
    private static final int STICKY = 01000;
    private static final int TAKE_OVER_ATTEMPTS = 8;
    private static final SecureRandom RANDOM = new SecureRandom();

    /**
     * The files that are not removed yet. The shutdown hook removes them, since a program that gets SIGTERM may have no
     * time to close its servers.
     */
    private static final Set<UnixSocketFile> PLACED = ConcurrentHashMap.newKeySet();

    static {
        Runtime.getRuntime().addShutdownHook(new Thread(UnixSocketFile::removeAll, "parley-socket-files"));
    }

    private final Path path;
    private final @Nullable Object identity;

    private UnixSocketFile(Path path, @Nullable Object identity) {
        this.path = path.toAbsolutePath(); // so that it is removed where it was created
        this.identity = identity;
    }

    private static UnixSocketFile placed(Path path, @Nullable Object identity) {
        var file = new UnixSocketFile(path, identity);
        PLACED.add(file);
        return file;
    }

    private static void removeAll() {
        PLACED.forEach(UnixSocketFile::remove);
    }

    /** Lets a transport bind its socket and listen. */
    public interface Binding {
        /** Binds to this path, which does not exist yet (bind(2)), and listens (listen(2)). */
        void bind(Path path) throws IOException;
    }

    /**
     * Binds and listens on the path.
     *
     * @param access the mode and the group of the file
     * @throws BindException if a live server holds the path
     * @throws FileAlreadyExistsException if something other than a socket of ours is there
     */
    public static UnixSocketFile bind(Path path, UnixAccess access, Binding binding) throws IOException {
        Path parent = parent(path);
        if (!Files.getFileStore(parent).supportsFileAttributeView("posix")) {
            if (access.mode() != UnixAccess.OWNER.mode() || access.group().isPresent()) {
                throw new FileSystemException(path.toString(), null, "files have no modes and groups here");
            }
            binding.bind(path);
            return placed(path, identity(path));
        }
        refuseOpenParent(parent);
        Path privateDirectory = makePrivateDirectory(parent);
        Path made = nameInside(privateDirectory, path);
        Throwable failure = null;
        try {
            bindInside(binding, made);
            giveTo(made, access);
            // Read the identity before the file is linked to its path. There, another server may take the file for
            // stale, and move it away.
            Object identity = identity(made);
            place(made, path, privateDirectory);
            return placed(path, identity);
        } catch (Throwable thrown) {
            failure = thrown;
            throw thrown;
        } finally {
            deleteBoth(made, privateDirectory, failure);
        }
    }

    /**
     * Removes all permissions, then sets the group, then the mode. So no other user has a permission that the mode does
     * not give.
     */
    private static void giveTo(Path made, UnixAccess access) throws IOException {
        Files.setPosixFilePermissions(made, Set.of());
        if (access.group().isPresent()) {
            setGroup(made, access.group().get());
        }
        Files.setAttribute(made, "unix:mode", access.mode());
    }

    private static void setGroup(Path made, String name) throws IOException {
        try {
            var group = made.getFileSystem().getUserPrincipalLookupService().lookupPrincipalByGroupName(name);
            Files.getFileAttributeView(made, PosixFileAttributeView.class).setGroup(group);
        } catch (UserPrincipalNotFoundException e) {
            throw new FileSystemException(name, null, "the group of the socket does not exist");
        } catch (FileSystemException e) {
            throw new FileSystemException(
                    name,
                    null,
                    "the socket cannot be given to this group (" + e.getReason() + "): are you a member of it?");
        }
    }

    /**
     * Returns the path of the socket in the private directory. The file name is the same as at the final path, because
     * ss(8) and lsof(8) go on showing the path in the private directory. If this path would be too long, the file name
     * is {@link #SHORT_NAME}.
     */
    private static Path nameInside(Path privateDirectory, Path path) {
        Path same = privateDirectory.resolve(path.getFileName());
        return fits(same) ? same : privateDirectory.resolve(SHORT_NAME);
    }

    private static boolean fits(Path path) {
        return path.toString().getBytes(StandardCharsets.UTF_8).length <= PATH_BYTES_MAX;
    }

    /**
     * Deletes both files, even if one of them cannot be deleted. Throws the first failure; but if another exception is
     * already under way, the failures are added to it.
     */
    private static void deleteBoth(Path first, Path second, @Nullable Throwable before) throws IOException {
        IOException failure = null;
        for (Path each : List.of(first, second)) {
            try {
                Files.deleteIfExists(each);
            } catch (IOException e) {
                if (before != null) {
                    before.addSuppressed(e);
                } else if (failure == null) {
                    failure = e;
                }
            }
        }
        if (failure != null) {
            throw failure;
        }
    }

    private static Path parent(Path path) throws IOException {
        Path parent = path.toAbsolutePath().getParent();
        if (parent == null || !Files.isDirectory(parent)) {
            throw new NoSuchFileException(String.valueOf(parent), null, "the directory does not exist");
        }
        return parent;
    }

    /** Throws if other users may write to the directory: they could replace our socket with one of their own. */
    private static void refuseOpenParent(Path parent) throws IOException {
        int mode = (Integer) Files.getAttribute(parent, "unix:mode");
        if ((mode & WRITABLE_BY_OTHERS) != 0 && (mode & STICKY) == 0) {
            throw new FileSystemException(
                    parent.toString(), null, "the directory is writable by others and has no sticky bit");
        }
    }

    private static Path makePrivateDirectory(Path parent) throws IOException {
        var ownerOnly = PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));
        while (true) {
            var suffix = new byte[3];
            RANDOM.nextBytes(suffix);
            Path directory = parent.resolve(".p" + HexFormat.of().formatHex(suffix));
            if (!Files.exists(directory, LinkOption.NOFOLLOW_LINKS)) {
                Files.createDirectory(directory, ownerOnly);
                Files.setPosixFilePermissions(directory, ownerOnly.value()); // the umask may have removed permissions
                return directory;
            }
        }
    }

    /**
     * Binds the socket inside the private directory. If the path there is too long, binds through a short link to the
     * directory.
     */
    private static void bindInside(Binding binding, Path made) throws IOException {
        if (fits(made)) {
            binding.bind(made);
            return;
        }
        Path shortcuts = Files.createTempDirectory("p");
        Path shortcut = shortcuts.resolve("d");
        Throwable failure = null;
        try {
            Files.createSymbolicLink(shortcut, Objects.requireNonNull(made.getParent()));
            binding.bind(shortcut.resolve(made.getFileName()));
        } catch (Throwable thrown) {
            failure = thrown;
            throw thrown;
        } finally {
            deleteBoth(shortcut, shortcuts, failure);
        }
    }

    private static void place(Path made, Path path, Path privateDirectory) throws IOException {
        for (int left = TAKE_OVER_ATTEMPTS; left > 0; left--) {
            try {
                link(made, path);
                return;
            } catch (FileAlreadyExistsException taken) {
                removeIfStale(path, privateDirectory);
            }
        }
        throw new BindException("Address already in use");
    }

    private static void link(Path made, Path path) throws IOException {
        try {
            Files.createLink(path, made);
        } catch (UnsupportedOperationException noHardLinks) {
            if (Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
                throw new FileAlreadyExistsException(path.toString());
            }
            Files.move(made, path, StandardCopyOption.ATOMIC_MOVE);
        }
    }

    /**
     * Removes a stale file: a socket of ours that no server listens on. Anything else stays untouched and is reported.
     */
    private static void removeIfStale(Path path, Path privateDirectory) throws IOException {
        Object probed = identity(path);
        if (probed == null) {
            return; // another process has removed the file
        }
        Map<String, Object> about;
        try {
            about = Files.readAttributes(path, "unix:mode,uid", LinkOption.NOFOLLOW_LINKS);
        } catch (NoSuchFileException goneMeanwhile) {
            return;
        }
        if (!(about.get("mode") instanceof Integer mode) || (mode & TYPE_MASK) != TYPE_SOCKET) {
            throw new FileAlreadyExistsException(path.toString(), null, "it is not a socket");
        }
        if (!Objects.equals(about.get("uid"), Files.getAttribute(privateDirectory, "unix:uid"))) {
            throw new FileAlreadyExistsException(path.toString(), null, "it is a socket of another user");
        }
        if (answers(path)) {
            throw new BindException("Address already in use");
        }
        takeAway(path, privateDirectory.resolve("stale-" + path.getFileName()), probed);
    }

    private static boolean answers(Path path) throws IOException {
        try (var probe = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            probe.configureBlocking(false);
            probe.connect(UnixDomainSocketAddress.of(path));
            return true; // connected, or the backlog is full: a process listens
        } catch (ConnectException refused) {
            return false;
        } catch (NoSuchFileException gone) {
            return false;
        } catch (IOException e) {
            return Files.exists(path, LinkOption.NOFOLLOW_LINKS);
        }
    }

    /**
     * Removes a stale file. Another server may have replaced it since we checked it. So this method first moves the
     * file aside, and then checks which file it has moved. If it is another file, which belongs to a live server, the
     * file goes back to its path.
     */
    private static void takeAway(Path path, Path aside, Object probed) throws IOException {
        try {
            Files.move(path, aside, StandardCopyOption.ATOMIC_MOVE);
        } catch (NoSuchFileException gone) {
            return;
        } catch (AtomicMoveNotSupportedException e) {
            throw new BindException("Address already in use");
        }
        try {
            if (!probed.equals(identity(aside))) {
                Files.createLink(path, aside);
            }
        } catch (FileAlreadyExistsException third) {
            throw new BindException("Address already in use");
        } finally {
            Files.deleteIfExists(aside);
        }
    }

    private static @Nullable Object identity(Path path) throws IOException {
        try {
            return Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS)
                    .fileKey();
        } catch (NoSuchFileException gone) {
            return null;
        }
    }

    /**
     * {@return whether the file is still there, and is still the one that was created; {@link EndpointFile#NONE} if the
     * file system cannot tell}
     */
    public EndpointFile look() {
        try {
            Object found = identity(path);
            if (found == null) {
                return Files.exists(path, LinkOption.NOFOLLOW_LINKS) ? EndpointFile.NONE : EndpointFile.GONE;
            }
            return found.equals(identity) ? EndpointFile.PRESENT : EndpointFile.REPLACED;
        } catch (IOException hidden) {
            return EndpointFile.NONE; // this process may not search the directory, but clients may still find the file
        }
    }

    /** Removes the file unless another one has taken its place. */
    public void remove() {
        PLACED.remove(this);
        try {
            if (identity != null && identity.equals(identity(path))) {
                Files.deleteIfExists(path);
            }
        } catch (IOException e) {
            System.getLogger("dev.parley").log(System.Logger.Level.WARNING, "cannot remove " + path, e);
        }
    }
}
