package dev.parley.net;

import dev.parley.net.text.SafeText;

/**
 * Thrown if a text is not an address, or if an address cannot be used here. The message shows the text or the address,
 * and says what is allowed.
 */
public final class AddressException extends IllegalArgumentException {
    private static final long serialVersionUID = 1L;

    private AddressException(String message) {
        super(message);
    }

    /** Returns an exception for an address that cannot be connected to. */
    static AddressException notToConnect(Address address, String why) {
        return new AddressException("cannot connect to " + address + ": " + why);
    }

    /** Returns an exception for an address that this loop's transport does not support. */
    static AddressException notHere(Address address, String why) {
        return new AddressException("cannot use " + address + ": " + why);
    }

    /**
     * Creates an exception for a text that is not an address.
     *
     * @param seen the text, made safe to show by {@link SafeText#text}
     * @param why what is wrong with the text, and what is allowed
     */
    public AddressException(String seen, String why) {
        super("'" + seen + "' is not an address: " + why);
    }
}
