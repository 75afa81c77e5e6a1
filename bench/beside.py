"""One load beside another on the same server: what large contents, or clients that read slowly, cost the others."""
import json
import os
import socket
import subprocess
import sys
import time

import contents
import measuring
from measuring import BENCH, OUT, Point, Server

LARGE = "4x1@900000:ascii"
LARGE_RATE_MIN = 50  # answers to them in a second; with fewer, they had too little of the load's core
SLOW_CONNECTIONS, SLOW_READ_BYTES, SLOW_PAUSE_SECONDS = 2, 4_096, 0.02
KEYS = {"beside": "p99", "slow": "server_us_per_req"}  # what a kind of row looks at
HEAD_START_SECONDS = 0.3


def on_load_core(nice, words):
    return subprocess.Popen(["nice", "-n", nice, "taskset", "-c", str(measuring.LOAD_CPU), *words],
                            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def others(kind, server, point, seconds):
    """The process of the others, which ends by itself and prints how many answers it has taken, in JSON.

    The large ones come behind the load that is measured, or that would wait for its core and not for the server.
    """
    if kind == "slow":
        path = server.content(point.kind, point.size, 1)[1].rpartition(":")[0]
        return on_load_core(measuring.NICE,
                            [sys.executable, f"{BENCH}/beside.py", str(server.port), path, str(seconds)])
    return on_load_core("0", [f"{OUT}/load", "--mode", "app", "--port", str(server.port), "--json", "--warmup", "0",
                              "--seconds", str(seconds), *Point(LARGE).arguments(server)])


def with_others(kind, server, point, seconds, warmup):
    """The figures of a load while the others are there; failed where those were not served well."""
    whole = seconds + warmup + 2 * HEAD_START_SECONDS
    running = others(kind, server, Point(point), whole)
    try:
        time.sleep(HEAD_START_SECONDS)
        r = measuring.measure(server, point, seconds, warmup, 0)
        told, err = running.communicate(timeout=60)
    except subprocess.TimeoutExpired:
        return {"failed": "the others did not end"}
    finally:
        measuring.stop(running)
    if running.returncode or not told or not json.loads(told)["requests"]:
        return {"failed": f"the others were not served: {err.strip()[:200]}"}
    return {**r, "others_rps": json.loads(told)["requests"] / whole}


def is_disturbed(kind, r):
    """By other programs on the server's core: on the load's own core the others are meant to be, if they had enough."""
    if kind == "beside" and r.get("others_rps", LARGE_RATE_MIN) < LARGE_RATE_MIN:
        return True
    return r["server_core_other"] > measuring.OTHER_MAX or r["server_core_steal"] > measuring.STEAL_MAX


def measure(lines, servers, result, args, say):
    """Alone and with the others in turns; the first round is thrown away."""
    running = {}
    try:
        for number in range(args.rounds + 1):
            for kind, _, point, name, _, _ in lines:
                if name not in running:
                    running[name] = Server(name, servers[name][0], servers[name][2])
                seconds = args.seconds if number else args.seconds + 4
                alone = measuring.measure(running[name], point, seconds, args.warmup, 0)
                among = with_others(kind, running[name], point, seconds, args.warmup)
                failed = alone.get("failed") or among.get("failed")
                if failed:
                    r = {"failed": failed}
                    say(f"round {number} {kind} {name} failed: {failed}")
                else:
                    a, b = alone[KEYS[kind]], among[KEYS[kind]]
                    r = {"alone": a, "among": b, "others_rps": among["others_rps"],
                         "errors": alone["errors"] + among["errors"],
                         "disturbed": is_disturbed(kind, alone) or is_disturbed(kind, among)}
                    say(f"round {number} {kind} {name} {point}: {a:.1f} us alone, {b:.1f} among the others;"
                        f" {alone['rps']:.0f} and {among['rps']:.0f}/s,"
                        f" the others {among['others_rps']:.0f}/s")
                result["beside"].append({**r, "kind": kind, "server": name, "point": point, "round": number})
    finally:
        for server in running.values():
            server.stop()


class SlowReader:
    """One connection that sends as much as it may, and takes little of what comes back."""

    def __init__(self, port, request):
        self.socket = socket.socket()
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2 * SLOW_READ_BYTES)
        self.socket.connect(("127.0.0.1", port))
        self.socket.setblocking(False)
        self.request, self.sent, self.received = request, 0, 0

    def turn(self):
        try:
            self.sent += self.socket.send(self.request[self.sent % len(self.request):])
        except BlockingIOError:
            pass
        try:
            taken = len(self.socket.recv(SLOW_READ_BYTES))
            if not taken:
                sys.exit("a slow reader was closed by the server")
            self.received += taken
        except BlockingIOError:
            pass


def read_slowly(port, path, seconds):
    with open(path, "rb") as f:
        request = contents.message(os.path.basename(path).rpartition("-")[0], f.read())
    readers = [SlowReader(port, request) for _ in range(SLOW_CONNECTIONS)]
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        for reader in readers:
            reader.turn()
        time.sleep(SLOW_PAUSE_SECONDS)
    print(json.dumps({"requests": sum(r.received for r in readers) / len(request)}))


if __name__ == "__main__":
    read_slowly(int(sys.argv[1]), sys.argv[2], float(sys.argv[3]))
