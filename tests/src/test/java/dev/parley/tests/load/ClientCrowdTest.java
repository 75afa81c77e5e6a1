package dev.parley.tests.load;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.Server;
import dev.parley.tests.bed.Programs;
import dev.parley.tests.bed.TestBed;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A program with little memory has room for many clients. */
@Timeout(120)
class ClientCrowdTest {
    private static final long MEBIBYTE = 1024 * 1024;

    /** Both together are the 256 MiB that the program may take. */
    private static final List<String> LITTLE =
            List.of("-Xmx128m", "-XX:MaxDirectMemorySize=128m", "-Ddev.parley.uring.memoryBytesMax=" + 128 * MEBIBYTE);

    @RegisterExtension
    final TestBed bed = TestBed.inRealTime();

    private final Programs programs = new Programs();

    @AfterEach
    void end() {
        programs.close();
    }

    @Test
    void twoHundredClientsFitIntoLittleMemory() throws Exception {
        Server server = bed.listen(bed.server().onLoop("echo", request -> request));
        var crowd = programs.main(LITTLE, ClientCrowd.class, server.address().toString(), "200");
        assertThat(crowd.exitCode()).as(crowd::err).isZero();
        assertThat(crowd.out()).isEqualTo("answered 600\n");
    }
}
