package dev.parley.tests.corpus;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.frame.FrameLimits;
import dev.parley.frame.FrameReader;
import dev.parley.frame.Header.Direction;
import dev.parley.net.Address;
import dev.parley.testkit.Await;
import dev.parley.testkit.Census;
import dev.parley.tests.corpus.CorpusCase.Then;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Tests every case of the corpus, in every delivery. If a case is not answered as it says, the test of answers fails
 * for that case alone; the other tests hold each delivery against the case sent whole.
 */
@Timeout(300)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class CorpusTest {
    private static final List<CorpusCase> CASES = Stream.of(
                    CorpusFrames.all(), CorpusFields.all(), CorpusContents.all())
            .flatMap(List::stream)
            .toList();

    /** The maximum length of a stream that is cut; longer ones are sent whole, over each wire. */
    private static final int CUT_BYTES_MAX = 4 * 1024;

    private static final int TWO_CUTS_BYTES_MAX = 200;
    private static final int PARTITIONS = 10_000;
    private static final long SEED = 20_250_901;

    private final Census census = new Census();
    private final CorpusServer memory = CorpusServer.inMemory(census, FrameLimits.DEFAULT);
    private final CorpusServer wide = CorpusServer.inMemory(census, CorpusCase.WIDE);

    CorpusTest() throws Exception {}

    static List<CorpusCase> cases() {
        return CASES;
    }

    static List<CorpusCase> shortCases() {
        return CASES.stream().filter(one -> one.bytes().length <= CUT_BYTES_MAX).toList();
    }

    private CorpusServer serverOf(CorpusCase one) {
        return one.isWide() ? wide : memory;
    }

    @BeforeAll
    void namesAreTellingApart() {
        assertThat(CASES).extracting(CorpusCase::name).doesNotHaveDuplicates();
    }

    @AfterAll
    void nothingFailedAndNothingIsLeft() {
        memory.close();
        wide.close();
        assertThat(census.takeFailures()).isEmpty();
        assertThat(census.warnings()).allMatch(warning -> warning.chars().allMatch(c -> c >= ' ' && c <= '~'));
        census.assertNothingLeft();
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("cases")
    void isAnsweredAsTheCorpusSays(CorpusCase one) {
        assertThat(serverOf(one).onLoop(one)).as("%s", one).isEqualTo(CorpusServer.expected(one));
    }

    // The server, in other deliveries.

    private interface Delivery {
        List<String> of(CorpusCase one, List<String> whole) throws Exception;
    }

    private void sameAsWhole(List<CorpusCase> cases, Delivery delivery) throws Exception {
        var different = new ArrayList<String>();
        for (CorpusCase one : cases) {
            List<String> whole = serverOf(one).onLoop(one);
            List<String> seen;
            try {
                seen = delivery.of(one, whole);
            } catch (IOException e) {
                throw new AssertionError(one + " (" + one.bytes().length + " bytes): " + e.getMessage(), e);
            }
            if (!seen.equals(whole)) {
                different.add(one + ": " + seen + ", and sent whole " + whole);
            }
        }
        assertThat(different).isEmpty();
    }

    @Test
    void byteByByteIsTheSameInMemory() throws Exception {
        sameAsWhole(shortCases(), (one, whole) -> serverOf(one).onLoop(one, everywhere(one.bytes().length)));
    }

    private static int[] everywhere(int length) {
        return IntStream.range(1, Math.max(1, length)).toArray();
    }

    @ParameterizedTest
    @ValueSource(strings = {"nio", "io_uring"})
    void isTheSameOverTcp(String transport) throws Exception {
        overSocket(transport, Address.parse("tcp://127.0.0.1:0"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"nio", "io_uring"})
    void isTheSameOverUnixSockets(String transport) throws Exception {
        Path directory = Files.createTempDirectory("parley");
        overSocket(transport, new Address.Unix(directory.resolve("s")));
        Files.delete(directory);
    }

    private void overSocket(String transport, Address address) throws Exception {
        for (FrameLimits limits : List.of(FrameLimits.DEFAULT, CorpusCase.WIDE)) {
            List<CorpusCase> cases =
                    CASES.stream().filter(one -> one.limits().equals(limits)).toList();
            try (var server = CorpusServer.onSocket(census, transport, address, limits)) {
                sameAsWhole(cases, (one, whole) -> server.overSocket(one, whole, false));
                sameAsWhole(cases, (one, whole) -> server.overSocket(one, whole, one.bytes().length <= CUT_BYTES_MAX));
            }
        }
    }

    /** Each piece is a record of its own. */
    @ParameterizedTest
    @ValueSource(strings = {"nio", "io_uring"})
    void isTheSameOverTls(String transport) throws Exception {
        for (FrameLimits limits : List.of(FrameLimits.DEFAULT, CorpusCase.WIDE)) {
            List<CorpusCase> cases =
                    CASES.stream().filter(one -> one.limits().equals(limits)).toList();
            try (var server = CorpusServer.overTls(census, transport, limits)) {
                sameAsWhole(cases, (one, whole) -> server.onLoop(one));
                sameAsWhole(
                        cases,
                        (one, whole) -> one.bytes().length <= CUT_BYTES_MAX
                                ? server.onLoop(one, everywhere(one.bytes().length))
                                : whole);
            }
        }
    }

    /**
     * A parsed header is remembered, but the result of a case must not depend on the one before. A peer that has sent a
     * message does not speak another protocol: bytes of one are then a wrong message.
     */
    @Test
    void aMessageBeforeChangesNothing() throws Exception {
        byte[] before = CorpusCase.Sent.base().bytes();
        for (CorpusCase one : CASES) {
            CorpusCase after = one.following(before, "ok 1: other 2");
            var wanted = new ArrayList<>(List.of("ok 1: other 2"));
            boolean isOtherProtocol =
                    one.then() == CorpusCase.Then.ENDS && one.replies().isEmpty()
                            || one.replies().equals(List.of(CorpusCase.PAGE));
            wanted.addAll(
                    isOtherProtocol
                            ? List.of("bad-frame, close")
                            : serverOf(one).onLoop(one));
            assertThat(serverOf(one).onLoop(after)).as("%s", one).isEqualTo(wanted);
        }
    }

    @Test
    void randomPartitionsAreTheSame() throws Exception {
        List<CorpusCase> cases = shortCases();
        List<List<String>> whole =
                cases.stream().map(one -> serverOf(one).onLoop(one)).toList();
        for (int i = 0; i < PARTITIONS; i++) {
            CorpusCase one = cases.get(i % cases.size());
            int[] cuts = randomCuts(new Random(SEED + i), one.bytes().length);
            assertThat(serverOf(one).onLoop(one, cuts))
                    .as("%s, seed %d, cut at %s", one, SEED + i, Arrays.toString(cuts))
                    .isEqualTo(whole.get(i % cases.size()));
        }
    }

    static int[] randomCuts(Random random, int length) {
        int count = 1 + random.nextInt(12);
        return random.ints(count, 0, length + 1).sorted().distinct().toArray();
    }

    // The reader alone, where every cut is cheap.

    @Test
    void everyTwoWayCutIsTheSameToTheReader() {
        shortCases().parallelStream().forEach(one -> {
            byte[] stream = CorpusCase.joined(one.bytes(), CorpusServer.NEXT);
            List<FrameReader.Result> whole = read(one, stream);
            for (int cut = 0; cut <= stream.length; cut++) {
                assertSame(one, whole, read(one, stream, cut), cut);
            }
            assertSame(one, whole, read(one, stream, everywhere(stream.length)), -1);
        });
    }

    @Test
    void everyThreeWayCutIsTheSameToTheReader() {
        shortCases().parallelStream()
                .filter(one -> one.bytes().length <= TWO_CUTS_BYTES_MAX)
                .forEach(one -> {
                    List<FrameReader.Result> whole = read(one, one.bytes());
                    for (int first = 1; first < one.bytes().length; first++) {
                        for (int second = first + 1; second < one.bytes().length; second++) {
                            assertSame(one, whole, read(one, one.bytes(), first, second), first, second);
                        }
                    }
                });
    }

    @Test
    void aCaseTwiceInOneStreamIsTheSameTwice() {
        for (CorpusCase one : CASES) {
            List<FrameReader.Result> once = read(one, one.bytes());
            if (one.then() == Then.LIVES) {
                var twice = new ArrayList<>(once);
                twice.addAll(once);
                assertSame(one, twice, read(one, CorpusCase.joined(one.bytes(), one.bytes())));
            }
        }
    }

    static List<FrameReader.Result> read(CorpusCase one, byte[] stream, int... cuts) {
        var reader = new FrameReader(one.limits(), Direction.REQUEST);
        var results = new ArrayList<FrameReader.Result>();
        int from = 0;
        for (int i = 0; i <= cuts.length; i++) {
            int to = i == cuts.length ? stream.length : cuts[i];
            ByteBuffer piece = ByteBuffer.wrap(stream, from, to - from);
            from = to;
            while (piece.hasRemaining()) {
                FrameReader.Result result = reader.read(piece);
                if (!(result instanceof FrameReader.NotYet)) {
                    results.add(result);
                }
                if (result instanceof FrameReader.Broken || result instanceof FrameReader.Foreign) {
                    return results;
                }
            }
        }
        return results;
    }

    private static void assertSame(
            CorpusCase one, List<FrameReader.Result> whole, List<FrameReader.Result> seen, int... cuts) {
        boolean same = whole.size() == seen.size()
                && IntStream.range(0, whole.size()).allMatch(i -> same(whole.get(i), seen.get(i)));
        if (!same) {
            throw new AssertionError(
                    one + ", cut at " + Arrays.toString(cuts) + ": " + seen + ", and sent whole " + whole);
        }
    }

    private static boolean same(FrameReader.Result a, FrameReader.Result b) {
        return switch (a) {
            case FrameReader.Whole(var frame) ->
                b instanceof FrameReader.Whole(var other)
                        && frame.header().equals(other.header())
                        && Arrays.equals(frame.content(), other.content());
            case FrameReader.Refused(var error, long id, boolean more, boolean oneWay) ->
                b instanceof FrameReader.Refused(var other, long otherId, boolean otherMore, boolean otherOneWay)
                        && id == otherId
                        && more == otherMore
                        && oneWay == otherOneWay
                        && error.code() == other.code();
            case FrameReader.Broken(var error) ->
                b instanceof FrameReader.Broken(var other) && error.code() == other.code();
            case FrameReader.Foreign _, FrameReader.NotYet _ -> a.equals(b);
        };
    }

    @Test
    void controlsAreCounted() {
        long before = memory.server().ignoredControls();
        CASES.stream().filter(one -> one.name().equals("control unknown")).forEach(memory::onLoop);
        Await.until("it is counted", () -> memory.server().ignoredControls() == before + 1);
    }

    @Test
    void otherProtocolsAreNamedInTheLog() {
        assertThat(namedAs("24 HTTP")).contains("spoke HTTP,");
        assertThat(namedAs("26 HTTP/2")).contains("spoke HTTP/2,");
        assertThat(namedAs("27 TLS 1.3")).contains("spoke TLS,");
        assertThat(namedAs("29 SSH")).contains("spoke SSH,");
        assertThat(namedAs("30 PROXY version 1")).contains("spoke the PROXY protocol,");
        assertThat(namedAs("31 PROXY version 2")).contains("spoke the PROXY protocol, version 2,");
        assertThat(namedAs("35 Redis")).contains("spoke Redis,");
        assertThat(namedAs("38 a byte-order mark instead of a length")).contains("byte-order mark");
    }

    private String namedAs(String name) {
        CASES.stream().filter(one -> one.name().equals(name)).forEach(memory::onLoop);
        return census.warnings().getLast();
    }
}
