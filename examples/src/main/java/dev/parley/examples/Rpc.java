package dev.parley.examples;

import dev.parley.Action;
import dev.parley.ApplicationException;
import dev.parley.CallException;
import dev.parley.CallOptions;
import dev.parley.Client;
import dev.parley.ClientClosedException;
import dev.parley.ConnectionLostException;
import dev.parley.Exchange;
import dev.parley.Message;
import dev.parley.RefusedException;
import dev.parley.Server;
import dev.parley.ServerBuilder;
import dev.parley.TimedOutException;
import dev.parley.net.Address;
import dev.parley.net.ConnectFailedException;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/**
 * Recipe: remote calls with errors and deadlines. A theatre sells ten seats.
 *
 * <p>A call can end in five ways, and a client must do something else for each of them: an answer; a refusal, with a
 * code that says why; no answer in time; a connection that was lost; no connection at all. If a client only sees that a
 * call failed and tries again, a customer may pay twice. If a server does not notice that no client waits any more, it
 * sells seats to no one.
 *
 * <p>{@code ./parley run examples/src/main/java/dev/parley/examples/Rpc.java} shows all five. To use two terminals, add
 * arguments: {@code server [ADDRESS]} in one, and {@code client ADDRESS buy|await|return NUMBER [TIMEOUT_MS]} in the
 * other.
 */
public final class Rpc {
    record Order(int seats) {}

    record Ticket(int number, int seats) {}

    static final Action<Order, Ticket> BUY = Action.of("seats.buy", Order.class, Ticket.class);
    static final Action<Order, Ticket> AWAIT = Action.of("seats.await", Order.class, Ticket.class);
    static final Action<Integer, Ticket> RETURN = Action.of("seats.return", Integer.class, Ticket.class);

    private static final int SEATS_PER_ORDER_MAX = 4;

    private Rpc() {}

    /** The application. Its methods are plain Java, and many virtual threads call them at once. */
    static final class Theatre {
        private final Semaphore free = new Semaphore(10, true);
        private final Map<Integer, Ticket> sold = new ConcurrentHashMap<>();
        private final AtomicInteger numbers = new AtomicInteger();
        private final Consumer<String> log;

        Theatre(Consumer<String> log) {
            this.log = log;
        }

        int freeSeats() {
            return free.availablePermits();
        }

        Ticket buy(Order order) throws ApplicationException {
            check(order);
            if (!free.tryAcquire(order.seats())) {
                throw new ApplicationException("sold-out", "fewer than " + order.seats() + " seats are left");
            }
            return ticket(order);
        }

        /**
         * Waits until enough seats are free, since customers may return seats. The waiting thread is interrupted when
         * the caller's time is over, or when the caller's connection ends.
         */
        Ticket await(Order order, Exchange exchange) throws ApplicationException, InterruptedException {
            check(order);
            try {
                free.acquire(order.seats());
            } catch (InterruptedException e) {
                log.accept("no client waits for those " + order.seats() + " seats any more");
                throw e;
            }
            if (exchange.isCancelled()) { // the call ended at the moment at which the seats became free
                free.release(order.seats());
                throw new InterruptedException("cancelled");
            }
            return ticket(order);
        }

        Ticket giveBack(int number) throws ApplicationException {
            Ticket ticket = sold.remove(number);
            if (ticket == null) {
                throw new ApplicationException(
                        "no-such-ticket", "ticket " + number + " was never sold, or is back already");
            }
            free.release(ticket.seats());
            return ticket;
        }

        private Ticket ticket(Order order) {
            var ticket = new Ticket(numbers.incrementAndGet(), order.seats());
            sold.put(ticket.number(), ticket);
            return ticket;
        }

        /** Checks the value of {@code seats}. Parley has already checked that it is a number. */
        private static void check(Order order) throws ApplicationException {
            if (order.seats() < 1 || order.seats() > SEATS_PER_ORDER_MAX) {
                throw new ApplicationException("bad-order", "seats must be 1 to " + SEATS_PER_ORDER_MAX);
            }
        }
    }

    static ServerBuilder serving(Theatre theatre) {
        return Server.builder().on(BUY, theatre::buy).on(AWAIT, theatre::await).on(RETURN, theatre::giveBack);
    }

