package dev.parley.tests.attack;

import java.util.function.Supplier;

/** The kinds of attack. */
enum Attacks {
    SILENT(Silent::new),
    SLOW_HEADER(Dripping::header),
    SLOW_CONTENT(Dripping::content),
    DEAF(Requesting::deaf),
    PIPELINING(Requesting::pipelining),
    BLOCKING(Requesting::blocking),
    THROWING(Requesting::throwing),
    CANCELS(Flooding::cancels),
    PINGS(Flooding::pings),
    ERRORS(Flooding::errors),
    HOARDING(Hoarding::new),
    UPLOADS(Streaming::uploads),
    DOWNLOADS(Streaming::downloads),
    GREEDY(Requesting::greedy),
    COSTLY(Costly::plain),
    COSTLY_PACKED(Costly::packed);

    @SuppressWarnings("ImmutableEnumChecker") // a constructor, which has no state
    private final Supplier<Attack> each;

    Attacks(Supplier<Attack> each) {
        this.each = each;
    }

    /** Makes the attack for one connection. */
    Attack begin() {
        return each.get();
    }
}
