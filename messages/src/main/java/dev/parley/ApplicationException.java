package dev.parley;

import java.util.regex.Pattern;

/**
 * Thrown by a handler to refuse a request for a reason of the application. The peer gets the error {@code failed}, with
 * the application's code and text (docs/protocol.md, section 9).
 *
 * {@snippet :
 * Handler.Simple<Message, Message> sell = request -> {
 *     int left = 0;
 *     if (left == 0) {
 *         throw new ApplicationException("sold-out", "no more of it");
 *     }
 *     return Message.text("sold");
 * };
 * try (var server = Server.builder().on("sell", sell).listen("tcp://localhost:0");
 *         var client = Client.connect(server.address())) {
 *     client.call("sell", Message.text("one"));
 * } catch (RefusedException e) {
 *     System.out.println(e.code() + ", " + e.applicationCode()); // failed, sold-out
 * }
 * }
 */
public final class ApplicationException extends Exception {
    private static final long serialVersionUID = 1L;
    private static final Pattern CODE = Pattern.compile("[a-z0-9-]{1,64}");

    private final String code;

    /**
     * Makes a refusal.
     *
     * @param code your own name for the reason: 1 to 64 lower-case letters, digits and '-'
     * @param message the text for the peer
     * @throws IllegalArgumentException if the code has another form
     */
    public ApplicationException(String code, String message) {
        super(message);
        if (!CODE.matcher(code).matches()) {
            throw new IllegalArgumentException(
                    "'" + code + "' is not a code; 1 to 64 lower-case letters, digits and '-' are allowed");
        }
        this.code = code;
    }

    /** {@return the application's own code} */
    public String applicationCode() {
        return code;
    }
}
