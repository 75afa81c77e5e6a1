package dev.parley.cli;

import dev.parley.net.Address;
import picocli.CommandLine.Parameters;

/**
 * The first argument of every client whose server may be the default one. It is parsed only when it is needed, so that
 * an unknown option is reported before its value is taken for an address.
 */
final class ServerAddress {
    @Parameters(
            index = "0",
            arity = "0..1",
            paramLabel = "ADDRESS",
            defaultValue = Address.DEFAULT,
            description = "Where the server listens. Default: ${DEFAULT-VALUE}")
    private String address = Address.DEFAULT;

    Address get() {
        return Address.parse(address);
    }
}
