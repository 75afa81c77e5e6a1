package dev.parley.cli.terminal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Tests that an interrupt that was sent before the end is ignored, even if the JVM passes it on late. */
@Timeout(60)
class IgnoredInterruptsTest {
    /** A signal that, unlike SIGINT, a program that a script starts in the background does not ignore. */
    private static final String SIGNAL = "ALRM";

    private static final int ROUNDS = 200;

    @Test
    void anInterruptBeforeTheEndIsIgnoredAndOneAfterItIsNot() throws Exception {
        Class<?> signalType = Class.forName("sun.misc.Signal");
        Class<?> handlerType = Class.forName("sun.misc.SignalHandler");
        Object signal = signalType.getConstructor(String.class).newInstance(SIGNAL);
        Method handle = signalType.getMethod("handle", signalType, handlerType);
        Method raise = signalType.getMethod("raise", signalType);
        var interrupts = new AtomicInteger();
        var interrupted = new CountDownLatch(1);
        Object counting = Proxy.newProxyInstance(
                getClass().getClassLoader(), new Class<?>[] {handlerType}, (proxy, method, args) -> {
                    if (method.getName().equals("handle")) {
                        interrupts.incrementAndGet();
                        interrupted.countDown();
                    }
                    return null;
                });
        Object usual = handle.invoke(null, signal, counting);
        for (int i = 0; i < ROUNDS; i++) {
            IgnoredInterrupts ignored = IgnoredInterrupts.beginOrNull(SIGNAL);
            assumeTrue(ignored != null, "this JVM handles no signals");
            raise.invoke(null, signal);
            ignored.close();
        }
        assertThat(interrupts).hasValue(0);
        raise.invoke(null, signal);
        assertThat(interrupted.await(30, TimeUnit.SECONDS)).isTrue();
        assertThat(interrupts).hasValue(1);
        handle.invoke(null, signal, usual); // not after a failure: a signal that is still to come would end the JVM
    }
}
