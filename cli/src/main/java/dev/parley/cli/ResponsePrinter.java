package dev.parley.cli;

import dev.parley.ContentException;
import dev.parley.Message;
import dev.parley.RefusedException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * Prints the response of a server: the whole content for {@code parley call}, and the member {@code result} for the
 * tutorial's client.
 */
final class ResponsePrinter {
    private final Io io;
    private final boolean json;

    /** Makes a printer. If {@code json} is true, it prints lines of JSON; otherwise text for people. */
    ResponsePrinter(Io io, boolean json) {
        this.io = io;
        this.json = json;
    }

    /**
     * Prints the member {@code result} of the content, as the tutorial's client does. If the content has no such
     * member, prints the whole content.
     */
    void print(Message response) throws IOException {
        if (json) {
            io.outForeignLine(ResponseJson.of(response));
        } else if (response.isJson()) {
            io.outForeignLine(result(response));
        } else {
            printContent(response);
        }
    }

    /** Prints the content. Text is converted from its character set to UTF-8. Other bytes are printed unchanged. */
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
     * Throws if the type of a response is JSON, but its content is not JSON. For example, a server may have counted
     * characters instead of bytes. Called after the response was printed.
     */
    static void check(String from, Message response) throws PeerFailedException {
        if (response.isJson() && response.jsonOrNull() == null) {
            throw new PeerFailedException(
                    ExitCode.PROTOCOL, from + " answered with a content that is not JSON, although its type is");
        }
    }

    /**
     * Returns true if the content is an object with one member, {@code result}, whose text begins with {@code Error:}.
     * The tutorial's server refuses a request in this way, without a status.
     */
    static boolean isErrorText(Message response) {
        JsonNode content = response.isJson() ? response.jsonOrNull() : null;
        JsonNode result = content == null || content.size() != 1 ? null : content.get("result");
        return result != null && result.isString() && result.stringValue().startsWith("Error: ");
    }

    /**
     * Returns the given exception, which stands for an error response. The caller throws this exception, so the
     * exception determines the exit status. With --json, this method also prints the error response as a result.
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
