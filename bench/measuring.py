"""Servers on one core, load on the other: starting them, loading them, and what came of it."""
import fcntl
import glob
import json
import os
import re
import shlex
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import time

import contents

BENCH = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(BENCH)
OUT = os.environ.get("OUT", os.path.expanduser("~/.cache/parley-bench"))
LOCK = os.path.expanduser("~/.cache/parley-bench/lock")  # one for the machine, wherever OUT is
NICE = "-15"  # against programs that run beside the measurement
SERVER_CPU, LOAD_CPU = 0, 1
LOAD_MODES = ("echo", "app", "redis-ping")
TLS = "-tls"  # behind a mode
BEHIND = " | "  # between the command of a server and that of the one behind it
RECONNECTS = {"new": ["--reconnect"], "full": ["--reconnect"], "resumed": ["--reconnect", "--tls-resume"]}
GRPC_BYTES = 64
JVM_OPTIONS = "-XX:+UseSerialGC -Xms256m -Xmx512m --enable-native-access=ALL-UNNAMED"
NETTY_OPTIONS = ("--sun-misc-unsafe-memory-access=allow -Dio.netty.leakDetection.level=disabled"
                 " -Dio.netty.buffer.checkBounds=false -Dio.netty.buffer.checkAccessible=false")
SHADED_OPTIONS = NETTY_OPTIONS.replace("-Dio.netty", "-Dio.grpc.netty.shaded.io.netty")  # gRPC's own copy of Netty
OTHER_MAX, STEAL_MAX = 8, 5  # percent of a core; above it a run counts as disturbed
WANTED_LOAD = 95  # percent of its core: the load is the limit, and the server's CPU the figure


