package dev.parley.cli;

import dev.parley.ContentException;
import dev.parley.Message;
import dev.parley.RefusedException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** Prints the response of a server: its whole content for {@code parley call}, its result for the tutorial's client. */
final class ResponsePrinter {
    private final Io io;
    private final boolean json;

    /** Makes a printer that prints lines of JSON, or for people. */
    ResponsePrinter(Io io, boolean json) {
        this.io = io;
        this.json = json;
    }

    /** Prints the content's result, as the tutorial's client does; the whole content if it has none. */
    void print(Message response) throws IOException {
        if (json) {
            io.outForeignLine(ResponseJson.of(response));
        } else if (response.isJson()) {
            io.outForeignLine(result(response));
        } else {
            printContent(response);
        }
    }

    /** Prints the content: text is converted from its character set to UTF-8, and other bytes are unchanged. */
    void printContent(Message response) throws IOException {
        String text = response.isJson() || io.isTerminal() ? textOrNull(response) : null;
        if (text != null) {
            io.outForeignLine(text);
        } else if (io.isTerminal()) {
            io.outForeignLine(new String(response.content(), StandardCharsets.UTF_8));
        } else {
            io.out(response.content(), 0, response.content().length);
            io.outLine("");
        }
    }

    private static @Nullable String textOrNull(Message response) {
        try {
            return response.text();
        } catch (ContentException notInItsCharacterSet) {
            return null;
        }
    }

    /**
     * Throws, once a response is printed, if it says that it is JSON and is not, as from a server that counts
     * characters for bytes.
     */
    static void check(String from, Message response) throws PeerFailedException {
        if (response.isJson() && response.jsonOrNull() == null) {
            throw new PeerFailedException(
                    ExitCode.PROTOCOL, from + " answered with a content that is not JSON, although its type is");
        }
    }

    /**
     * Prints an error response as a result with --json, and returns the exception, which still determines the exit
     * status.
     */
    RefusedException refused(RefusedException e) throws IOException {
        Message response = e.response();
        if (json && response != null) {
            io.outForeignLine(ResponseJson.of(response));
        }
        return e;
    }

    private static String result(Message response) {
        JsonNode content = response.jsonOrNull();
        JsonNode result = content == null ? null : content.get("result");
        if (result != null && result.isString()) {
            return result.stringValue();
        }
        return content == null ? response.text() : content.toString();
    }
}
