package dev.parley.tests.fuzz;

import java.util.Locale;
import java.util.function.Supplier;

/** Every target, under the name that {@code bench/fuzz.sh} and the seed files know it by. */
enum Targets {
    FRAME_READER(FrameReaderTarget::new, 1_500),
    HEADER(HeaderTarget::new, 2_000),
    FLAT_OBJECT(FlatObjectTarget::new, 5_000),
    ADDRESS(AddressTarget::new, 5_000),
    ROUND_TRIP(RoundTripTarget::new, 3_000),
    SERVER_SESSION(ServerSessionTarget::new, 600);

    @SuppressWarnings("ImmutableEnumChecker") // a reference to a constructor holds nothing
    private final Supplier<Target> maker;

    /** The number of mutations of its seeds that an ordinary build tries, which takes a second or two. */
    private final int rounds;

    Targets(Supplier<Target> maker, int rounds) {
        this.maker = maker;
        this.rounds = rounds;
    }

    Target open() {
        return maker.get();
    }

    int rounds() {
        return rounds;
    }

    /** Returns the name, such as {@code frame-reader}. */
    String title() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    static Targets titled(String title) {
        return valueOf(title.toUpperCase(Locale.ROOT).replace('-', '_'));
    }
}
