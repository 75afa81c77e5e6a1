package dev.parley.examples;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(300)
class ExamplesTest {
    @Test
    void echo() throws Exception {
        assertThat(Demonstration.outputOf(Echo::main)).isEqualTo("received Hello, world");
    }

    @Test
    void multi() throws Exception {
        assertThat(Demonstration.outputOf(Multi::main)).isEqualTo("100 of 100 got every byte back");
    }

    @Test
    void app() throws Exception {
        assertThat(Demonstration.outputOf(App::main)).isEqualTo("Follow the white rabbit.");
    }
}
