package dev.parley.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ActionHintTest {
    @ParameterizedTest
    @CsvSource({
        "serch, search",
        "saerch, search",
        "Search, search",
        "searching, ''",
        "stor, store",
        "ecoh, echo",
        "eco, echo",
        "add2, add",
        "sub, ''",
        "x, ''",
        "admin.stop, ''"
    })
    void itNamesTheNearestWithinASlipOrTwo(String asked, String nearest) {
        var hint = new ActionHint(List.of("search", "store", "echo", "add", "admin.stop.no", "admin.stop.now"));
        if (nearest.isEmpty()) {
            assertThat(hint.of(asked))
                    .isEqualTo("; this server has add, admin.stop.no, admin.stop.now, echo, search, store");
        } else {
            assertThat(hint.of(asked)).isEqualTo("; did you mean '" + nearest + "'?");
        }
    }

    @Test
    void ofTwoThatAreAsNearTheFirstByNameIsNamed() {
        assertThat(new ActionHint(List.of("cat", "bat")).of("rat")).isEqualTo("; did you mean 'bat'?");
    }

    @Test
    void itIsBoundedHoweverManyAndLongTheNamesAre() {
        var many = IntStream.range(0, 10_000).mapToObj(i -> "action-" + i).toList();
        assertThat(new ActionHint(many).of("nothing.like.that")).isEmpty();
        assertThat(new ActionHint(List.of("x".repeat(500))).of("x".repeat(499))).isEmpty();
        assertThat(new ActionHint(List.of()).of("x")).isEmpty();
        assertThat(new ActionHint(List.of("one")).of(null)).isEqualTo("; this server has one");
    }
}
