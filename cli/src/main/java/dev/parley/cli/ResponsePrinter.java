package dev.parley.cli;

import dev.parley.ContentException;
import dev.parley.Message;
import dev.parley.RefusedException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** Prints what a server answered, as a result. */
final class ResponsePrinter {
    private final Io io;
    private final boolean json;

    /** Prints as a line of JSON, or for people. */
    ResponsePrinter(Io io, boolean json) {
        this.io = io;
        this.json = json;
    }

    /** The content's result, as the tutorial's client prints it; all of the content where it has none. */
    void print(Message response) throws IOException {
        if (json) {
            io.outForeignLine(ResponseJson.of(response));
        } else if (response.isJson()) {
            io.outForeignLine(result(response));
        } else {
            printContent(response);
        }
    }

    /** The content as it is: text in its character set as UTF-8, and bytes that are none of it as they are. */
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
     * What is to be said once a response is printed: it may say that it is JSON and be none, as of a server that counts
     * characters for bytes.
     */
    static void check(String from, Message response) throws PeerFailedException {
        if (response.isJson() && response.jsonOrNull() == null) {
            throw new PeerFailedException(
                    ExitCode.PROTOCOL, from + " answered with a content that says it is JSON and is none");
        }
    }

    /** With --json an error response is a result too; what is left to say is the exit status. */
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
