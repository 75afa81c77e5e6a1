package dev.parley.examples;

import dev.parley.Action;
import dev.parley.ApplicationException;
import dev.parley.Client;
import dev.parley.Message;
import dev.parley.RefusedException;
import dev.parley.Server;
import dev.parley.ServerBuilder;
import java.io.Console;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Recipe: file drop with progress, checksum and resume. The server keeps a folder; a client sends a file in chunks.
 *
 * <p>An upload that breaks at 99 % must not begin again, and must not leave half a file that looks like a whole file.
 * An upload that is resumed must not join parts of two different files. A name such as {@code ../.ssh/authorized_keys}
 * must not lead out of the folder. So a partial file has another name. Before an upload, the server sends the length
 * and the SHA-256 of the part that it has, and the client compares this part with its own file. At the end, the server
 * compares the whole file with the length and the SHA-256 that the client sends.
 *
 * <p>To see this, run {@code ./parley run examples/src/main/java/dev/parley/examples/FileDrop.java}. To use two
 * terminals, add arguments: {@code server ADDRESS FOLDER} in one, and {@code client ADDRESS FILE} in the other.
 */
public final class FileDrop {
    /** The length of a chunk. It is well below the length of the longest content of a message, which is 1 MiB. */
    static final int CHUNK_BYTES = 256 * 1024;

    static final long FILE_BYTES_MAX = 1L << 30;

    record Begin(String name, boolean again) {}

    record Have(long bytes, String sha256) {}

    record Whole(String name, long bytes, String sha256) {}

    static final Action<Begin, Have> BEGIN = Action.of("drop.begin", Begin.class, Have.class);
    static final Action<Message, Long> CHUNK = Action.of("drop.chunk", Message.class, Long.class);
    static final Action<Whole, Whole> FINISH = Action.of("drop.finish", Whole.class, Whole.class);

    private FileDrop() {}

    /** The server's side. It handles one request at a time, so two clients never write to one file at the same time. */
    static final class Folder {
        private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,99}");
        private static final String PARTIAL = ".part";

        private final Path folder;
        private final long bytesMax;

        Folder(Path folder, long bytesMax) {
            this.folder = folder;
            this.bytesMax = bytesMax;
        }

        /** Returns how much of the file is here already. If the client wants to begin again, empties the file first. */
        synchronized Have begin(Begin begin) throws Exception {
            Path partial = partial(begin.name());
            if (begin.again() || !Files.exists(partial)) {
                Files.write(partial, new byte[0]);
            }
            return new Have(Files.size(partial), sha256(partial, Files.size(partial)));
        }

        /** Adds a chunk at the end of the partial file. Refuses the chunk if it belongs at another offset. */
        synchronized Long append(Message chunk) throws Exception {
            Path partial = partial(Objects.requireNonNullElse(chunk.header().text("file-name"), ""));
            long bytes = Files.exists(partial) ? Files.size(partial) : 0;
            if (!Long.toString(bytes).equals(chunk.header().text("file-offset"))) {
                throw new ApplicationException("wrong-offset", "the next byte here is number " + bytes);
            }
            if (bytes + chunk.content().length > bytesMax) {
                throw new ApplicationException("too-large", "a file has at most " + bytesMax + " bytes");
            }
            Files.write(partial, chunk.content(), StandardOpenOption.CREATE, StandardOpenOption.APPEND);
            return bytes + chunk.content().length;
        }

        /** Gives the file its final name, if its bytes are those that the sender has. */
        synchronized Whole finish(Whole whole) throws Exception {
            Path partial = partial(whole.name());
            if (!Files.exists(partial) || Files.size(partial) != whole.bytes()) {
                throw new ApplicationException("incomplete", "there are not " + whole.bytes() + " bytes yet");
            }
            if (!sha256(partial, whole.bytes()).equals(whole.sha256())) {
                Files.delete(partial);
                throw new ApplicationException(
                        "bad-checksum", "the bytes are not those that were sent; send all again");
            }
            force(partial);
            Files.move(partial, folder.resolve(whole.name()));
            force(folder);
            return whole;
        }

        /** Waits until a file, or the names in a folder, are on the disk, so that they outlive a power failure. */
        private static void force(Path path) throws IOException {
            try (var channel = FileChannel.open(path)) {
                channel.force(true);
            }
        }

