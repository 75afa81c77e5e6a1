package dev.parley.net;

import dev.parley.net.transport.UnixDatagrams;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.Optional;
import java.util.ServiceLoader;

/**
 * The service manager that started this process and wants to hear how it goes, such as systemd for a unit of {@code
 * Type=notify}: sd_notify(3). Linux alone, and where {@code dev.parley.uring} is on the path and native access is
 * enabled for it, since the JDK has no Unix datagrams.
 *
 * {@snippet :
 * Optional<ServiceManager> manager = ServiceManager.find(); // empty where nobody asks
 * if (manager.isPresent()) {
 *     manager.get().ready("listening");
 * }
 * }
 *
 * <p>Any thread but that of a loop may call it.
 */
public final class ServiceManager {
    private final String socket;
    private final Optional<Duration> watchdog;

    private ServiceManager(String socket, Optional<Duration> watchdog) {
        this.socket = socket;
        this.watchdog = watchdog;
    }

    /** {@return the one that asks this process by {@code NOTIFY_SOCKET}; empty where none does} */
    public static Optional<ServiceManager> find() {
        return find(System.getenv(), ProcessHandle.current().pid());
    }

    static Optional<ServiceManager> find(Map<String, String> environment, long pid) {
        String socket = environment.getOrDefault("NOTIFY_SOCKET", "");
        return socket.isEmpty()
                ? Optional.empty()
                : Optional.of(new ServiceManager(socket, watchdogOf(environment, pid)));
    }

    /** WATCHDOG_PID says which process is meant, where the environment is inherited: sd_watchdog_enabled(3). */
    private static Optional<Duration> watchdogOf(Map<String, String> environment, long pid) {
        String micros = environment.getOrDefault("WATCHDOG_USEC", "");
        String forWhom = environment.getOrDefault("WATCHDOG_PID", Long.toString(pid));
        boolean wanted = micros.matches("[1-9]\\d{0,17}") && forWhom.equals(Long.toString(pid));
        return wanted ? Optional.of(Duration.of(Long.parseLong(micros), ChronoUnit.MICROS)) : Optional.empty();
    }

    /**
     * The service has started.
     *
     * @param status a line for people
     * @throws IOException if it cannot be told
     */
    public void ready(String status) throws IOException {
        send("READY=1\nSTATUS=" + oneLine(status));
    }

    /**
     * The service begins to end.
     *
     * @throws IOException if it cannot be told
     */
    public void stopping() throws IOException {
        send("STOPPING=1");
    }

    /**
     * What the service does now.
     *
     * @param status a line for people
     * @throws IOException if it cannot be told
     */
    public void status(String status) throws IOException {
        send("STATUS=" + oneLine(status));
    }

    /** {@return how often at least {@link #alive} is expected, above zero; empty where it is not} */
    public Optional<Duration> watchdog() {
        return watchdog;
    }

    /**
     * The service still works; told twice within {@link #watchdog}, so that one may be late.
     *
     * @throws IOException if it cannot be told
     */
    public void alive() throws IOException {
        send("WATCHDOG=1");
    }

    private static String oneLine(String text) {
        return text.replace('\n', ' ');
    }

    private void send(String message) throws IOException {
        EventLoop.checkMayBlock("telling the service manager", "let another thread do it");
        UnixDatagrams datagrams = ServiceLoader.load(UnixDatagrams.class, ServiceManager.class.getClassLoader())
                .findFirst()
                .orElseThrow(() -> new IOException("the module dev.parley.uring is not on the path"));
        String reason = datagrams.unavailable().orElse("");
        if (!reason.isEmpty()) {
            throw new IOException(reason);
        }
        datagrams.send(socket, message.getBytes(StandardCharsets.UTF_8));
    }
}
