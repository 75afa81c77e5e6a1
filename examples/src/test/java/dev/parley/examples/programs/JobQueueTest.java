package dev.parley.examples.programs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.CallException;
import dev.parley.CallOptions;
import dev.parley.Client;
import dev.parley.RefusedException;
import dev.parley.examples.programs.JobQueue.Counts;
import dev.parley.examples.programs.JobQueue.Job;
import dev.parley.examples.programs.JobQueue.Watch;
import dev.parley.testkit.Await;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

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
