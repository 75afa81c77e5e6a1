package dev.parley.cli;

import dev.parley.Message;
import dev.parley.cli.files.FileFailedException;
import dev.parley.json.JsonFault;
import dev.parley.json.JsonScan;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The data of the application: the tutorial's three entries, and the entries of a file, which is read again when it has
 * changed. Any thread may search, even while another thread reloads the file.
 */
final class SearchData {
    private static final Map<String, String> TUTORIAL = Map.of(
            "morpheus", "Follow the white rabbit. \ud83d\udc30",
            "ring", "In the caves beneath the Misty Mountains. \ud83d\udc8d",
            "\ud83d\udc36", "\ud83d\udc3e Playing ball! \ud83c\udfd0");
    private static final String KEPT = "; the last good one is kept";
    private static final JsonMapper JSON = new JsonMapper();

    /**
     * The time of modification and the length of a file when it was read. If one of them is different now, the file has
     * changed.
     */
    private record Version(FileTime modified, long bytes) {}

    private final @Nullable Path file;
    private @Nullable Version version;

    /** The error of the last attempt to read the file's status; null if it succeeded. */
    private @Nullable String unseen;

    private volatile Map<String, Message> results;

    private SearchData(@Nullable Path file, Map<String, String> own) {
        this.file = file;
        this.results = responses(own);
    }

    /** Returns data with only the tutorial's three entries. */
    static SearchData ofTutorial() {
        return new SearchData(null, Map.of());
    }

    /**
     * Returns data with the tutorial's entries and the entries of a file. The file must contain one JSON object, whose
     * values are strings. If an entry of the file has the same key as an entry of the tutorial, the file's entry is
     * used.
     *
     * @throws IOException if the file cannot be used; the message says why
     */
    static SearchData of(Path file) throws IOException {
        Version version = versionOf(file);
        var data = new SearchData(file, read(file));
        data.version = version;
        return data;
    }

    private static Map<String, Message> responses(Map<String, String> own) {
        var texts = new HashMap<>(TUTORIAL);
        texts.putAll(own);
        var responses = new HashMap<String, Message>();
        texts.forEach((key, text) -> responses.put(key, SearchApp.result(text)));
        return responses;
    }

    /** Returns the response to a search, or null if there is no entry for it. */
    @Nullable
    Message find(String value) {
        return results.get(value);
    }

    /**
     * Reads the file again if it has changed. If the file is bad, this is reported, and the last good content stays.
     * Only one thread at a time may call this.
     */
    void reload(Consumer<String> warnings) {
        if (file == null) {
            return;
        }
        Version now;
        try {
            now = versionOf(file);
            unseen = null;
        } catch (IOException e) {
            if (!String.valueOf(e.getMessage()).equals(unseen)) { // this is called again in half a second
                unseen = e.getMessage();
                warnings.accept(e.getMessage() + KEPT);
            }
            forgetVersionIfGone(e);
            return;
        }
        if (!now.equals(version)) {
            version = now;
            try {
                results = responses(read(file));
                warnings.accept("read " + file + " again: " + results.size() + " searches");
            } catch (IOException e) {
                warnings.accept(e.getMessage() + KEPT);
                forgetVersionIfGone(e);
            }
        }
    }

    /** A file that is put in the place of one that is gone is read, even if it looks the same. */
    private void forgetVersionIfGone(IOException unreadable) {
        if (unreadable.getCause() instanceof NoSuchFileException) {
            version = null;
        }
    }

    private static Version versionOf(Path file) throws IOException {
        try {
            var attributes = Files.readAttributes(file, BasicFileAttributes.class);
            return new Version(attributes.lastModifiedTime(), attributes.size());
        } catch (IOException e) {
            throw unreadable(
                    file,
                    e instanceof NoSuchFileException ? "there is no such file" : FileFailedException.reason(e),
                    e);
        }
    }

    private static Map<String, String> read(Path file) throws IOException {
        JsonNode content;
        try {
            byte[] bytes = Files.readAllBytes(file);
            JsonScan.of(bytes, JsonScan.DEPTH_MAX, Integer.MAX_VALUE);
            content = JSON.readTree(bytes);
        } catch (JsonFault e) {
            throw unreadable(file, "it is not one JSON value: " + e.getMessage(), e);
        } catch (IOException e) {
            throw unreadable(file, FileFailedException.reason(e), e);
        }
        if (content == null || !content.isObject()) {
            throw unreadable(file, "it must hold one JSON object of strings, search value to result", null);
        }
        var results = new HashMap<String, String>();
        for (Map.Entry<String, JsonNode> member : content.properties()) {
            if (!member.getValue().isString()) {
                throw unreadable(file, "the result of '" + member.getKey() + "' must be a string", null);
            }
            results.put(member.getKey(), member.getValue().stringValue());
        }
        return results;
    }

    private static IOException unreadable(Path file, String why, @Nullable Exception cause) {
        return new IOException("cannot read the data file " + file + ": " + why, cause);
    }
}
