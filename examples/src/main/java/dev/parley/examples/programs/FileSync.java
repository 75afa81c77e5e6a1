package dev.parley.examples.programs;

import dev.parley.Action;
import dev.parley.ApplicationException;
import dev.parley.CallOptions;
import dev.parley.Client;
import dev.parley.InStream;
import dev.parley.Message;
import dev.parley.Server;
import dev.parley.ServerBuilder;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;

/**
 * Sends files to a server's folder and fetches them, of any size. A transfer that was cut off goes on where it ended,
 * if what is there is the beginning of the same file. A file gets its name when all of it is there and its SHA-256 is
 * right.
 */
public final class FileSync {
    /** Asks what is there of a file, and for the SHA-256 of its first bytes. */
    record Ask(String name, long firstBytes) {}

    /** The part of a file that the server has, or all of it. The SHA-256 is that of the first bytes, or of all. */
    record Have(long bytes, String sha256, boolean isWhole) {}

    record Put(String name, long offsetBytes, long bytes, String sha256) {}

    record Get(String name, long offsetBytes) {}

    static final Action<Ask, Have> HAVE = Action.of("sync.have", Ask.class, Have.class);
    static final Action<Put, Have> PUT = Action.of("sync.put", Put.class, Have.class);
    static final Action<Get, Message> GET = Action.of("sync.get", Get.class, Message.class);

