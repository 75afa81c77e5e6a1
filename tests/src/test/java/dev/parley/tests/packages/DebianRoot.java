package dev.parley.tests.packages;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.tests.packages.MadePackages.Result;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * This machine's root file system under an overlay in memory, in which dpkg installs and removes a package with its
 * scripts. The commands of systemd there write down how they are called, and do nothing.
 */
final class DebianRoot {
    private static final Map<String, String> ENVIRONMENT = Map.of("PATH", "/usr/bin:/bin:/usr/sbin:/sbin");

    private static final String OVERLAY = """
            set -eu
            mount -t tmpfs none "$1"
            mkdir "$1/upper" "$1/work" "$1/root"
            mount -t overlay overlay -o "lowerdir=/,upperdir=$1/upper,workdir=$1/work" "$1/root"
            mount --bind /dev "$1/root/dev"
            mount --bind /proc "$1/root/proc"
            """;

    private static final String STEPS = """
            cp "$2" "$1/root/parley.deb"
            exec chroot "$1/root" sh -euc '
                mkdir -p /run/systemd/system
                for name in systemctl deb-systemd-helper deb-systemd-invoke; do
                    rm -f "/usr/bin/$name"
                    printf "%s\\n" "#!/bin/sh" "echo $name \\"\\$*\\" >>/done" >"/usr/bin/$name"
                    chmod +x "/usr/bin/$name"
                done
                export DEBIAN_FRONTEND=noninteractive
                echo install >>/done
                dpkg --no-triggers -i /parley.deb >&2
                [ -n "$(parley --version)" ] && [ -f /lib/systemd/system/parley.socket ] && echo parley works >>/done
                echo upgrade >>/done
                dpkg --no-triggers -i /parley.deb >&2
                echo remove >>/done
                dpkg --no-triggers -r parley >&2
                echo purge >>/done
                dpkg --no-triggers -P parley >&2
                [ ! -e /usr/lib/parley ] && [ ! -e /usr/bin/parley ] && ! dpkg -s parley >/dev/null 2>&1 &&
                    echo nothing is left >>/done
                cat /done'
            """;

    private DebianRoot() {}

    static boolean isPossible(Path directory) throws IOException, InterruptedException {
        return run(directory, OVERLAY, Path.of("none")).status() == 0;
    }

    /** Returns the steps, and after each the calls of systemd's commands by the package's scripts. */
    static List<String> installAndRemove(Path directory, Path deb) throws IOException, InterruptedException {
        Result result = run(directory, OVERLAY + STEPS, deb);
        assertThat(result.status()).as(result.err()).isZero();
        return result.out().lines().toList();
    }

    private static Result run(Path directory, String script, Path deb) throws IOException, InterruptedException {
        // The mounts are in a namespace of their own, and end with it.
        return MadePackages.run(
                directory, ENVIRONMENT, "unshare", "--mount", "sh", "-c", script, "sh", "/mnt", deb.toString());
    }
}
