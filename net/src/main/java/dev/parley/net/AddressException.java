package dev.parley.net;

/** A text that is no address: the message says what was seen and what is allowed. */
public final class AddressException extends IllegalArgumentException {
    private static final long serialVersionUID = 1L;

    /** A refusal of that text. */
    public AddressException(String seen, String why) {
        super("'" + seen + "' is not an address: " + why);
    }
}
