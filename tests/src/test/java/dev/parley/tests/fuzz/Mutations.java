package dev.parley.tests.fuzz;

import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import java.util.List;
import java.util.random.RandomGenerator;

/** Changes inputs at random, as a fuzzing engine does, but the same for the same seed of the generator. */
final class Mutations {
    private static final int CHANGES_MAX = 4;
    private static final int INPUT_BYTES_MAX = 4_096;

    private final List<byte[]> seeds;
    private final List<byte[]> words;
    private final RandomGenerator random;

    Mutations(List<byte[]> seeds, List<byte[]> words, RandomGenerator random) {
        this.seeds = seeds;
        this.words = words;
        this.random = random;
    }

    byte[] next() {
        byte[] input = pick(seeds);
        for (int left = 1 + random.nextInt(CHANGES_MAX); left > 0; left--) {
            input = changed(input);
        }
        return Arrays.copyOf(input, Math.min(input.length, INPUT_BYTES_MAX));
    }

    private byte[] pick(List<byte[]> from) {
        return from.get(random.nextInt(from.size()));
    }

    private byte[] changed(byte[] input) {
        int from = random.nextInt(input.length + 1);
        int to = Math.min(input.length, from + random.nextInt(8));
        return switch (random.nextInt(7)) {
            case 0 -> spliced(input, from, Math.min(input.length, from + 1), new byte[] {(byte) random.nextInt(256)});
            case 1 -> spliced(input, from, to, new byte[0]);
            case 2 -> spliced(input, from, from, Arrays.copyOfRange(input, from, to));
            case 3 -> spliced(input, from, from, pick(words));
            case 4 -> spliced(input, from, to, pick(words));
            case 5 -> spliced(input, from, input.length, tail(pick(seeds)));
            default -> bitFlipped(input, from);
        };
    }

    private byte[] tail(byte[] other) {
        return Arrays.copyOfRange(other, random.nextInt(other.length + 1), other.length);
    }

    private byte[] bitFlipped(byte[] input, int at) {
        byte[] flipped = input.clone();
        if (at < flipped.length) {
            flipped[at] ^= (byte) (1 << random.nextInt(8));
        }
        return flipped;
    }

    private static byte[] spliced(byte[] input, int from, int to, byte[] between) {
        var whole = new ByteArrayOutputStream();
        whole.write(input, 0, from);
        whole.writeBytes(between);
        whole.write(input, to, input.length - to);
        return whole.toByteArray();
    }
}
