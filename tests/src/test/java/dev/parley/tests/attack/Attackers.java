package dev.parley.tests.attack;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.util.ArrayList;
import java.util.List;

/** A process that attacks a server over plain sockets, and at its end reports the fate of its connections. */
public final class Attackers {
    static final String BEGINS = "begins";

    /** On a busy host, where these attackers run last, the awaited answers may come later than the attack ends. */
    private static final long WAITING_NANOS = 60_000_000_000L;

    private final Selector selector = Selector.open();
    private final InetSocketAddress server;
    private final List<Fate> fates = new ArrayList<>();
    private final List<Attacker> attackers = new ArrayList<>();
    private final ByteBuffer into = ByteBuffer.allocateDirect(64 * 1024);

    private Attackers(InetSocketAddress server) throws IOException {
        this.server = server;
    }

    /** {@code PORT MILLIS BEAT-MILLIS KIND=COUNT…}: how long at most, and how far beats are apart. */
    public static void main(String[] args) throws IOException {
        var all = new Attackers(new InetSocketAddress(InetAddress.getLoopbackAddress(), Integer.parseInt(args[0])));
        System.out.println(BEGINS);
        long endNanos = System.nanoTime() + Long.parseLong(args[1]) * 1_000_000;
        for (String kind : List.of(args).subList(3, args.length)) {
            String[] pair = kind.split("=", 2);
            all.begin(Attacks.valueOf(pair[0]), Integer.parseInt(pair[1]));
        }
        all.run(endNanos, Long.parseLong(args[2]) * 1_000_000);
    }

    private void begin(Attacks kind, int count) throws IOException {
        var fate = new Fate(kind);
        fates.add(fate);
        for (int i = 0; i < count; i++) {
            attackers.add(attacker(fate));
        }
    }

    private Attacker attacker(Fate fate) throws IOException {
        return new Attacker(fate.kind().begin(), fate, selector, server);
    }

    private void run(long endNanos, long beatNanos) throws IOException {
        long nextBeatNanos = System.nanoTime() + beatNanos;
        for (long now = System.nanoTime(); goesOn(now - endNanos) && !areOver(); now = System.nanoTime()) {
            if (now - nextBeatNanos >= 0) {
                nextBeatNanos += beatNanos;
                beat(now - endNanos < 0);
            }
            long untilNanos = now < endNanos ? Math.min(nextBeatNanos, endNanos) : nextBeatNanos;
            long millis = Math.max(1, (untilNanos - System.nanoTime()) / 1_000_000);
            selector.select(this::ready, millis);
        }
        attackers.forEach(Attacker::close);
        fates.forEach(fate -> System.out.println(fate.line()));
    }

    private boolean goesOn(long afterEndNanos) {
        return afterEndNanos < 0
                || afterEndNanos < WAITING_NANOS && attackers.stream().anyMatch(Attacker::isWaiting);
    }

    private void ready(SelectionKey key) {
        ((Attacker) key.attachment()).ready(into);
    }

    private boolean areOver() {
        return attackers.stream().allMatch(attacker -> attacker.isOver() && !attacker.comesBack());
    }

    /** Runs one beat. Attackers that come back do so here, and not at once, because ports of this host are few. */
    private void beat(boolean mayComeBack) throws IOException {
        for (int i = 0; i < attackers.size(); i++) {
            Attacker attacker = attackers.get(i);
            attacker.beat();
            if (mayComeBack && attacker.isOver() && attacker.comesBack()) {
                attackers.set(i, attacker(attacker.fate()));
            }
        }
    }
}
