package dev.parley.net;

import dev.parley.net.text.SafeText;

/**
 * Thrown if a text is not an address, or an address cannot be used here. The message says what was seen and what is
 * allowed.
 */
public final class AddressException extends IllegalArgumentException {
    private static final long serialVersionUID = 1L;

    private AddressException(String message) {
        super(message);
    }

    /** Returns the refusal of an address that cannot be connected to. */
    static AddressException notToConnect(Address address, String why) {
        return new AddressException("cannot connect to " + address + ": " + why);
    }

    /** Returns the refusal of an address that this loop's transport does not support. */
    static AddressException notHere(Address address, String why) {
        return new AddressException("cannot use " + address + ": " + why);
    }

    /**
     * Refuses a text that is not an address.
     *
     * @param seen the text, safe to show: see {@link SafeText#text}
     * @param why what is wrong with it, and what is allowed
     */
    public AddressException(String seen, String why) {
        super("'" + seen + "' is not an address: " + why);
    }
}
