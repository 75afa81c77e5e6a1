package dev.parley.net.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BlockedStackTest {
    private static final String LOOP = "dev.parley.net.EventLoop.turn";

    /** Returns frames such as {@code app.Prices.look}, the nearest to the top first. */
    private static StackTraceElement[] stack(String... frames) {
        return Arrays.stream(frames)
                .map(frame -> {
                    int dot = frame.lastIndexOf('.');
                    return new StackTraceElement(frame.substring(0, dot), frame.substring(dot + 1), "File.java", 7);
                })
                .toArray(StackTraceElement[]::new);
    }

    @Test
    void theApplicationsFrameIsNamedWithWhatItCalls() {
        assertThat(BlockedStack.where(true, stack("java.lang.Thread.sleep", "app.Prices.look", LOOP)))
                .contains("by app.Prices.look(File.java:7), which waits in java.lang.Thread.sleep");
        assertThat(BlockedStack.where(false, stack("app.Prices.look", LOOP)))
                .contains("by app.Prices.look(File.java:7)");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "java.lang.String.equalsIgnoreCase",
                "java.math.BigInteger.subtract",
                "dev.parley.uring.Kernel.text",
                "dev.parley.JsonMappers.<clinit>",
                "dev.parley.Message.json",
                "dev.parley.client.FullCallDispatcher.call",
                "dev.parley.json.JsonScanner.scan",
                "dev.parley.memory.ContentPool.gather",
                "dev.parley.cluster.NodeStream.send",
                "dev.parley.nats.NatsBus.open",
                "dev.parley.testkit.FaultProxy.cut",
                "dev.parley.cli.AppServer.echo",
                "tools.jackson.databind.json.JsonMapper.builder"
            })
    void whereNoFrameIsTheApplicationsItIsBlamedForNothing(String frame) {
        assertThat(BlockedStack.where(false, stack(frame, LOOP))).isEmpty();
    }

    @Test
    void theHandlerIsNamedWhateverPartOfParleyItCalls() {
        assertThat(BlockedStack.where(false, stack("dev.parley.json.JsonScanner.scan", "app.Orders.handle", LOOP)))
                .contains("by app.Orders.handle(File.java:7), which runs dev.parley.json.JsonScanner.scan");
        assertThat(BlockedStack.where(false, stack("dev.parley.examples.Slow.answer", LOOP)))
                .contains("by dev.parley.examples.Slow.answer(File.java:7)");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "jdk.internal.loader.BuiltinClassLoader.loadClass",
                "java.lang.ClassLoader.defineClass",
                "java.lang.invoke.MethodHandleNatives.linkCallSite",
                "java.nio.Bits.reserveMemory",
                "dev.parley.JsonMappers.<clinit>"
            })
    void whatTheJvmDoesOnceIsNotReported(String frame) {
        assertThat(BlockedStack.where(false, stack(frame, "app.Main.answer", LOOP)))
                .isEmpty();
    }
}
