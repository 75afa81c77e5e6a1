"""Measures Parley beside its peers, and says which bounds of ratios.tsv are reached.

Servers run pinned to CPU 0, all of them at the same time, and one at a time is loaded from CPU 1. Each is loaded until
its figure has settled; then, in a round, they go A B C A B C in short slices, so that drift hits all alike. A ratio is
the peer's server CPU for each request over ours in the same round; the table has the median of the rounds. A slice that
other programs or the host disturbed is repeated. Each holds a lock file.

Ends with status 1 if a row could not be measured or had errors: its bound counts as missed. A missed bound alone is not
an error.
"""
import argparse
import json
import os
import re
import resource
import sys

import beside
import contents
import curves
import measuring
import printing
import starting
from measuring import BENCH, Point, Server

RESULTS = f"{BENCH}/results"
IDLE_RUNS, STARTS = 3, 10
SLICES = 4  # of each run
LOADED = ("cpu", "p99", "resumed", "resumes")  # the rows whose figures are those of runs in rounds
WARM_SECONDS, WARM_RUNS_MAX, SETTLED = 2, 25, 0.97
WARM_HANDSHAKES = 40_000


def read_ratios(path):
    lines = [line.rstrip("\n") for line in open(path, encoding="utf-8")]
    return [line.split("\t") for line in lines if line.strip() and not line.startswith("#")]


def say(text):
    print(text, file=sys.stderr, flush=True)


class Rounds:
    """The runs of all chosen servers at their points, and where their figures go."""

    def __init__(self, args, servers, result):
        self.args, self.servers, self.result = args, servers, result
        self.running = {}

    def measure(self, groups):
        """Groups of servers with their point, most alike next to each other; round 0 is the one that is thrown away."""
        try:
            for name in dict.fromkeys(name for _, names in groups for name in names):
                self.server(name)
            for number in range(self.args.rounds + 1):
                for point, names in groups:
                    self.one_round(point, names, number)
                save(self.result)
        finally:
            for server in self.running.values():
                server.stop()

    def one_round(self, point, names, number):
        """In slices, A B C A B C, as a machine's speed may change from one second to the next."""
        args = self.args
        slices = {name: [] for name in names}
        if number:
            for _ in range(SLICES):
                for name in names:
                    slices[name].append(self.run(name, point, args.seconds / SLICES, args.warmup, args.retries))
        else:
            for name in names:
                slices[name].append(self.warm(name, point))
        for name in names:
            self.keep(name, point, number, measuring.together(slices[name]))

    def warm(self, name, point):
        """Runs until two runs in a row improve on the cheapest one by less than 3 %: a JVM's compilers have one core
        here, and see few requests a second if contents are long. For handshakes, they must have seen tens of thousands
        of them."""
        cheapest, settled, seen = float("inf"), 0, 0
        least = WARM_HANDSHAKES if Point(point).reconnects else 0
        for _ in range(WARM_RUNS_MAX):
            r = self.run(name, point, WARM_SECONDS, 0, 0)
            if "failed" in r:
                return r
            settled = settled + 1 if r["server_us_per_req"] > cheapest * SETTLED else 0
            cheapest = min(cheapest, r["server_us_per_req"])
            seen += r["requests"]
            if settled >= 2 and seen >= least:
                break
        return r

    def run(self, name, point, *how):
        return measuring.measure(self.server(name), point, *how)

    def server(self, name):
        if name not in self.running or not self.running[name].is_up():
            mode, _, command = self.servers[name]
            self.running[name] = Server(name, mode, command)
        return self.running[name]

    def keep(self, name, point, number, r):
        r = {**r, "server": name, "point": point, "round": number}
        self.result["runs"].append(r)
        if "failed" in r:
            say(f"round {number} {name} {point} failed: {r['failed']}")
        else:
            say(f"round {number} {name} {point}: {r['rps']:.0f}/s, {r['server_us_per_req']:.3f} us; server core"
                f" {r['server_core_busy']:.0f} %, load core {r['load_core_busy']:.0f} %, errors {r['errors']}"
                f"{', disturbed' if r['disturbed'] else ''} {r['note'][:150]}".rstrip())


