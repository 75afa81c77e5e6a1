package dev.parley;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is read and written by hand is what Jackson reads and writes. */
class FlatRecordsTest {
    record Mixed(String zeta, int count, long big, boolean alpha) {}

    record Checked(int sides) {
        Checked {
            if (sides < 1) {
                throw new IllegalArgumentException("sides");
            }
        }
    }

    record MayBeNull(@Nullable String text) {}

    private static Mixed random(Random random) {
        var text = new StringBuilder();
        for (int left = random.nextInt(20); left > 0; left--) {
            text.appendCodePoint(
                    switch (random.nextInt(8)) {
                        case 0 -> random.nextInt(0x20);
                        case 1 -> "\"\\/\u007f\u2028\u00e9".charAt(random.nextInt(6));
                        case 2 -> 0x1f430;
                        case 3 -> 0xd800 + random.nextInt(0x800);
                        default -> ' ' + random.nextInt(0x5f);
                    });
        }
        return new Mixed(text.toString(), random.nextInt(), random.nextLong(), random.nextBoolean());
    }

    @Test
    void writesWhatJacksonWrites() {
        var random = new Random(11);
        int written = 0;
        for (int i = 0; i < 20_000; i++) {
            Mixed value = random(random);
            byte[] byHand = FlatRecords.writeOrNull(value);
            if (byHand != null) {
                written++;
                assertThat(new String(byHand, StandardCharsets.UTF_8))
                        .as("seed 11, round %d", i)
                        .isEqualTo(JsonMappers.STRICT.writeValueAsString(value));
            }
        }
        assertThat(written).isGreaterThan(2_000);
    }

    @Test
    void readsWhatJacksonReads() {
        var random = new Random(12);
        int read = 0;
        for (int i = 0; i < 20_000; i++) {
            Mixed value = new Mixed(
                    "v" + random.nextInt(), random.nextInt() >>> random.nextInt(32), random.nextLong() >>> 1, true);
            String json = "{\"alpha\": %b, \"zeta\":\"%s\", \"big\": %d, \"more\": 1, \"count\":%d}"
                    .formatted(value.alpha, value.zeta, value.big, value.count);
            Mixed byHand = FlatRecords.readOrNull(Message.json(json), Mixed.class);
            if (byHand != null) {
                read++;
                assertThat(byHand).as("seed 12, round %d", i).isEqualTo(value);
            }
            assertThat(Message.json(json).as(Mixed.class)).isEqualTo(value);
        }
        assertThat(read).isGreaterThan(2_000);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{}",
                "{\"zeta\": \"a\", \"count\": 1, \"big\": 2}",
                "{\"zeta\": \"a\", \"count\": 2147483648, \"big\": 2, \"alpha\": true}",
                "{\"zeta\": \"a\", \"count\": -1, \"big\": 2, \"alpha\": true}",
                "{\"zeta\": \"a\", \"count\": \"1\", \"big\": 2, \"alpha\": true}",
                "{\"zeta\": 1, \"count\": 1, \"big\": 2, \"alpha\": true}",
                "{\"zeta\": null, \"count\": 1, \"big\": 2, \"alpha\": true}",
                "{\"zeta\": \"a\", \"count\": 1, \"big\": 1000000000000000000, \"alpha\": true}",
                "{\"zeta\": \"a\", \"count\": 1, \"big\": 2, \"alpha\": null}",
                "{\"zeta\": \"\\u0061\", \"count\": 1, \"big\": 2, \"alpha\": true}"
            })
    void whatIsUnusualIsLeftToJackson(String json) {
        assertThat(FlatRecords.readOrNull(Message.json(json), Mixed.class)).isNull();
    }

    @Test
    void aRecordsOwnCheckIsToldAsForAnyOther() {
        assertThat(Message.json("{\"sides\": 6}").as(Checked.class)).isEqualTo(new Checked(6));
        assertThatThrownBy(() -> Message.json("{\"sides\": 0}").as(Checked.class))
                .isInstanceOf(ContentException.class)
                .hasMessageContaining("does not fit");
    }

    @Test
    void whatMayBeNullIsLeftToJackson() {
        assertThat(FlatRecords.writeOrNull(new MayBeNull("x"))).isNull();
        assertThat(Message.json("{}").as(MayBeNull.class)).isEqualTo(new MayBeNull(null));
    }
}