def take_priority():
    """Own session with high priority: nice alone works only inside a session's autogroup."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    try:
        os.setsid()
    except OSError:
        pass  # already a session leader
    try:
        with open("/proc/self/autogroup", "w") as f:
            f.write(NICE)
    except OSError:
        pass


def java():
    home = os.environ.get("JAVA_HOME")
    return f"{home}/bin/java" if home else "java"


def parley_path():
    return f"{ROOT}/cli/target/lib/*:{glob.glob(f'{ROOT}/cli/target/parley-cli-*.jar')[0]}"


def words_of(command, port=0, inner=0):
    return shlex.split(command.format(
        port=port, inner=inner, out=OUT, bench=BENCH, tls=f"{OUT}/tls/cert.pem {OUT}/tls/key.pem",
        java=f"{java()} {JVM_OPTIONS}", netty=NETTY_OPTIONS, shaded=SHADED_OPTIONS,
        peers=f"{OUT}/peers/classes:{OUT}/peers/lib/*", grpc=f"{OUT}/grpc/classes:{OUT}/grpc/lib/*",
        parley=parley_path(), app=f"{OUT}/app:{parley_path()}", launcher=f"{ROOT}/parley"))


def read_servers(path):
    """Name to (mode, label, command)."""
    table = {}
    for line in open(path, encoding="utf-8"):
        line = line.rstrip("\n")
        if line.strip() and not line.startswith("#"):
            name, mode, label, command = line.split("\t")
            if mode != "grpc" and mode.removesuffix(TLS) not in LOAD_MODES:
                sys.exit(f"{path}: unknown mode {mode}")
            table[name] = (mode, label, command)
    return table


def is_missing(command):
    """Whether a server cannot be started here, as its program is not installed or was not built."""
    def program(words):
        return program([word for word in words[1:] if "=" not in word]) if words[0] == "env" else words[0]
    return any(shutil.which(program(words_of(part))) is None for part in command.split(BEHIND))


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class Server:
    """One server that runs pinned to its core until it is stopped; with the one behind it, if there is one."""

    def __init__(self, name, mode, command):
        self.name, self.port, inner = name, free_port(), free_port()
        self.mode, self.is_tls = mode.removesuffix(TLS), mode.endswith(TLS)
        os.makedirs(f"{OUT}/logs", exist_ok=True)
        self.log = open(f"{OUT}/logs/{name}.log", "w")
        parts = command.split(BEHIND)
        ports = [self.port, inner] if len(parts) > 1 else [self.port]
        self.procs = [self.begin(words_of(part, self.port, inner)) for part in parts]
        self.proc = self.procs[0]
        for port in ports:
            self.await_connection(port)
        time.sleep(0.2)
        self.known = {}

    def begin(self, words):
        words = ["nice", "-n", NICE, "taskset", "-c", str(SERVER_CPU), *words]
        return subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=self.log, stderr=subprocess.STDOUT)

    def await_connection(self, port):
        end = time.monotonic() + 30
        while True:
            try:
                socket.create_connection(("127.0.0.1", port), 1).close()
                break
            except OSError:
                if not self.is_up() or time.monotonic() > end:
                    self.stop()
                    raise SystemExit(f"{self.name} did not start, see {self.log.name}")
                time.sleep(0.05)

    def content(self, kind, size, weight):
        """The load's options for a content; this server's answer to it was looked at once, and must stay the same."""
        path = contents.file_of(f"{OUT}/contents", kind, size)
        if path not in self.known:
            with open(path, "rb") as f:
                answer = contents.ask(self.port, kind, f.read(), self.is_tls)
            self.known[path] = f"{OUT}/contents/{self.name}-{kind}-{size}"
            with open(self.known[path], "wb") as f:
                f.write(answer)
        return ["--content", f"{path}:{weight}", "--answer", self.known[path]]

    def is_up(self):
        return all(proc.poll() is None for proc in self.procs)

    def stop(self):
        for proc in self.procs:
            stop(proc)
        self.log.close()


def stop(proc):
    if proc.poll() is None:
        proc.terminate()
        try:
            proc.wait(5)
        except subprocess.TimeoutExpired:
            proc.kill()
            proc.wait()


class Lock:
    """One measured run at a time on this machine, for all processes that measure."""

    def __enter__(self):
        os.makedirs(os.path.dirname(LOCK), exist_ok=True)
        self.file = open(LOCK, "a")
        fcntl.flock(self.file, fcntl.LOCK_EX)

    def __exit__(self, *_):
        self.file.close()


def on_load_core(words):
    return ["nice", "-n", NICE, "taskset", "-c", str(LOAD_CPU), *words]


def load(server, extra, limit):
    """One run of the load generator; its figures, or None, and what it said."""
    pids = ",".join(str(proc.pid) for proc in server.procs)
    words = on_load_core([f"{OUT}/load", "--port", str(server.port), "--json", "--server-pid", pids,
                          "--server-cpu", str(SERVER_CPU), "--mode", server.mode, *(["--tls"] if server.is_tls else []),
                          *extra])
    with Lock():
        try:
            done = subprocess.run(words, stdin=subprocess.DEVNULL, capture_output=True, timeout=limit, text=True)
        except subprocess.TimeoutExpired:
            return None, "timed out"
    try:
        return json.loads(done.stdout), done.stderr.strip()
    except ValueError:
        return None, done.stderr.strip() or f"exit {done.returncode}"


class Usage:
    """CPU time of the server, of the load and of both cores, in seconds, at one moment."""

    TICK = os.sysconf("SC_CLK_TCK")

    def __init__(self, server_pid):
        self.time = time.monotonic()
        self.server = self.of_process(server_pid)
        self.children = os.times().children_user + os.times().children_system
        self.busy, self.idle, self.steal = {}, {}, {}
        for line in open("/proc/stat", encoding="ascii"):
            if re.match(r"cpu\d", line):
                name, *fields = line.split()
                v = [int(f) / self.TICK for f in fields]
                cpu = int(name[3:])
                self.busy[cpu], self.idle[cpu], self.steal[cpu] = v[0] + v[1] + v[2] + v[5] + v[6], v[3] + v[4], v[7]

    @staticmethod
    def of_process(pid):
        """Of all its threads, ended ones too, to the nanosecond: the clock that clock_getcpuclockid(3) names."""
        return time.clock_gettime(~pid << 3 | 2)

    def since(self, start, requests):
        """Figures with the load generator's names."""
        def percent(cpu):
            busy, steal = self.busy[cpu] - start.busy[cpu], self.steal[cpu] - start.steal[cpu]
            total = max(busy + steal + self.idle[cpu] - start.idle[cpu], 1e-9)
            return 100 * busy / total, 100 * steal / total
        seconds = self.time - start.time
        server, children = self.server - start.server, self.children - start.children
        server_busy, server_steal = percent(SERVER_CPU)
        load_busy, load_steal = percent(LOAD_CPU)
        return {
            "seconds": seconds, "requests": requests,
            "server_us_per_req": server * 1e6 / requests, "server_core_busy": server_busy, "load_core_busy": load_busy,
            "server_core_steal": server_steal, "load_core_steal": load_steal,
            "server_core_other": max(0, server_busy - 100 * server / seconds),
            "load_core_other": max(0, load_busy - 100 * children / seconds),
        }


