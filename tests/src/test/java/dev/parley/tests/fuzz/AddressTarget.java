package dev.parley.tests.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.net.Address;
import dev.parley.net.AddressException;
import java.nio.charset.StandardCharsets;

/** Tests that any text is an address that prints as an equal one, or is refused in one line that is safe to show. */
final class AddressTarget implements Target {
    private static final int MESSAGE_CHARS_MAX = 10_000;

    @Override
    public void run(byte[] data) {
        var input = new FuzzInput(data);
        boolean isUtf16 = input.flip(); // in which half surrogate pairs are possible
        check(new String(input.rest(), isUtf16 ? StandardCharsets.UTF_16BE : StandardCharsets.UTF_8));
    }

    private static void check(String text) {
        Address address;
        try {
            address = Address.parse(text);
        } catch (AddressException refused) {
            String message = String.valueOf(refused.getMessage());
            assertThat(message).hasSizeLessThan(MESSAGE_CHARS_MAX).satisfies(line -> assertThat(
                            line.chars().noneMatch(Character::isISOControl))
                    .as("no control characters in: %s", line)
                    .isTrue());
            return;
        }
        assertThat(Address.parse(address.toString())).isEqualTo(address);
    }
}
