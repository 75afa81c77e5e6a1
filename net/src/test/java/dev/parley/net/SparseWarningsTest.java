package dev.parley.net;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.net.SparseWarnings.Kind;
import java.time.Duration;
import java.util.ArrayList;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class SparseWarningsTest {
    @Test
    void eachKindIsToldOnceInTenSeconds() {
        var now = new AtomicLong(Long.MAX_VALUE - 1);
        var told = new ArrayList<String>();
        var warnings = new SparseWarnings(now::get, told::add);
        warnings.warn(Kind.REFUSED, "a scanner");
        warnings.warn(Kind.ACCEPT_FAILED, "no descriptor");
        warnings.warn(Kind.TURNED_AWAY, "full");
        now.addAndGet(Duration.ofSeconds(10).toNanos() - 1);
        warnings.warn(Kind.REFUSED, "too early");
        now.addAndGet(1);
        warnings.warn(Kind.REFUSED, "again");
        assertThat(told)
                .containsExactly("a scanner", "no descriptor", "full", "again (1 more of this kind were not reported)");
    }
}