def grpc_words(server, point, seconds):
    """h2load where there is one: it is C, and costs the load's core least."""
    size = point.size or GRPC_BYTES
    if not shutil.which("h2load"):
        words = words_of("{java} -cp {grpc} bench.GrpcLoad")
        return words + [str(server.port), point.conns, point.depth, str(size), str(seconds)]
    body = f"{OUT}/grpc-request-{size}"
    with open(body, "wb") as f:
        f.write(b"\0" + size.to_bytes(4, "big") + b"a" * size)
    return ["h2load", "-t", "1", "-c", point.conns, "-m", point.depth, "-D", f"{seconds * 1000:.0f}ms", "-d", body,
            "-H", "content-type: application/grpc", "-H", "te: trailers",
            f"http://127.0.0.1:{server.port}/bench.Echo/Call"]


def grpc_answers(text, size):
    """How many requests were answered, how many of them wrongly, and how many there were in a second."""
    if text.startswith("{"):
        told = json.loads(text)
        return told["requests"], told["wrong"], told["requests"] / told["seconds"]
    done = int(re.search(r"(\d+) done", text).group(1))
    good = int(re.search(r"status codes: (\d+) 2xx", text).group(1))
    body = int(re.search(r"\((\d+)\) data", text).group(1))
    short = done - body // (size + 5)  # an answer without its body is an error of gRPC's
    rate = float(re.search(r"finished in [^,]*, ([\d.]+) req/s", text).group(1))
    return done, done - good + max(0, short), rate


def load_grpc(server, point, seconds, warmup):
    point = Point(point)
    seconds, warmup = max(seconds, 0.5), max(warmup, 0.25)  # h2load counts nothing in shorter ones
    with Lock():
        try:
            subprocess.run(on_load_core(grpc_words(server, point, warmup)), stdin=subprocess.DEVNULL,
                           capture_output=True, timeout=warmup + 60)
            start = Usage(server.proc.pid)
            done = subprocess.run(on_load_core(grpc_words(server, point, seconds)), stdin=subprocess.DEVNULL,
                                  capture_output=True, timeout=seconds + 60, text=True)
            end = Usage(server.proc.pid)
        except subprocess.TimeoutExpired:
            return None, "timed out"
    try:
        requests, wrong, rate = grpc_answers(done.stdout, point.size or GRPC_BYTES)
        return {**end.since(start, requests), "rps": rate, "errors": wrong, "stalled": 0}, done.stderr.strip()
    except (AttributeError, ValueError, ZeroDivisionError):
        return None, (done.stderr + done.stdout).strip()[-300:]


class Point:
    """CONNECTIONSxDEPTH, with @BYTES, @BYTES:KIND, @mixed, @new, @full or @resumed behind it."""

    def __init__(self, text):
        shape, _, rest = text.partition("@")
        self.conns, self.depth = shape.split("x")
        self.mixed = rest == "mixed"
        self.reconnects = RECONNECTS.get(rest, [])
        size, _, self.kind = ("", "", "") if self.mixed or self.reconnects else rest.partition(":")
        self.size = int(size) if size else 0

    def contents(self):
        """Kind, size and weight of each; none where the load makes its own."""
        return contents.MIXED if self.mixed else ((self.kind, self.size, 1),) if self.kind else ()

    def arguments(self, server):
        out = ["--conns", self.conns, "--depth", self.depth, *self.reconnects]
        for kind, size, weight in self.contents():
            out += ["--content-type", contents.content_type(kind), *server.content(kind, size, weight)]
        return out + (["--size", str(self.size)] if self.size and not self.kind else [])


