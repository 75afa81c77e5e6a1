package dev.parley.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.parley.CallOptions;
import dev.parley.Message;
import dev.parley.frame.Header.JsonNumber;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests the values of {@code --header}: strings, numbers and booleans. */
class HeaderTextTest {
    private static @Nullable Object sent(String key, String text) {
        Message request = HeaderText.add(key, text, Message.json("{}")::with);
        return request.header().others().get(key);
    }

    @Test
    void wholeNumbersAndBooleansAreSentAsSuch() {
        assertThat(sent("tenant", "7")).isEqualTo(new JsonNumber("7"));
        assertThat(sent("tenant", "true")).isEqualTo(true);
        for (String text : new String[] {"07", "-7", "1.5", "1234567890123456", "True", ""}) {
            assertThat(sent("tenant", text)).isEqualTo(text);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"authorization", "idempotency-key", "traceparent", "status"})
    void keysThatMustBeStringsHaveStrings(String key) {
        assertThat(sent(key, "12345")).isEqualTo("12345");
        assertThat(sent(key, "true")).isEqualTo("true");
    }

    @Test
    void aKeyThatIsNotAllowedStaysSo() {
        assertThatThrownBy(() -> sent("id", "7")).hasMessageContaining("is not for with()");
        assertThatThrownBy(() -> HeaderText.add("more", "x", CallOptions.DEFAULT::withHeader))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
