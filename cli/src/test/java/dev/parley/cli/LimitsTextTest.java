package dev.parley.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.JsonLimits;
import dev.parley.MessageLimits;
import dev.parley.frame.FrameLimits;
import dev.parley.net.Limits;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;

class LimitsTextTest {
    @Test
    void eachLimitHasItsLine() {
        assertThat(names(LimitsText.lines(Limits.DEFAULT))).containsExactlyInAnyOrderElementsOf(limits(Limits.class));

        List<String> ofMessages = new ArrayList<>(limits(MessageLimits.class));
        ofMessages.removeAll(List.of("frame", "json"));
        ofMessages.addAll(limits(FrameLimits.class));
        ofMessages.addAll(limits(JsonLimits.class));
        assertThat(names(LimitsText.lines(MessageLimits.DEFAULT))).containsExactlyInAnyOrderElementsOf(ofMessages);
    }

    @Test
    void aValueIsShownWithItsUnit() {
        assertThat(LimitsText.lines(Limits.DEFAULT))
                .contains("connect-timeout      10 s", "queued-bytes-max     67,108,864 bytes");
    }

    private static List<String> names(List<String> lines) {
        return lines.stream().map(line -> line.substring(0, line.indexOf(' '))).toList();
    }

    /** Returns the names of the methods that return a limit, as the command writes them. */
    private static List<String> limits(Class<?> type) {
        return Arrays.stream(type.getDeclaredMethods())
                .filter(method -> Modifier.isPublic(method.getModifiers()))
                .filter(method -> method.getParameterCount() == 0)
                .map(Method::getName)
                .map(name -> name.replaceAll("([A-Z])", "-$1").toLowerCase(Locale.ROOT))
                .toList();
    }
}