def disturbance(r):
    other = max(r["server_core_other"], r["load_core_other"])
    steal = max(r["server_core_steal"], r["load_core_steal"])
    return other > OTHER_MAX or steal > STEAL_MAX, other + steal


def measure(server, point, seconds, warmup, retries):
    """The figures of one run; the least disturbed of several where other programs got in between."""
    best, least = None, 0
    for _ in range(retries + 1):
        if server.mode == "grpc":
            r, err = load_grpc(server, point, seconds, warmup)
        else:
            r, err = load(server, Point(point).arguments(server) + ["--seconds", str(seconds), "--warmup", str(warmup)],
                          seconds + warmup + 60)
        if r is None:
            return {"failed": err[:300]}
        r["note"] = err[:300]
        r["disturbed"], much = disturbance(r)
        if best is None or much < least:
            best, least = r, much
        if not r["disturbed"]:
            break
    return best


def together(slices):
    """The figures of several runs of one server as if they were one; undisturbed ones only where there are some."""
    failed = [s for s in slices if "failed" in s]
    if failed:
        return failed[0]
    slices = [s for s in slices if not s["disturbed"]] or slices
    requests = sum(s["requests"] for s in slices)
    whole = {key: statistics.mean(s[key] for s in slices) for key in ("server_core_busy", "load_core_busy")}
    return {
        **whole, "requests": requests, "seconds": sum(s["seconds"] for s in slices),
        "rps": statistics.mean(s["rps"] for s in slices),
        "p99": statistics.median(s.get("p99", 0) for s in slices),
        "server_us_per_req": sum(s["server_us_per_req"] * s["requests"] for s in slices) / requests,
        "resumed": sum(s.get("resumed", 0) for s in slices),
        "errors": sum(s["errors"] for s in slices), "stalled": sum(s["stalled"] for s in slices),
        "disturbed": any(s["disturbed"] for s in slices),
        "note": next((s["note"] for s in slices if s["note"]), ""),
    }


def idle(name, mode, command, count):
    """Growth of a server's memory with so many connections, each used once and then left alone.

    The server has had load, and twice as many connections before: otherwise this would measure the memory of the JVM's
    compilers, which is many times that of the connections. What those left behind is not used again here: nothing
    has made the heap be collected meanwhile.
    """
    server = Server(name, mode, command)
    try:
        load(server, ["--conns", "50", "--seconds", "3", "--warmup", "0"], 60)
        for _ in range(2):
            load(server, ["--idle", str(count)], 120)
            time.sleep(2)
        r, err = load(server, ["--idle", str(count)], 120)
    finally:
        server.stop()
    if r is None or r["errors"] or r["gone"]:
        return {"failed": err[:300] or f"{r['errors']} errors, {r['gone']} gone"}
    return r


def machine():
    """Where it was measured, for the report."""
    def said(*words):
        try:
            done = subprocess.run(words, capture_output=True, text=True, timeout=20)
            return (done.stdout + done.stderr).strip().splitlines()[0]
        except (OSError, IndexError):
            return "?"
    with open("/proc/cpuinfo", encoding="utf-8") as f:
        models = re.findall(r"model name\s*:\s*(.*)", f.read())
    return {
        "date": time.strftime("%Y-%m-%d"), "cpu": models[0] if models else "?", "cores": os.cpu_count(),
        "kernel": os.uname().release.split("-")[0], "jdk": said(java(), "-version"),
        "redis": said("redis-server", "--version").split(" sha")[0], "go": said("go", "version"),
        "gcc": said("gcc", "--version"), "h2load": said("h2load", "--version"),
        "netty": version("peers", "netty.version"), "tcnative": version("peers", "tcnative.version"),
        "openssl": said("openssl", "version").split(" (")[0], "haproxy": said("haproxy", "-v").split(" 20")[0],
        "grpc": version("grpc", "grpc.version"),
        "parley": said("git", "-C", ROOT, "rev-parse", "--short", "HEAD"),
    }


def version(module, property_name):
    with open(f"{BENCH}/{module}/pom.xml", encoding="utf-8") as f:
        return re.search(f"<{property_name}>(.*)</{property_name}>", f.read()).group(1)


def median(values):
    return statistics.median(values) if values else None
