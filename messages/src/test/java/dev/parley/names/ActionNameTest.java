package dev.parley.names;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ActionNameTest {
    @ParameterizedTest
    @ValueSource(strings = {"a", "search", "parley.peer", "A-z_09.b", "-", "a.b.c.d.e.f.g.h"})
    void wordsJoinedByDots(String name) {
        assertThat(ActionName.isValid(name)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", ".", ".a", "a.", "a..b", "a b", "a\n", "ä", "a/b", "a@b", "[", "{", "`", "a.b.c.d.e.f.g.h.i"
            })
    void nothingElse(String text) {
        assertThat(ActionName.isValid(text)).isFalse();
    }

    @Test
    void aWordHasUpTo64Letters() {
        assertThat(ActionName.isValid("a".repeat(64) + "." + "b".repeat(64))).isTrue();
        assertThat(ActionName.isValid("a".repeat(65))).isFalse();
        assertThat(ActionName.isValid("a." + "b".repeat(65))).isFalse();
    }
}
