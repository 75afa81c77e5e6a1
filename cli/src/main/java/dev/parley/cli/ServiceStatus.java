package dev.parley.cli;

import dev.parley.net.Address;
import dev.parley.net.systemd.ServiceManager;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** Notifies systemd of the state of a server, if systemd has started the server and asks for it (sd_notify(3)). */
final class ServiceStatus {
    /** A notification. Sending it may fail. */
    private interface Word {
        void send(ServiceManager manager) throws IOException;
    }

    private ServiceStatus() {}

    static void ready(Address listening, Io io) {
        send(manager -> manager.ready("listening on " + listening), io::errLine);
        ServiceManager.find().flatMap(ServiceManager::watchdog).ifPresent(period -> notifyAlive(period, io));
    }

    static void stopping(Io io) {
        send(ServiceManager::stopping, line -> Shutdown.errLine(line, io));
    }

    /**
     * Notifies systemd's watchdog regularly that the process runs. It does this twice as often as necessary, so that
     * one notification may be late.
     */
    private static void notifyAlive(Duration period, Io io) {
        ScheduledExecutorService executor = Executors.newSingleThreadScheduledExecutor(
                Thread.ofPlatform().daemon().name("parley-watchdog").factory());
        long half = Math.max(1, period.toNanos() / 2);
        var _ = executor.scheduleAtFixedRate(
                () -> send(ServiceManager::alive, io::errLine), 0, half, TimeUnit.NANOSECONDS);
    }

    /**
     * Sends a notification to the service manager. A failure is only logged, since the server works without a manager.
     * If the manager misses a notification, it reports that itself.
     */
    private static void send(Word word, Consumer<String> log) {
        Optional<ServiceManager> manager = ServiceManager.find();
        if (manager.isPresent()) {
            try {
                word.send(manager.get());
            } catch (IOException e) {
                log.accept("parley: cannot notify the service manager (NOTIFY_SOCKET): " + e.getMessage());
            }
        }
    }
}
