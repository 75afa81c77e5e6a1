package dev.parley.tests.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.parley.testkit.Await;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class AwaitTest {
    @Test
    void anInterruptEndsTheWaitAndStaysSet() {
        Thread.currentThread().interrupt();
        assertThatThrownBy(() -> Await.until("pigs fly", () -> false))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("interrupted")
                .hasMessageContaining("pigs fly");
        Await.until("what is true already", () -> true);
        assertThat(Thread.interrupted()).isTrue();
    }
}
