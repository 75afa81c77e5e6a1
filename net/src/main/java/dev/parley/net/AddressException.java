package dev.parley.net;

/**
 * A text that is no address, or an address that cannot serve here: the message says what was seen and what is allowed.
 */
public final class AddressException extends IllegalArgumentException {
    private static final long serialVersionUID = 1L;

    private AddressException(String message) {
        super(message);
    }

    /** A refusal of an address that nobody can connect to. */
    static AddressException notToConnect(Address address, String why) {
        return new AddressException("cannot connect to " + address + ": " + why);
    }

    /** A refusal of an address that this loop has no transport for. */
    static AddressException notHere(Address address, String why) {
        return new AddressException("cannot use " + address + ": " + why);
    }

    /**
     * A refusal of that text.
     *
     * @param seen the text, safe to show: see {@link SafeText#text}
     * @param why what is wrong with it, and what is allowed
     */
    public AddressException(String seen, String why) {
        super("'" + seen + "' is not an address: " + why);
    }
}
