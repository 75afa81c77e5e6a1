package dev.parley.examples.programs;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.parley.Action;
import dev.parley.CallOptions;
import dev.parley.Client;
import dev.parley.ConnectionLostException;
import dev.parley.Duplex;
import dev.parley.InStream;
import dev.parley.OutStream;
import dev.parley.Server;
import dev.parley.ServerBuilder;
import dev.parley.Topic;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;

/**
 * A durable job queue. A producer gets its answer when the job is on the disk. A worker gets one job at a time; if it
 * goes before it has reported the job as done, another worker gets the job. So each job is done at least once. A
 * producer that does not know whether its job has arrived submits it again: the key of a job is taken once.
 */
public final class JobQueue {
    record Job(String key, String work) {}

    /** What a worker reports: the key of the job that it has done; empty at first. */
    record Done(String key) {}

    record Watch() {}

    record Counts(int waiting, int running, int done) {}

    static final Action<Job, Counts> SUBMIT = Action.of("jobs.submit", Job.class, Counts.class);
    static final Action<Done, Job> WORK = Action.of("jobs.work", Done.class, Job.class);
    static final Action<Watch, Counts> WATCH = Action.of("jobs.watch", Watch.class, Counts.class);

    private final RandomAccessFile log;
    private final Deque<Job> waiting = new ArrayDeque<>();
    private final Map<String, Job> running = new LinkedHashMap<>();
    private final Set<String> done = new HashSet<>();
    private final Topic<Counts> changes = Topic.latestByKey(1, counts -> "all");
    private volatile Counts latest = new Counts(0, 0, 0);

    /**
     * Opens the queue. Its file has a line for each job, {@code + key work}, and for each that is done, {@code - key}.
     */
    JobQueue(Path file) throws IOException {
        log = new RandomAccessFile(file.toFile(), "rw"); // unlike a channel, an interrupt does not close it
        var jobs = new LinkedHashMap<String, Job>();
        String all = Files.readString(file);
        int whole = all.lastIndexOf('\n') + 1; // the last line may be cut off by a kill
        for (String line : all.substring(0, whole).lines().toList()) {
            String[] parts = line.split(" ", 3);
            if (parts[0].equals("+")) {
                jobs.put(parts[1], new Job(parts[1], parts[2]));
            } else {
                jobs.remove(parts[1]);
                done.add(parts[1]);
            }
        }
        waiting.addAll(jobs.values());
        latest = counts();
        log.setLength(all.substring(0, whole).getBytes(UTF_8).length);
        log.seek(log.length());
    }

    private void append(String line) throws IOException {
        log.write((line + "\n").getBytes(UTF_8));
        log.getFD().sync();
    }

    private Counts counts() {
        return new Counts(waiting.size(), running.size(), done.size());
    }

    private void changed() {
        notifyAll();
        changes.publish(() -> {
            latest = counts();
            return latest;
        });
    }

    synchronized Counts submit(Job job) throws IOException {
        boolean isKnown = done.contains(job.key())
                || running.containsKey(job.key())
                || waiting.stream().anyMatch(each -> each.key().equals(job.key()));
        if (!isKnown) {
            append("+ " + job.key() + " " + job.work());
            waiting.add(job);
            changed();
        }
        return counts();
    }

    private synchronized Job take() throws InterruptedException {
        while (waiting.isEmpty()) {
            wait();
        }
        Job job = waiting.remove();
        running.put(job.key(), job);
        changed();
        return job;
    }

    private synchronized void done(Job job) throws IOException {
        append("- " + job.key());
        running.remove(job.key());
        done.add(job.key());
        changed();
    }

    private synchronized void giveBack(Job job) {
        if (running.remove(job.key()) != null) {
            waiting.addFirst(job);
            changed();
        }
    }

    /** Serves one worker: a job, its report, the next job. If the worker goes, its job goes back. */
    private void serve(InStream<Done> reports, OutStream<Job> jobs) throws Exception {
        reports.receive();
        while (true) {
            Job job = take();
            try {
                jobs.send(job);
                Done report = reports.receive();
                if (report == null) {
                    return;
                }
                done(job);
            } finally {
                giveBack(job);
            }
        }
    }

    ServerBuilder serving() {
        return Server.builder()
                .on(SUBMIT, this::submit)
                .onDuplex(WORK, (reports, jobs, exchange) -> serve(reports, jobs))
                .onLoopStream(WATCH, (nothing, exchange) -> changes.startingWith(() -> List.of(latest), each -> true));
    }

    /** Does jobs until it is interrupted, whatever happens to the server. */
    static void work(String address, Consumer<Job> worker) throws Exception {
        try (var client = Client.builder(address).start()) { // the server may come later
            while (true) {
                try (Duplex<Done, Job> jobs = client.duplex(WORK, CallOptions.DEFAULT.withWaitForReady(true))) {
                    jobs.send(new Done(""));
                    for (Job job = jobs.receive(); job != null; job = jobs.receive()) {
                        worker.accept(job);
                        jobs.send(new Done(job.key()));
                    }
                } catch (ConnectionLostException serverIsGone) {
                    System.err.println("waiting for the server to come back");
                }
            }
        }
    }

    /** The arguments: {@code server ADDRESS FILE}, {@code worker ADDRESS}, or {@code submit ADDRESS KEY WORK}. */
    public static void main(String[] args) throws Exception {
        switch (args[0]) {
            case "server" -> {
                try (var server = new JobQueue(Path.of(args[2])).serving().listen(args[1])) {
                    System.out.println("listening on " + server.address());
                    server.join();
                }
            }
            case "worker" -> work(args[1], job -> System.out.println("did " + job.key() + " " + job.work()));
            default -> {
                try (var client = Client.connect(args[1])) {
                    System.out.println(client.call(SUBMIT, new Job(args[2], args[3])));
                }
            }
        }
    }
}
