package dev.parley.examples.programs;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import dev.parley.Action;
import dev.parley.ApplicationException;
import dev.parley.CallOptions;
import dev.parley.Client;
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
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * A durable job queue. A producer gets its answer when the job is on the disk. A worker gets one job at a time; if it
 * goes before it has reported the job as done, another worker gets the job. So each job is done at least once. A
 * producer that does not know whether its job has arrived submits it again: the key of a job is taken once.
 */
public final class JobQueue {
    record Job(String key, String work) {}

    /** A worker's report: the key of the job that it has done; empty at first. */
    record Done(String key) {}

    record Watch() {}

    record Counts(int waiting, int running, int done) {}

    static final Action<Job, Counts> SUBMIT = Action.of("jobs.submit", Job.class, Counts.class);
    static final Action<Done, Job> WORK = Action.of("jobs.work", Done.class, Job.class);
    static final Action<Watch, Counts> WATCH = Action.of("jobs.watch", Watch.class, Counts.class);

    private final RandomAccessFile log;
    private long logBytes;
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
        byte[] all = Files.readAllBytes(file);
        int whole = new String(all, ISO_8859_1).lastIndexOf('\n') + 1; // a kill may have cut off the last line
        for (String line : new String(all, 0, whole, UTF_8).lines().toList()) {
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
        logBytes = whole;
    }

    /** Appends a line. If that fails, the next one drops what was written of it. */
    private void append(String line) throws IOException {
        log.setLength(logBytes);
        log.seek(logBytes);
        log.write((line + "\n").getBytes(UTF_8));
        log.getFD().sync();
        logBytes = log.length();
    }

    private Counts counts() {
        return new Counts(waiting.size(), running.size(), done.size());
    }

    private void changed() {
        notifyAll();
        changes.publish(() -> latest = counts());
    }

    synchronized Counts submit(Job job) throws Exception {
        if (!job.key().matches("[!-~]{1,100}") || !job.work().matches(".*")) { // neither may end a line of the file
            throw new ApplicationException(
                    "bad-job", "a key has 1 to 100 printable ASCII characters without a space, and work is one line");
        }
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
            waiting.add(job); // at the end: a job that no worker can do holds back no other one
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
                if (report == null || !report.key().equals(job.key())) {
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
                } catch (IOException | RuntimeException e) { // the server is away or refuses, or the worker failed
                    System.err.println("trying again: " + e);
                    TimeUnit.MILLISECONDS.sleep(300);
                }
            }
        }
    }

    /** The arguments: {@code server ADDRESS FILE}, {@code worker ADDRESS}, or {@code submit ADDRESS KEY WORK}. */
    public static void main(String[] args) throws Exception {
        switch (args.length == 0 ? "" : args[0] + " " + (args.length - 1)) {
            case "server 2" -> {
                try (var server = new JobQueue(Path.of(args[2])).serving().listen(args[1])) {
                    System.out.println("listening on " + server.address());
                    server.join();
                }
            }
            case "worker 1" -> work(args[1], job -> System.out.println("did " + job.key() + " " + job.work()));
            case "submit 3" -> {
                try (var client = Client.connect(args[1])) {
                    System.out.println(client.call(SUBMIT, new Job(args[2], args[3])));
                }
            }
            default ->
                System.err.println(
                        "usage: JobQueue.java server ADDRESS FILE | worker ADDRESS | submit ADDRESS KEY WORK");
        }
    }
}
