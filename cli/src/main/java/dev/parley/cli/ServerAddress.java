package dev.parley.cli;

import dev.parley.net.Address;
import picocli.CommandLine.Parameters;

/**
 * The argument with the server's address, for the clients that have a default address. It is parsed only when it is
 * needed. So if the user types an unknown option, the option is reported, and its value is not mistaken for a bad
 * address.
 */
final class ServerAddress {
    @Parameters(
            index = "0",
            arity = "0..1",
            paramLabel = "ADDRESS",
            defaultValue = Address.DEFAULT,
            description = "Where the server listens. Default: ${DEFAULT-VALUE}")
    private String address = Address.DEFAULT;

    String text() {
        return address;
    }
}