def with_full(lines):
    """The rows, with one at full handshakes for each that is about resumed ones beside them."""
    for line in lines:
        yield line
        if line[0] == "resumed":
            yield [*line[:2], line[2].replace("@resumed", "@full"), *line[3:]]


def groups_of(lines):
    """The servers that rows compare at one point, straight or by way of another: they are measured side by side."""
    groups = []
    for _, _, point, ours, peer, _ in with_full(lines):
        mine = {ours: None, peer or ours: None}  # a set that keeps its order
        apart = []
        for other_point, names in groups:
            if other_point == point and not mine.keys().isdisjoint(names):
                mine = {**names, **mine}
            else:
                apart.append((other_point, names))
        groups = [*apart, (point, mine)]
    return [(point, list(names)) for point, names in groups]


def measure_memory(lines, servers, result):
    counts = dict.fromkeys((name, count) for _, _, count, ours, peer, _ in lines for name in (ours, peer) if name)
    for number in range(IDLE_RUNS):
        for name, count in counts:
            mode, _, command = servers[name]
            r = measuring.idle(name, mode, command, int(count))
            result["idle"].append({**r, "server": name, "round": number})
            say(f"idle {name}: {r.get('bytes_per_conn', r.get('failed'))} bytes for each of {count} connections")


def measure_starts(lines, result):
    commands = {}
    for _, _, _, ours, peer, _ in lines:
        transport = {"parley-nio": "nio", "parley-uring": "io_uring"}[ours]
        bare = f"{measuring.java()} -XX:+UseSerialGC -cp {{peers}} bench.NioEcho {{{{port}}}}"
        commands[peer] = measuring.words_of(bare)
        commands[ours] = starting.launched(["multi", "server", "tcp://127.0.0.1:{port}", "--transport", transport])
    for number in range(STARTS + 1):  # the first brings the files into memory
        for name, words in commands.items():
            took = starting.start(words)
            if number:
                result["starts"].append({"server": name, "ms": took, "round": number})
    for name in commands:
        took = measuring.median([r["ms"] for r in result["starts"] if r["server"] == name])
        say(f"start {name}: {took:.0f} ms")


def save(result):
    os.makedirs(RESULTS, exist_ok=True)
    with open(f"{RESULTS}/latest.json.new", "w", encoding="utf-8") as f:
        json.dump(result, f, indent=1)
    os.replace(f"{RESULTS}/latest.json.new", f"{RESULTS}/latest.json")


def write(name, text):
    with open(f"{RESULTS}/{name}", "w", encoding="utf-8") as f:
        f.write(text)


def report(lines, servers, result):
    """Prints and draws a result. Returns the exit status: 1 if a row could not be measured, or had errors."""
    rows = printing.rows_of(lines, servers, result)
    counted = result["runs"] + result.get("beside", [])
    result["meta"]["rounds"] = max((r["round"] for r in counted), default=0)  # it may have been ended early
    print(printing.text(rows, result["meta"]))
    os.makedirs(RESULTS, exist_ok=True)
    write("latest.md", printing.markdown(rows, result["meta"]))
    write("latest.svg", printing.plot(rows, result["meta"]))
    write_curves(servers, result)
    return 1 if any(r.is_wrong for r in rows) else 0


def write_curves(servers, result):
    """The cost by size, where contents of several sizes were measured."""
    drawn = curves.plot(servers, result)
    if drawn:
        write("content.svg", drawn)
        say(f"cost by size: {RESULTS}/content.svg")


