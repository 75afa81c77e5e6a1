package dev.parley.net.systemd;

import dev.parley.net.EventLoop;
import dev.parley.net.transport.UnixDatagrams;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.Optional;
import java.util.ServiceLoader;

/**
 * Reports the state of the service to the service manager that started this process, such as systemd for a unit of
 * {@code Type=notify} (sd_notify(3)). This works only on Linux, and only if {@code dev.parley.uring} is on the path and
 * native access is enabled for it, since the JDK has no Unix datagrams.
 *
 * {@snippet :
 * Optional<ServiceManager> manager = ServiceManager.find(); // empty if no manager asks
 * if (manager.isPresent()) {
 *     manager.get().ready("listening");
 * }
 * }
 *
 * <p>Any thread may call its methods; but on the thread of a loop, the methods that send a report throw {@link
 * IllegalStateException}.
 */
public final class ServiceManager {
    private final String socket;
    private final Optional<Duration> watchdog;

    private ServiceManager(String socket, Optional<Duration> watchdog) {
        this.socket = socket;
        this.watchdog = watchdog;
    }

    /**
     * {@return the service manager that the environment variable {@code NOTIFY_SOCKET} names; empty if the variable is
     * not set}
     */
    public static Optional<ServiceManager> find() {
        return find(System.getenv(), ProcessHandle.current().pid());
    }

    static Optional<ServiceManager> find(Map<String, String> environment, long pid) {
        String socket = environment.getOrDefault("NOTIFY_SOCKET", "");
        return socket.isEmpty()
                ? Optional.empty()
                : Optional.of(new ServiceManager(socket, watchdogOf(environment, pid)));
    }

    /**
     * Reads the period of the watchdog. Because processes inherit the environment, WATCHDOG_PID says for which process
     * the period is meant (sd_watchdog_enabled(3)).
     */
    private static Optional<Duration> watchdogOf(Map<String, String> environment, long pid) {
        String micros = environment.getOrDefault("WATCHDOG_USEC", "");
        String forWhom = environment.getOrDefault("WATCHDOG_PID", Long.toString(pid));
        boolean wanted = micros.matches("[1-9]\\d{0,17}") && forWhom.equals(Long.toString(pid));
        return wanted ? Optional.of(Duration.of(Long.parseLong(micros), ChronoUnit.MICROS)) : Optional.empty();
    }

    /**
     * Reports that the service has started.
     *
     * @param status one line for people
     * @throws IOException if the report cannot be sent
     */
    public void ready(String status) throws IOException {
        send("READY=1\nSTATUS=" + oneLine(status));
    }

    /**
     * Reports that the service begins to end.
     *
     * @throws IOException if the report cannot be sent
     */
    public void stopping() throws IOException {
        send("STOPPING=1");
    }

    /**
     * Reports the current activity of the service.
     *
     * @param status one line for people
     * @throws IOException if the report cannot be sent
     */
    public void status(String status) throws IOException {
        send("STATUS=" + oneLine(status));
    }

    /**
     * {@return the maximum time between two calls of {@link #alive}, above zero; empty if the service manager does not
     * expect these calls}
     */
    public Optional<Duration> watchdog() {
        return watchdog;
    }

    /**
     * Reports that the service still works. Call this method twice within the time of {@link #watchdog}, so that one
     * call may be late.
     *
     * @throws IOException if the report cannot be sent
     */
    public void alive() throws IOException {
        send("WATCHDOG=1");
    }

    private static String oneLine(String text) {
        return text.replace('\n', ' ');
    }

    private void send(String message) throws IOException {
        EventLoop.checkMayBlock("notifying the service manager", "let another thread do it");
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
