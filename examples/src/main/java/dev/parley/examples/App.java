package dev.parley.examples;

import dev.parley.Client;
import dev.parley.Message;
import dev.parley.RefusedRequestException;
import dev.parley.Server;
import dev.parley.frame.ErrorCode;
import dev.parley.frame.JsonText;
import java.util.Locale;

/** Iteration 3: an application with its own header and content; here it shouts back. */
public final class App {
    private App() {}

    /** The application: a function from a request to its response. */
    static Message shout(Message request) throws RefusedRequestException {
        var content = request.jsonOrNull();
        if (content == null || !content.path("say").isString()) {
            throw new RefusedRequestException(ErrorCode.BAD_CONTENT, "the content has no text 'say'");
        }
        return Message.json("{\"result\": "
                + JsonText.string(content.path("say").stringValue().toUpperCase(Locale.ROOT)) + "}");
    }

    /** Sends one request and returns its result. */
    static String ask(String address, String say) throws Exception {
        try (var client = Client.plain(address)) {
            Message response = client.call(Message.json("{\"say\": " + JsonText.string(say) + "}"));
            return response.text();
        }
    }

    /** A server on a free port, and one client. */
    public static void main(String[] args) throws Exception {
        try (var server = Server.builder(App::shout).listen("tcp://localhost:0")) {
            System.out.println("received " + ask(server.address().toString(), "hello"));
        }
    }
}
