package dev.parley.nats;

import dev.parley.cluster.ClusterBus;
import dev.parley.cluster.LocalOffers;
import dev.parley.cluster.OfferedAction;
import dev.parley.net.LoopObserver;
import io.nats.client.Connection;
import java.io.IOException;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Collectors;

/** What this node offers, and what is known of what others offer. Any thread may use it. */
final class NatsOffers {
    private static final int WARNED_MAX = 1_000;

    private final NatsBus bus;
    private final Connection connection;
    private final Outgoing outgoing;
    private final LoopObserver observer;
    private final OtherNodes others;
    private final NodeKinds kinds = new NodeKinds();
    private final List<NatsOffer> ours = new CopyOnWriteArrayList<>();

    /** Our offers that are not closed, with those that are withdrawn. */
    private final Set<NatsOffer> open = ConcurrentHashMap.newKeySet();

    private final LongAdder droppedByEnded = new LongAdder();

    /** The broker does not send us what we send it, so servers on this connection have each other's offers here. */
    private final LocalOffers local = new LocalOffers();

    /** What others offer with other types than we, and was warned of. */
    private final Set<OfferedAction> warned = ConcurrentHashMap.newKeySet();

    /** The other versions of the protocol that were warned of. */
    private final Set<String> warnedVersions = ConcurrentHashMap.newKeySet();

    private final ReentrantLock asking = new ReentrantLock();

    NatsOffers(NatsBus bus, Connection connection, Outgoing outgoing, LoopObserver observer) {
        this.bus = bus;
        this.connection = connection;
        this.outgoing = outgoing;
        this.observer = observer;
        others = new OtherNodes(connection, outgoing, bus.subjects());
    }

    /**
     * Listens to the offers of other nodes, and asks for those that are there.
     *
     * @return what other nodes say
     * @throws IOException if the connection is lost
     */
    OtherNodes.Said begin() throws IOException {
        Uninterrupted.run(() -> connection
                .createDispatcher(this::heard)
                .subscribe(bus.subjects().ofOffers()));
        OtherNodes.Said said = others.ask();
        kinds.learn(said.actions());
        return said;
    }

    LocalOffers local() {
        return local;
    }

    boolean isCall(String action) {
        return local.isCall(action) || kinds.isCall(action);
    }

    private void heard(io.nats.client.Message offer) {
        OtherNodes.Said said = OtherNodes.in(offer.getData());
        kinds.learn(said.actions());
        warnOfClashes(said);
    }

    ClusterBus.Offer add(List<OfferedAction> actions, ClusterBus.NodeHandler handler) throws IOException {
        checkOthers(actions);
        ClusterBus.Offer here = local.add(actions, handler);
        NatsOffer offer;
        try {
            offer = new NatsOffer(bus, connection, outgoing, actions, handler, here);
        } catch (IllegalStateException e) {
            here.withdraw();
            throw new IOException("the NATS server is away, and takes no offer: " + e.getMessage(), e);
        } catch (RuntimeException e) {
            here.withdraw();
            throw e;
        }
        ours.add(offer);
        open.add(offer);
        try {
            offer.announce();
            checkOthers(actions); // another node may have started meanwhile, and seen nothing of us
        } catch (IOException | RuntimeException e) {
            offer.withdraw();
            offer.close();
            throw e;
        }
        return offer;
    }

    void withdrawn(NatsOffer offer) {
        ours.remove(offer);
    }

    void ended(NatsOffer offer) {
        if (open.remove(offer)) {
            droppedByEnded.add(offer.dropped());
        }
    }

    /** Returns how many requests of other nodes were dropped. */
    long dropped() {
        return droppedByEnded.sum()
                + open.stream().mapToLong(NatsOffer::dropped).sum();
    }

    /** Refuses a node of another version, and an action that another node offers with other types. */
    private void checkOthers(List<OfferedAction> actions) throws IOException {
        Map<String, OfferedAction> mine = byName(actions);
        OtherNodes.Said said = others.ask();
        said.checkVersion();
        for (OfferedAction other : said.actions()) {
            OfferedAction offered = mine.get(other.name());
            if (offered != null) {
                offered.checkSame(other);
            }
        }
    }

    private static Map<String, OfferedAction> byName(Collection<OfferedAction> actions) {
        return actions.stream()
                .collect(Collectors.toMap(OfferedAction::name, action -> action, (first, second) -> first));
    }

    private void warnOfClashes(OtherNodes.Said said) {
        for (String version : said.otherVersions()) {
            if (warnedVersions.size() < WARNED_MAX && warnedVersions.add(version)) {
                observer.warned(
                        RequestHeaders.versionClash(version) + "; until then, they refuse each other's requests");
            }
        }
        Map<String, OfferedAction> mine =
                byName(ours.stream().flatMap(each -> each.actions().stream()).toList());
        for (OfferedAction other : said.actions()) {
            OfferedAction offered = mine.get(other.name());
            if (offered == null || offered.equals(other) || warned.size() >= WARNED_MAX || !warned.add(other)) {
                continue;
            }
            try {
                offered.checkSame(other);
            } catch (IOException clash) {
                observer.warned(clash.getMessage() + "; until then, requests reach either of them");
            }
        }
    }

    /**
     * Asks the other nodes anew, and says again what this one offers: while the broker was away, each side has missed
     * what the other one said. Waits for a moment.
     */
    void renew() {
        asking.lock();
        try {
            kinds.beginRound();
            ours.forEach(NatsOffer::announce);
            OtherNodes.Said said = others.ask();
            kinds.learn(said.actions());
            kinds.forgetOlder();
            warnOfClashes(said);
        } catch (IOException e) {
            if (outgoing.isConnected()) {
                observer.warned("the other nodes of the cluster could not be asked what they offer: " + e.getMessage());
            }
        } finally {
            asking.unlock();
        }
    }

    void close() {
        local.clear();
    }
}