def free(names, points, servers, result):
    """A plain table of free measuring: the medians of each server at each point. Returns the exit status, as above."""
    print("server\tpoint\treq/s\tserver us/req\tserver core %\tload core %\terrors")
    for point in points:
        for name in names:
            runs = [r for r in result["runs"] if (r["server"], r["point"]) == (name, point) and r["round"] > 0]
            good = [r for r in runs if "failed" not in r]
            if good:
                def m(key):
                    return measuring.median([r[key] for r in good])
                print(f"{name}\t{point}\t{m('rps'):.0f}\t{m('server_us_per_req'):.3f}\t{m('server_core_busy'):.0f}"
                      f"\t{m('load_core_busy'):.0f}\t{sum(r['errors'] for r in good)}")
            elif runs:
                print(f"{name}\t{point}\tfailed")
    write_curves(servers, result)
    return 1 if any("failed" in r or r["errors"] + r["stalled"] for r in result["runs"] if r["round"]) else 0


def options():
    p = argparse.ArgumentParser(prog="bench/run.sh", description=__doc__,
                                formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--rounds", type=int, default=5, help="rounds, after a warm-up (default 5)")
    p.add_argument("--seconds", type=float, default=2, help="of each server at a point in a round (default 2)")
    p.add_argument("--warmup", type=float, default=0.25, help="seconds before each slice (default 0.25)")
    p.add_argument("--retries", type=int, default=2, help="repeats of a disturbed slice (default 2)")
    p.add_argument("--only", default="", metavar="REGEX", help="rows of ratios.tsv in which it is found")
    p.add_argument("--report", default="", metavar="FILE", help="print a result again, measure nothing")
    p.add_argument("--servers", default="", help="free measuring: names of servers.tsv, comma separated")
    p.add_argument("--points", default="50x1",
                   help="with --servers: CONNECTIONSxDEPTH[@BYTES[:KIND]], or with @mixed, @new, @full or @resumed;"
                   " comma separated;"
                   f" a kind of content is one of {', '.join(contents.KINDS)}, binary. Several sizes of contents are"
                   " drawn: results/content.svg")
    return p.parse_args()


def raise_file_limit():
    hard = max(resource.getrlimit(resource.RLIMIT_NOFILE)[1], 65536)
    for limit in (hard, resource.getrlimit(resource.RLIMIT_NOFILE)[1]):
        try:
            resource.setrlimit(resource.RLIMIT_NOFILE, (limit, limit))
            return
        except (ValueError, OSError):
            pass


def measurable(lines, servers):
    """The rows whose servers are there; says what is missing."""
    missing = {n for n in servers if measuring.is_missing(servers[n][2])}
    for name in sorted(missing & {n for line in lines for n in line[3:5]}):
        say(f"{name} is not installed here; its rows are left out")
    return [line for line in lines if not missing & set(line[3:5])]


def main():
    args = options()
    servers = measuring.read_servers(f"{BENCH}/servers.tsv")
    lines = [line for line in read_ratios(f"{BENCH}/ratios.tsv") if re.search(args.only, " ".join(line))]
    if args.report:
        with open(args.report, encoding="utf-8") as f:
            sys.exit(report(lines, servers, json.load(f)))
    raise_file_limit()
    measuring.take_priority()
    meta = {**measuring.machine(), "rounds": args.rounds, "seconds": args.seconds}
    result = {"meta": meta, "runs": [], "idle": [], "starts": [], "beside": []}
    if args.servers:
        names, points = args.servers.split(","), args.points.split(",")
        for name in names:
            if name not in servers:
                sys.exit(f"no server {name}; known: {', '.join(servers)}")
        Rounds(args, servers, result).measure([(point, names) for point in points])
        sys.exit(free(names, points, servers, result))
    lines = measurable(lines, servers)
    if not lines:
        sys.exit("no row to measure")
    result["asked"] = [line[:5] for line in lines]
    starts = [line for line in lines if line[0] == "start"]
    if starts:
        measure_starts(starts, result)
    memory = [line for line in lines if line[0] == "memory"]
    measure_memory(memory, servers, result)
    Rounds(args, servers, result).measure(groups_of([line for line in lines if line[0] in LOADED]))
    beside.measure([line for line in lines if line[0] in beside.KEYS], servers, result, args, say)
    save(result)
    sys.exit(report(lines, servers, result))


main()
