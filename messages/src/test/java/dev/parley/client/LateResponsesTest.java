package dev.parley.client;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.atomic.LongAdder;
import org.junit.jupiter.api.Test;

/** Tests how many late responses a server may send. */
class LateResponsesTest {
    private final LateResponses late = new LateResponses(new LongAdder());

    private int untilTooMany(boolean more, int most) {
        for (int i = 1; i <= most; i++) {
            if (late.isOneTooMany(more)) {
                return i;
            }
        }
        return 0;
    }

    @Test
    void aCallThatWasAnsweredLateDoesNotCountAsAStreamAfterThat() {
        late.callGivenUp();
        assertThat(late.isOneTooMany(false)).isFalse();
        assertThat(untilTooMany(true, 1_000)).isEqualTo(101);
    }

    @Test
    void aCallThatIsAnsweredWithAStreamMayHaveManyLateResponses() {
        late.callGivenUp();
        assertThat(untilTooMany(true, 1_000)).isZero();
    }
}