        /**
         * Returns the path of the partial file. Refuses a name that is long or could be a path, and the name of a file
         * that is complete, since a complete file is never changed.
         */
        private Path partial(String name) throws ApplicationException {
            if (!NAME.matcher(name).matches() || name.endsWith(PARTIAL)) {
                throw new ApplicationException(
                        "bad-name", "a name has letters, digits, '.', '_' and '-', and does not end in " + PARTIAL);
            }
            if (Files.exists(folder.resolve(name))) {
                throw new ApplicationException("exists", name + " is here already");
            }
            return folder.resolve(name + PARTIAL);
        }
    }

    static ServerBuilder serving(Folder folder) {
        return Server.builder()
                .on(BEGIN, folder::begin)
                .on(CHUNK, folder::append)
                .on(FINISH, folder::finish);
    }

    /** Called before each chunk and at the end. */
    interface Progress {
        void at(long bytes, long ofBytes) throws IOException;
    }

    /** Sends a file, or the rest of the file if the server has a part. Returns the offset of the first byte sent. */
    static long send(Client client, Path file, Progress progress) throws IOException {
        String name = String.valueOf(file.getFileName());
        Have have = client.call(BEGIN, new Begin(name, false));
        if (!have.sha256().equals(sha256(file, have.bytes()))) {
            have = client.call(BEGIN, new Begin(name, true)); // the part is of a different file
        }
        long size = Files.size(file);
        long at = have.bytes();
        try (var in = Files.newInputStream(file)) {
            in.skipNBytes(at);
            progress.at(at, size);
            for (byte[] chunk = in.readNBytes(CHUNK_BYTES); chunk.length > 0; chunk = in.readNBytes(CHUNK_BYTES)) {
                var message = Message.binary("application/octet-stream", chunk);
                at = client.call(CHUNK, message.with("file-name", name).with("file-offset", Long.toString(at)));
                progress.at(at, size);
            }
        }
        client.call(FINISH, new Whole(name, at, sha256(file, at)));
        return have.bytes();
    }

    /** Returns the SHA-256 of the file's first bytes, as many as the number says. */
    static String sha256(Path file, long bytes) throws IOException {
        try (var in = Files.newInputStream(file)) {
            var digest = MessageDigest.getInstance("SHA-256");
            long left = bytes;
            byte[] part;
            do {
                part = in.readNBytes((int) Math.min(left, CHUNK_BYTES));
                digest.update(part);
                left -= part.length;
            } while (part.length > 0);
            return HexFormat.of().formatHex(digest.digest());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e); // every JDK has it
        }
    }

    /** Writes the progress to one line, again and again. Writes nothing if there is no terminal. */
    private static void show(long bytes, long ofBytes) {
        if (Optional.ofNullable(System.console()).filter(Console::isTerminal).isPresent()) {
            System.err.printf("\r%d of %d bytes%s", bytes, ofBytes, bytes == ofBytes ? "\n" : "");
        }
    }

    /** Starts a server or a client, or, without arguments, a demonstration in one process. */
    public static void main(String[] args) throws Exception {
        if (args.length == 0) {
            demonstrate();
        } else if (args[0].equals("server") && args.length == 3) {
            var folder = new Folder(Files.createDirectories(Path.of(args[2])), FILE_BYTES_MAX);
            try (var server = serving(folder).listen(args[1])) {
                System.out.println("listening on " + server.address());
                server.join();
            }
        } else if (args[0].equals("client") && args.length == 3) {
            if (!Files.isRegularFile(Path.of(args[2]))) {
                System.err.println("there is no file " + args[2]);
                System.exit(2);
            }
            try (var client = Client.connect(args[1])) {
                long from = send(client, Path.of(args[2]), FileDrop::show);
                System.out.println("sent from byte " + from + " on; the checksum is right");
            }
        } else {
            System.err.println("usage: server ADDRESS FOLDER, or client ADDRESS FILE");
            System.exit(2);
        }
    }

    private static void demonstrate() throws Exception {
        Path folder = Files.createTempDirectory("parley-drop");
        Path file = Files.write(Files.createTempDirectory("parley-file").resolve("data.bin"), new byte[1_000_000]);
        try (var server = serving(new Folder(folder, FILE_BYTES_MAX)).listen("tcp://localhost:0");
                var client = Client.connect(server.address())) {
            tell(folder, () -> send(client, file, FileDrop::unplug));
            tell(folder, () -> send(client, file, FileDrop::show));
            tell(folder, () -> send(client, file, FileDrop::show));
            tell(folder, () -> client.call(BEGIN, new Begin("../secret", false)).bytes());
        }
        for (Path made : new Path[] {folder.resolve("data.bin"), folder, file, file.getParent()}) {
            Files.delete(made);
        }
    }

    private static void unplug(long bytes, long ofBytes) throws IOException {
        if (bytes > ofBytes / 2) {
            throw new IOException("unplugged at byte " + bytes);
        }
    }

    private static void tell(Path folder, Callable<Long> sending) throws Exception {
        String what;
        try {
            what = "sent from byte " + sending.call() + " on";
        } catch (RefusedException e) {
            what = "refused: " + e.applicationCode();
        } catch (IOException e) {
            what = "broken: " + e.getMessage();
        }
        try (Stream<Path> files = Files.list(folder)) {
            System.out.println(
                    what + "; the folder has " + files.map(Path::getFileName).toList());
        }
    }
}
