package dev.parley.examples.programs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.parley.ApplicationException;
import dev.parley.CallException;
import dev.parley.CallOptions;
import dev.parley.Client;
import dev.parley.RefusedException;
import dev.parley.Server;
import dev.parley.examples.programs.JobQueue.Counts;
import dev.parley.examples.programs.JobQueue.Job;
import dev.parley.examples.programs.JobQueue.Watch;
import dev.parley.testkit.Await;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Timeout(300)
class JobQueueTest {
    private static final int JOBS = 200;

    @TempDir
    private Path folder;

    /**
     * Each job is taken once and done at least once, although the server and the workers are killed again and again.
     */
    @Test
    void noJobIsLostIfServerAndWorkersAreKilled() throws Exception {
        var random = new Random(7);
        String file = folder.resolve("jobs").toString();
        String address = "unix:" + folder.resolve("s");
        Program server = Program.start(JobQueue.class, "server", address, file);
        Program worker = Program.start(JobQueue.class, "worker", address);
        server.address();
        try (var client = Client.builder(address).start()) {
            for (int i = 0; i < JOBS; i++) {
                submit(client, new Job("job-" + i, "do number " + i));
                if (i % 50 == 25) {
                    server.kill();
                    server = Program.start(JobQueue.class, "server", address, file);
                } else if (random.nextInt(50) == 0) {
                    worker.kill();
                    worker = Program.start(JobQueue.class, "worker", address);
                }
            }
            Await.until("all jobs are done", () -> counts(client).done() == JOBS);
            assertThat(counts(client)).isEqualTo(new Counts(0, 0, JOBS));
        } finally {
            worker.kill();
            server.kill();
        }
        var lines = Files.readAllLines(folder.resolve("jobs"));
        assertThat(lines.stream().filter(line -> line.startsWith("+")))
                .hasSize(JOBS)
                .doesNotHaveDuplicates();
        assertThat(lines.stream().filter(line -> line.startsWith("-")).distinct())
                .hasSize(JOBS);
    }

    @Test
    void aJobWhoseWriteWasCutShortIsRefusedAndLosesNoLaterOne() throws Exception {
        Path file = folder.resolve("jobs");
        String address = "unix:" + folder.resolve("s");
        Program server = Program.start(JobQueue.class, "server", address, file.toString());
        server.address();
        try (var client = Client.builder(address).start()) {
            client.call(JobQueue.SUBMIT, new Job("one", "a"), CallOptions.DEFAULT.withWaitForReady(true));
            server.fileBytesMax(Long.toString(Files.size(file) + 5));
            assertThatThrownBy(() -> client.call(JobQueue.SUBMIT, new Job("two", "b")))
                    .isInstanceOf(RefusedException.class);
            server.fileBytesMax("unlimited");
            client.call(JobQueue.SUBMIT, new Job("three", "c"));
        } finally {
            server.kill();
        }
        assertThat(file).hasContent("+ one a\n+ three c\n");
        assertThat(new JobQueue(file).submit(new Job("one", "a"))).isEqualTo(new Counts(2, 0, 0));
    }

    @Test
    void aKillInTheMiddleOfALetterLosesThatJobAlone() throws Exception {
        Path file = folder.resolve("jobs");
        Files.write(file, "+ a f\u00fcr b\n+ c f\u00fc".getBytes(StandardCharsets.UTF_8));
        try (var cut = FileChannel.open(file, StandardOpenOption.WRITE)) {
            cut.truncate(cut.size() - 1);
        }
        assertThat(new JobQueue(file).submit(new Job("d", "e"))).isEqualTo(new Counts(2, 0, 0));
        assertThat(file).hasContent("+ a f\u00fcr b\n+ d e\n");
    }

    @ParameterizedTest
    @CsvSource({"'', work", "a b, work", "'a\n- b', work", "a, 'work\r- b'", "a, 'work\n- b'", "\u00e4, work"})
    void aProducerCannotWriteALineOfItsOwn(String key, String work) throws Exception {
        Path file = folder.resolve("jobs");
        var queue = new JobQueue(file);
        queue.submit(new Job("b", "of another producer"));
        assertThatThrownBy(() -> queue.submit(new Job(key, work))).isInstanceOf(ApplicationException.class);
        assertThat(file).hasContent("+ b of another producer\n");
    }

    @Test
    void aWorkerOutlivesAJobThatItCannotDoAndAServerThatDrains() throws Exception {
        String address = "unix:" + folder.resolve("s");
        var queue = new JobQueue(folder.resolve("jobs"));
        Thread worker = Thread.startVirtualThread(() -> work(address));
        try (var client = Client.builder(address).start()) {
            Server server = queue.serving().listen(address);
            queue.submit(new Job("bad", "cannot be done at first"));
            queue.submit(new Job("good", "can be done"));
            Await.until("both are done", () -> counts(client).done() == 2);
            server.drain(Duration.ZERO);
            server = queue.serving().listen(address);
            queue.submit(new Job("late", "can be done"));
            Await.until(
                    "the job of the next server is done", () -> counts(client).done() == 3);
            worker.interrupt();
            worker.join();
            server.close();
        }
    }

    private static void work(String address) {
        var tries = new AtomicInteger();
        try {
            JobQueue.work(address, job -> {
                if (job.key().equals("bad") && tries.incrementAndGet() < 3) {
                    throw new IllegalArgumentException("cannot do it");
                }
            });
        } catch (Exception interrupted) {
            return;
        }
    }

    @Test
    void aReportOfAnotherJobDoesNotCount() throws Exception {
        var queue = new JobQueue(folder.resolve("jobs"));
        queue.submit(new Job("one", "a"));
        try (var server = queue.serving().listen("unix:" + folder.resolve("s"));
                var client = Client.connect(server.address())) {
            try (var jobs = client.duplex(JobQueue.WORK)) {
                jobs.send(new JobQueue.Done(""));
                assertThat(jobs.receive()).isEqualTo(new Job("one", "a"));
                jobs.send(new JobQueue.Done("another"));
                assertThat(jobs.receive()).isNull();
            }
            Await.until("the job waits again", () -> counts(client).equals(new Counts(1, 0, 0)));
        }
    }

    /** Submits a job again if it is unknown whether it has arrived. */
    private static void submit(Client client, Job job) throws Exception {
        while (true) {
            try {
                client.call(JobQueue.SUBMIT, job, CallOptions.DEFAULT.withWaitForReady(true));
                return;
            } catch (CallException unknown) {
                assertThat(unknown).isNotInstanceOf(RefusedException.class);
            }
        }
    }

    private static Counts counts(Client client) {
        try (var counts = client.stream(JobQueue.WATCH, new Watch())) {
            return Objects.requireNonNull(counts.receive());
        } catch (IOException e) {
            return new Counts(0, 0, 0); // the server is being replaced
        }
    }
}
