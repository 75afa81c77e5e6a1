package dev.parley.cli;

import dev.parley.net.Address;
import dev.parley.net.AddressException;
import picocli.CommandLine;

/** Reads an address; the library's own refusal is the message. */
final class AddressConverter implements CommandLine.ITypeConverter<Address> {
    @Override
    public Address convert(String text) {
        try {
            return Address.parse(text);
        } catch (AddressException e) {
            throw new CommandLine.TypeConversionException(String.valueOf(e.getMessage()));
        }
    }
}