    /** A client waits for a server that is being replaced, and for one that reads a large file. */
    private static final CallOptions WAITING =
            CallOptions.DEFAULT.withWaitForReady(true).withoutTimeout();

    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,99}");
    private static final String PART = ".part";

    private final Path folder;
    private final Set<String> arriving = ConcurrentHashMap.newKeySet();

    FileSync(Path folder) {
        this.folder = folder;
    }

    ServerBuilder serving() {
        return Server.builder()
                .on(HAVE, asked -> have(file(asked.name()), asked.firstBytes()))
                .onUpload(PUT, in -> put(Objects.requireNonNull(in.receive()), in.bytes()))
                .onStream(GET, (asked, out) -> out.sendFile(file(asked.name()), asked.offsetBytes()));
    }

    private Path file(String name) throws ApplicationException {
        if (!NAME.matcher(name).matches() || name.endsWith(PART)) {
            throw new ApplicationException("bad-name", "a name has letters, digits, '.', '_' and '-'");
        }
        return folder.resolve(name);
    }

    private Have put(Put put, InputStream content) throws Exception {
        Path file = file(put.name());
        if (!arriving.add(put.name())) {
            throw new ApplicationException("busy", put.name() + " is being sent already");
        }
        try {
            receive(file, put.offsetBytes(), content);
            return finish(file, put.bytes(), put.sha256());
        } finally {
            arriving.remove(put.name());
        }
    }

    // Used by both sides.

    private static Path part(Path file) {
        return file.resolveSibling(file.getFileName() + PART);
    }

    private static Have have(Path file, long firstBytes) throws IOException {
        boolean isWhole = Files.exists(file);
        Path there = isWhole ? file : part(file);
        long bytes = Files.exists(there) ? Files.size(there) : 0;
        return new Have(bytes, sha256(there, Math.clamp(firstBytes, 0, bytes)), isWhole);
    }

    /** Adds content to the part of a file, from an offset on. If it is cut off, what has come stays. */
    private static void receive(Path file, long offsetBytes, InputStream content) throws Exception {
        try (var part = FileChannel.open(part(file), StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
            if (offsetBytes < 0 || offsetBytes > part.size()) {
                throw new ApplicationException("wrong-offset", "there are " + part.size() + " bytes");
            }
            part.truncate(offsetBytes).position(offsetBytes);
            content.transferTo(Channels.newOutputStream(part));
            part.force(true);
        }
    }

    private static Have finish(Path file, long bytes, String sha256) throws Exception {
        Path part = part(file);
        if (Files.size(part) != bytes || !sha256(part, bytes).equals(sha256)) {
            Files.delete(part);
            throw new ApplicationException("bad-content", "these are not the bytes that were announced");
        }
        Files.move(part, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        try (var folder = FileChannel.open(file.toAbsolutePath().getParent())) {
            folder.force(true); // otherwise a power failure may take the new name
        }
        return new Have(bytes, sha256, true);
    }

    /** Returns the SHA-256 of the first bytes of a file, or of as many as it has. */
    static String sha256(Path file, long bytes) throws IOException {
        try {
            var digest = MessageDigest.getInstance("SHA-256");
            try (var in = bytes == 0 ? InputStream.nullInputStream() : Files.newInputStream(file)) {
                byte[] next;
                for (long left = bytes; left > 0; left -= next.length) {
                    next = in.readNBytes((int) Math.min(left, 1 << 16));
                    digest.update(next);
                    left = next.length == 0 ? 0 : left;
                }
            }
            return HexFormat.of().formatHex(digest.digest());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e); // every JDK has it
        }
    }

    // The client's side.

    /** Sends a file, or the rest of it. Returns the offset at which it began; the length if all was there. */
    static long push(Client client, Path file) throws IOException {
        String name = String.valueOf(file.getFileName());
        long bytes = Files.size(file);
        String sha256 = sha256(file, bytes);
        Have there = client.call(HAVE, new Ask(name, Long.MAX_VALUE), WAITING);
        if (there.isWhole() && there.sha256().equals(sha256)) {
            return bytes;
        }
        boolean isBeginning =
                !there.isWhole() && there.bytes() <= bytes && there.sha256().equals(sha256(file, there.bytes()));
        long offset = isBeginning ? there.bytes() : 0;
        client.upload(PUT, new Put(name, offset, bytes, sha256), file, offset, CallOptions.DEFAULT);
        return offset;
    }

    /** Fetches a file, or the rest of it, into a folder. Returns the offset at which it began. */
    static long pull(Client client, String name, Path folder) throws Exception {
        Path file = folder.resolve(name);
        Have there = client.call(HAVE, new Ask(name, Long.MAX_VALUE), WAITING);
        if (!there.isWhole()) {
            throw new IOException("the server has no file " + name);
        }
        Have here = have(file, Long.MAX_VALUE);
        if (here.isWhole() && here.sha256().equals(there.sha256())) {
            return here.bytes();
        }
        boolean isPart = !here.isWhole() && here.bytes() > 0 && here.bytes() <= there.bytes();
        boolean isBeginning = isPart
                && client.call(HAVE, new Ask(name, here.bytes()), WAITING)
                        .sha256()
                        .equals(here.sha256());
        long offset = isBeginning ? here.bytes() : 0;
        try (InStream<Message> rest = client.stream(GET, new Get(name, offset))) {
            receive(file, offset, rest.bytes());
        }
        finish(file, there.bytes(), there.sha256());
        return offset;
    }

    /** The arguments: {@code server ADDRESS FOLDER}, {@code push ADDRESS FILE}, or {@code pull ADDRESS NAME}. */
    public static void main(String[] args) throws Exception {
        switch (args.length == 3 ? args[0] : "") {
            case "server" -> {
                var sync = new FileSync(Files.createDirectories(Path.of(args[2])));
                try (var server = sync.serving().listen(args[1])) {
                    System.out.println("listening on " + server.address());
                    server.join();
                }
            }
            case "push", "pull" -> {
                try (var client = Client.connect(args[1])) {
                    boolean isPush = args[0].equals("push");
                    long from = isPush ? push(client, Path.of(args[2])) : pull(client, args[2], Path.of("."));
                    System.out.println("done, from byte " + from + " on");
                }
            }
            default ->
                System.err.println(
                        "usage: FileSync.java server ADDRESS FOLDER | push ADDRESS FILE | pull ADDRESS NAME");
        }
    }
}
