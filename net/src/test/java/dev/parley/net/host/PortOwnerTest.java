package dev.parley.net.host;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Reads tables of a /proc that the test writes. */
class PortOwnerTest {
    private static final int OTHER_UID = 4711;
    private static final InetSocketAddress ASKED = new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 0xFFAC);
    private static final String HEADER =
            "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt\n";

    @TempDir
    Path proc = Path.of("");

    private int ownUid;

    @BeforeEach
    void makeOwnProcess() throws IOException {
        Path self = Files.createDirectories(proc.resolve("self"));
        Files.createDirectories(proc.resolve("net"));
        ownUid = (int) Files.getAttribute(self, "unix:uid");
        if (ownUid == 0) {
            ownUid = 1000; // a test by root must be that of another user, since root sees all processes
            Files.setAttribute(self, "unix:uid", ownUid);
        }
    }

    private void table(String name, String state, int uid, int inode) throws IOException {
        Files.writeString(
                proc.resolve("net").resolve(name),
                HEADER + "   0: 0100007F:FFAC 00000000:0000 " + state + " 00000000:00000000 00:00000000 00000000  "
                        + uid + "        0 " + inode + " 1 0000000000000000 100 0 0 10 0\n");
    }

    private void process(int pid, byte[] name, int inode) throws IOException {
        Path process = proc.resolve(pid + "");
        Path descriptors = Files.createDirectories(process.resolve("fd"));
        Files.write(process.resolve("comm"), name);
        Files.createSymbolicLink(descriptors.resolve("3"), Path.of("socket:[" + inode + "]"));
    }

    /** The kernel cuts it after 15 bytes. There is also no table of IPv6, as in a kernel without it. */
    @Test
    void aNameThatIsCutInsideALetterIsStillAName() throws Exception {
        table("tcp", "0A", ownUid, 77);
        byte[] whole = "größter-server-ü".getBytes(StandardCharsets.UTF_8);
        var cut = new byte[18];
        System.arraycopy(whole, 0, cut, 0, cut.length);
        process(4242, cut, 77);
        assertThat(PortOwner.of(ASKED, proc)).hasValueSatisfying(owner -> {
            assertThat(owner.pid()).isEqualTo(4242);
            assertThat(owner.name()).startsWith("größter-server-");
            assertThat(owner.listens()).isTrue();
        });
        assertThat(PortOwner.isHeldByAnotherUser(ASKED, proc)).isFalse();
    }

    @Test
    void aConnectionIsFoundWithoutATableOfIpv6() throws Exception {
        table("tcp", "01", ownUid, 78);
        process(4243, "java\n".getBytes(StandardCharsets.UTF_8), 78);
        assertThat(PortOwner.of(ASKED, proc)).contains(new PortOwner.Owner(4243, "java", false));
    }

    @Test
    void aSocketOfAnotherUserIsHeldThoughItsProcessIsUnknown() throws Exception {
        table("tcp", "0A", OTHER_UID, 79);
        assertThat(PortOwner.of(ASKED, proc)).isEmpty();
        assertThat(PortOwner.isHeldByAnotherUser(ASKED, proc)).isTrue();
        assertThat(PortOwner.isHeldByAnotherUser(
                        new InetSocketAddress(InetAddress.ofLiteral("127.0.0.2"), 0xFFAC), proc))
                .isFalse();
        table("tcp", "06", 0, 0);
        assertThat(PortOwner.isHeldByAnotherUser(ASKED, proc))
                .as("in TIME_WAIT, which ends by itself")
                .isFalse();
        table("tcp", "0A", ownUid, 79);
        assertThat(PortOwner.isHeldByAnotherUser(ASKED, proc)).isFalse();
    }

    /** The table of Unix sockets has no users, so the file of the socket says it. */
    @Test
    void aUnixSocketHasTheUserOfItsFile() throws Exception {
        Path path = Files.createFile(proc.resolve("s"));
        Files.writeString(
                proc.resolve("net").resolve("unix"),
                "Num       RefCount Protocol Flags    Type St Inode Path\n"
                        + "0000000000000000: 00000002 00000000 00010000 0001 01 80 " + path + "\n");
        UnixDomainSocketAddress asked = UnixDomainSocketAddress.of(path);
        int fileUid = (int) Files.getAttribute(path, "unix:uid");
        assertThat(PortOwner.isHeldByAnotherUser(asked, proc)).isEqualTo(fileUid != ownUid);
        Files.delete(path);
        assertThat(PortOwner.isHeldByAnotherUser(asked, proc)).isFalse();
    }
}
