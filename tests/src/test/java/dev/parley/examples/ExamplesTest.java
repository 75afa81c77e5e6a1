package dev.parley.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class ExamplesTest {
    private interface Program {
        void main(String[] args) throws Exception;
    }

    private static String outputOf(Program program) throws Exception {
        var out = new ByteArrayOutputStream();
        PrintStream before = System.out;
        System.setOut(new PrintStream(out, true, StandardCharsets.UTF_8));
        try {
            program.main(new String[0]);
        } finally {
            System.setOut(before);
        }
        return out.toString(StandardCharsets.UTF_8).strip();
    }

    @Test
    void echo() throws Exception {
        assertThat(outputOf(Echo::main)).isEqualTo("received Hello, world");
    }

    @Test
    void multi() throws Exception {
        assertThat(outputOf(Multi::main)).isEqualTo("100 of 100 got every byte back");
    }

    @Test
    void app() throws Exception {
        assertThat(outputOf(App::main)).isEqualTo("Follow the white rabbit.");
    }
}