    /** Makes a call and says how it ended. */
    static String ended(Callable<?> call) {
        try {
            return "answer: " + call.call();
        } catch (ExecutionException e) { // a future wraps the exception that a blocking call would throw
            return ended(Objects.requireNonNullElse(e.getCause(), e));
        } catch (Exception e) {
            return ended(e);
        }
    }

    /** Describes how a call ended without an answer, and what to do then. */
    private static String ended(Throwable failure) {
        return switch (failure) {
            case RefusedException e when e.code().equals("failed") -> "the theatre says no: " + e.applicationCode();
            case RefusedException e -> "refused (" + e.code() + "): " + advice(e);
            case TimedOutException e -> "no answer in time: " + advice(e);
            case ConnectionLostException e -> "connection lost (" + e.reason() + "): " + advice(e);
            case ClientClosedException _ -> "this client is closed";
            case ConnectFailedException e -> "no connection (" + e.networkError() + "): nothing was sent";
            default -> "failed here: " + failure.getMessage();
        };
    }

    private static String advice(CallException e) {
        return switch (e.outcome()) {
            case NOT_PROCESSED -> "no handler ran";
            case UNKNOWN -> "it may be done, so look before you ask again";
        };
    }

    /** Starts a server or a client, or, without arguments, a demonstration in one process. */
    public static void main(String[] args) throws Exception {
        if (args.length == 0) {
            demonstrate();
        } else if (args[0].equals("server") && args.length <= 2) {
            serve(args.length == 2 ? args[1] : Address.DEFAULT);
        } else if (args[0].equals("client") && (args.length == 4 || args.length == 5)) {
            var timeout = Duration.ofMillis(args.length == 5 ? Long.parseLong(args[4]) : 10_000);
            int number = Integer.parseInt(args[3]);
            String end = ended(() -> ask(args[1], args[2], number, CallOptions.timeout(timeout)));
            System.out.println(end);
            System.exit(end.startsWith("answer") ? 0 : 1);
        } else {
            System.err.println("usage: server [ADDRESS], or client ADDRESS buy|await|return NUMBER [TIMEOUT_MS]");
            System.exit(2);
        }
    }

    private static void serve(String address) throws Exception {
        try (var server = serving(new Theatre(System.out::println)).listen(address)) {
            System.out.println("listening on " + server.address());
            server.drainOnShutdown(Duration.ofSeconds(10));
            server.join();
        }
    }

    private static Ticket ask(String address, String what, int number, CallOptions options) throws IOException {
        try (var client = Client.connect(address)) {
            return switch (what) {
                case "buy" -> client.call(BUY, new Order(number), options);
                case "await" -> client.call(AWAIT, new Order(number), options);
                case "return" -> client.call(RETURN, number, options);
                default -> throw new IOException("'" + what + "' is not one of buy, await, return");
            };
        }
    }

    private static void demonstrate() throws Exception {
        var told = new LinkedBlockingQueue<String>();
        var server = serving(new Theatre(told::add)).listen("tcp://localhost:0");
        try (server;
                var client = Client.connect(server.address())) {
            System.out.println(ended(() -> client.call(BUY, new Order(4))));
            System.out.println(ended(() -> client.call(BUY, new Order(4))));
            System.out.println(ended(() -> client.call(BUY, new Order(4))));
            System.out.println(ended(() -> client.call(BUY, new Order(0))));
            System.out.println(ended(() -> client.call(BUY.name(), Message.json("{\"seats\": \"two\"}"))));
            System.out.println(
                    ended(() -> client.call(AWAIT, new Order(4), CallOptions.timeout(Duration.ofMillis(200)))));
            System.out.println("server: " + told.take());

            var patient = client.callAsync(AWAIT, new Order(4)).toCompletableFuture();
            System.out.println(ended(() -> client.call(RETURN, 1)));
            System.out.println(ended(patient::get));

            var unlucky = client.callAsync(AWAIT, new Order(4)).toCompletableFuture();
            System.out.println(ended(() -> client.call(BUY, new Order(1)))); // now the server has the call above too
            server.close();
            System.out.println(ended(unlucky::get));
            System.out.println(ended(() -> client.call(BUY, new Order(1))));
        }
    }
}
