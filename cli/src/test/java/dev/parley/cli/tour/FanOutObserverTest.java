package dev.parley.cli.tour;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.net.LoopObserver;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.Proxy;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Tests that every event is passed on. Each method does nothing by default, so a new event could be lost without an
 * error.
 */
class FanOutObserverTest {
    static Stream<Method> events() {
        return Stream.of(LoopObserver.class.getDeclaredMethods())
                .filter(method -> !Modifier.isStatic(method.getModifiers()) && !method.isSynthetic());
    }

    @ParameterizedTest
    @MethodSource("events")
    void eachEventGoesToBoth(Method event) throws Exception {
        List<String> calls = new ArrayList<>();
        LoopObserver both = new FanOutObserver(noting("first", calls), noting("second", calls));
        event.invoke(both, arguments(event));
        assertThat(calls).containsExactly("first " + event.getName(), "second " + event.getName());
    }

    private static LoopObserver noting(String name, List<String> calls) {
        return (LoopObserver) Proxy.newProxyInstance(
                LoopObserver.class.getClassLoader(), new Class<?>[] {LoopObserver.class}, (proxy, method, given) -> {
                    calls.add(name + " " + method.getName());
                    return method.getReturnType() == boolean.class ? false : null;
                });
    }

    private static Object[] arguments(Method event) {
        return Stream.of(event.getParameterTypes())
                .map(type -> type == ByteBuffer.class ? ByteBuffer.allocate(1) : type == boolean.class ? false : null)
                .toArray();
    }
}
