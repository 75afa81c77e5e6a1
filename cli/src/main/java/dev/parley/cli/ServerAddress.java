package dev.parley.cli;

import dev.parley.net.Address;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Parameters;

/** The first argument of every client whose server may be the default one. */
final class ServerAddress {
    @Parameters(
            index = "0",
            arity = "0..1",
            paramLabel = "ADDRESS",
            converter = AddressConverter.class,
            defaultValue = Address.DEFAULT,
            description = "Where the server listens. Default: ${DEFAULT-VALUE}")
    private @Nullable Address address;

    Address get() {
        return Objects.requireNonNull(address);
    }
}
