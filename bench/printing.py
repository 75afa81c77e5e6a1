"""The tables of one result: text and markdown for people, and a plot."""
import html
import math

from measuring import WANTED_LOAD, median

WIDTH, ROW, LEFT, RIGHT, TOP = 900, 20, 400, 90, 50
P99_MAX_MS = 5  # of a small request beside large ones
GOOD, BAD, NEUTRAL = "#2a9d8f", "#e76f51", "#8d99ae"


def usable(runs):
    """Rounds by number, without those that failed."""
    return {r["round"]: r for r in runs if "failed" not in r}


def counted(number, what):
    return f"{number} {what}" if number == 1 else f"{number} {what}s"


class Row:
    """One line of the table: a figure of ours, the peer's, and what it comes to."""

    def __init__(self, line, servers, result):
        self.kind, self.work, self.point, self.ours, self.peer, bound = line
        self.bound = float(bound) if bound else None
        self.ours_label = servers[self.ours][1]
        self.peer_label = servers[self.peer][1] if self.peer else ""
        self.value = self.low = self.high = None
        self.mine = self.theirs = self.my_rate = self.their_rate = None
        self.notes = []
        self.is_wrong = False  # runs failed, or answers were wrong or missing: then no bound is reached
        getattr(self, self.kind)(result)
        self.is_wrong = self.is_wrong or self.value is None

    def cpu(self, result):
        self.compare(result, "server_us_per_req")

    def p99(self, result):
        self.compare(result, "p99")

    def check(self, runs):
        """Notes failed runs, and answers that were wrong or did not come."""
        good = [r for r in runs if "failed" not in r]
        if len(good) < len(runs):
            self.is_wrong = True
            self.notes.append("runs failed")
        wrong = sum(r.get("errors", 0) + r.get("stalled", 0) for r in good)
        if wrong:
            self.is_wrong = True
            self.notes.append(counted(wrong, "error"))

    def compare(self, result, key):
        def runs(name):
            return [r for r in result["runs"] if r["server"] == name and r["point"] == self.point and r["round"] > 0]
        all_ours, all_theirs = runs(self.ours), runs(self.peer)
        ours, theirs = usable(all_ours), usable(all_theirs)
        self.check(all_ours + all_theirs)
        both = sorted(set(ours) & set(theirs))
        calm = [n for n in both if not ours[n]["disturbed"] and not theirs[n]["disturbed"]]
        if len(calm) < len(both):
            self.notes.append(f"{len(both) - len(calm)} of {len(both)} disturbed")
        if 2 * len(calm) >= len(both):
            both = calm
        if not both:
            return
        ratios = [theirs[n][key] / ours[n][key] for n in both]
        self.value, self.low, self.high = median(ratios), min(ratios), max(ratios)
        self.mine, self.theirs = (median([s[n][key] for n in both]) for s in (ours, theirs))
        self.my_rate, self.their_rate = (median([s[n]["rps"] for n in both]) for s in (ours, theirs))
        mine, theirs = (median([s[n]["load_core_busy"] for n in both]) for s in (ours, theirs))
        if min(mine, theirs) < WANTED_LOAD:
            self.notes.append(f"load core {mine:.0f}, {theirs:.0f} %")

    def memory(self, result):
        def runs(name):
            return [r for r in result["idle"] if r["server"] == name]

        def figures(some):
            return [r["bytes_per_conn"] for r in some if "failed" not in r]
        all_ours, all_less = runs(self.ours), runs(self.peer) if self.peer else []
        self.check(all_ours + all_less)
        ours, less = figures(all_ours), figures(all_less) if self.peer else [0]
        if ours and less:
            self.value = median(ours) - median(less)
            self.low, self.high = min(ours) - max(less), max(ours) - min(less)
            self.mine, self.theirs = (median(ours), median(less)) if self.peer else (None, None)

    def resumed(self, result):
        """Of one server at two points: CPU for a resumed handshake over that for a full one."""
        def runs(point):
            return [r for r in result["runs"] if (r["server"], r["point"]) == (self.ours, point) and r["round"]]
        all_resumed, all_full = runs(self.point), runs(self.point.replace("@resumed", "@full"))
        self.check(all_resumed + all_full)
        resumed, full = usable(all_resumed), usable(all_full)
        both = sorted(set(resumed) & set(full))
        if not both:
            return
        ratios = [resumed[n]["server_us_per_req"] / full[n]["server_us_per_req"] for n in both]
        self.value, self.low, self.high = median(ratios), min(ratios), max(ratios)
        self.mine, self.theirs = (median([s[n]["server_us_per_req"] for n in both]) for s in (resumed, full))

    def resumes(self, result):
        """How many of 100 reconnects resumed their session."""
        runs = [r for r in result["runs"] if (r["server"], r["point"]) == (self.ours, self.point) and r["round"]]
        self.check(runs)
        shares = [100 * r["resumed"] / r["requests"] for r in usable(runs).values()]
        if shares:
            self.value, self.low, self.high = median(shares), min(shares), max(shares)
            self.mine = sum(r["requests"] for r in usable(runs).values())

    def start(self, result):
        ours, theirs = ([r["ms"] for r in result["starts"] if r["server"] == n] for n in (self.ours, self.peer))
        if ours and theirs:
            self.mine, self.theirs = median(ours), median(theirs)
            self.value = self.mine / self.theirs
            self.low, self.high = min(ours) / self.theirs, max(ours) / self.theirs

    def beside(self, result):
        self.with_others(result)
        if self.mine is not None:
            self.notes.append(f"p99 {self.mine / 1e3:.2f} ms, wanted {P99_MAX_MS} at most")

    def slow(self, result):
        self.with_others(result)

    def with_others(self, result):
        runs = [r for r in result.get("beside", []) if (r["kind"], r["server"], r["point"])
                == (self.kind, self.ours, self.point) and r["round"] > 0]
        good = list(usable(runs).values())
        self.check(runs)
        calm = [r for r in good if not r["disturbed"]]
        if len(calm) < len(good):
            self.notes.append(f"{len(good) - len(calm)} of {len(good)} disturbed")
        if 2 * len(calm) >= len(good):
            good = calm
        if not good:
            return
        ratios = [r["among"] / r["alone"] for r in good]
        self.value, self.low, self.high = median(ratios), min(ratios), max(ratios)
        self.mine, self.theirs = (median([r[key] for r in good]) for key in ("among", "alone"))
        self.notes.append(f"{median([r['others_rps'] for r in good]):.0f}/s of the others")

    def is_ratio(self):
        """Whether it compares a peer with ours."""
        return self.kind in ("cpu", "p99")

    def is_more_better(self):
        """Whether the bound is the least."""
        return self.is_ratio() or self.kind == "resumes"

    def is_reached(self):
        """Returns whether the bound is reached; None if there is no bound."""
        if self.bound is None:
            return None
        if self.is_wrong:
            return False
        return self.value >= self.bound if self.is_more_better() else self.value <= self.bound

    def verdict(self):
        if self.value is None:
            return "not measured"
        if self.bound is None:
            return "with errors" if self.is_wrong else ""
        if self.is_wrong:
            return "missed, with errors"
        margin = self.value / self.bound - 1
        return f"{'reached' if self.is_reached() else 'missed'}, {margin * 100:+.0f} %"

    def shown(self, value):
        if value is None:
            return ""
        return f"{value:,.0f}" if self.kind == "memory" else f"{value:.2f}"

    def bound_text(self):
        if self.bound is None:
            return ""
        return f"{'at least' if self.is_more_better() else 'at most'} {self.bound:,g}"

    def name(self):
        return f"{self.work} {self.point} | {self.peer_label}"


def rows_of(lines, servers, result):
    """Returns the rows that were asked for, even if they could not be measured. An older result does not say what was
    asked for; then only the measured rows."""
    asked = result.get("asked")
    if asked is not None:
        return [Row(line, servers, result) for line in lines if line[:5] in asked]
    rows = [Row(line, servers, result) for line in lines]
    return [r for r in rows if r.value is not None or r.notes]


def per_request(value):
    return "" if value is None else f"{value:.2f}"


def rate(value):
    return "" if value is None else f"{value / 1000:,.0f} k"


CPU_HEAD = ["work", "point", "against", "ours µs", "peer µs", "ours req/s", "peer req/s", "ratio", "min-max", "bound",
            "verdict", "notes"]
BESIDE_HEAD = ["what", "point", "server", "among others µs", "alone µs", "figure", "min-max", "bound", "verdict",
               "notes"]
OTHER_HEAD = ["what", "server", "against", "ours", "peer", "figure", "min-max", "bound", "verdict", "notes"]


def cpu_cells(r):
    return [r.work, r.point, r.peer_label, per_request(r.mine), per_request(r.theirs), rate(r.my_rate),
            rate(r.their_rate), r.shown(r.value), f"{r.shown(r.low)}-{r.shown(r.high)}", r.bound_text(), r.verdict(),
            ", ".join(r.notes)]


WHAT = {
    "memory": "bytes for each of {} idle connections",
    "start": "start to the first answer, ms",
    "resumed": "CPU for a connection with a resumed handshake over one with a full one, µs, {}",
    "resumes": "reconnects that resume their session, of 100, {}",
}


def other_cells(r):
    what = WHAT[r.kind].format(r.point)
    mine, theirs = ("" if v is None else f"{v:.0f}" for v in (r.mine, r.theirs))
    return [what, r.ours_label, r.peer_label, mine, theirs, r.shown(r.value), f"{r.shown(r.low)}-{r.shown(r.high)}",
            r.bound_text(), r.verdict(), ", ".join(r.notes)]


def beside_cells(r):
    return [r.work, r.point, r.ours_label, per_request(r.mine), per_request(r.theirs), r.shown(r.value),
            f"{r.shown(r.low)}-{r.shown(r.high)}", r.bound_text(), r.verdict(), ", ".join(r.notes)]


def tables(rows):
    """Title, heading, lines and the first column of numbers of each table that has any."""
    cpu = [r for r in rows if r.is_ratio()]
    yield "Server CPU for each request", CPU_HEAD, [cpu_cells(r) for r in cpu if r.bound is not None], 3
    yield "Memory, start and resumption", OTHER_HEAD, [other_cells(r) for r in rows if r.kind in WHAT], 3
    yield "Beside others", BESIDE_HEAD, [beside_cells(r) for r in rows if r.kind in ("beside", "slow")], 3
    yield "For comparison", CPU_HEAD, [cpu_cells(r) for r in cpu if r.bound is None], 3


def summary(rows):
    judged = [r for r in rows if r.is_reached() is not None]
    reached = sum(r.is_reached() for r in judged)
    wrong = sum(r.is_wrong for r in rows)
    told = f"{reached} of {len(judged)} bounds reached"
    return f"{told}; {counted(wrong, 'row')} not measured, or with errors" if wrong else told


def about(meta):
    return (f"{meta['date']}, {meta['cores']} cores ({meta['cpu']}), Linux {meta['kernel']}, {meta['jdk']};"
            f" Netty {meta['netty']}, grpc-java {meta['grpc']}, {meta['redis']}, {meta['go']}, {meta['gcc']},"
            f" {meta.get('openssl')}, tcnative {meta.get('tcnative')}, {meta.get('haproxy')};"
            f" Parley {meta['parley']};"
            f" {meta['rounds']} rounds of {meta['seconds']:g} s")


def text(rows, meta):
    out = [about(meta)]
    for title, head, lines, first in tables(rows):
        if lines:
            widths = [max(len(line[i]) for line in [head, *lines]) for i in range(len(head))]
            out += ["", title]
            for line in [head, *lines]:
                out.append("  ".join(c.rjust(w) if first <= i < first + 5 else c.ljust(w)
                                     for i, (c, w) in enumerate(zip(line, widths))).rstrip())
    return "\n".join([*out, "", summary(rows)])


def markdown(rows, meta):
    out = [about(meta) + "."]
    for title, head, lines, first in tables(rows):
        if lines:
            used = [i for i in range(len(head)) if any(line[i] for line in lines)]
            out += ["", f"### {title}", "", row_of([head[i] for i in used]),
                    "|" + "|".join("---:" if first <= i < first + 5 else "---" for i in used) + "|"]
            out += [row_of([line[i] for i in used]) for line in lines]
    return "\n".join([*out, "", summary(rows) + "."]) + "\n"


def row_of(cells):
    return "| " + " | ".join(c or " " for c in cells) + " |"


def plot(rows, meta):
    """Bars of the ratios on a logarithmic scale; a tick where the bound is, a line where both are the same."""
    bars = [r for r in rows if r.is_ratio() and r.value is not None and r.bound is not None]
    low, high = 0.25, 32
    inner = WIDTH - LEFT - RIGHT

    def x(value):
        return LEFT + inner * math.log(min(max(value, low), high) / low) / math.log(high / low)
    height = TOP + ROW * len(bars) + 40
    out = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}"'
           ' font-family="sans-serif" font-size="12">',
           f'<rect width="{WIDTH}" height="{height}" fill="#ffffff"/>',
           f'<text x="12" y="22" font-size="15" fill="#222">Server CPU for each request: the peer\'s over ours'
           f' (more is better for Parley; {html.escape(meta["date"])})</text>']
    for value in (0.25, 0.5, 1, 2, 4, 8, 16, 32):
        out.append(f'<line x1="{x(value):.1f}" y1="{TOP - 8}" x2="{x(value):.1f}" y2="{height - 32}"'
                   f' stroke="{"#222" if value == 1 else "#ddd"}"/>')
        out.append(f'<text x="{x(value):.1f}" y="{height - 16}" text-anchor="middle" fill="#555">{value:g}</text>')
    for i, r in enumerate(bars):
        y = TOP + i * ROW
        left, right = sorted((x(1), x(r.value)))
        out.append(f'<text x="{LEFT - 8}" y="{y + 12}" text-anchor="end" fill="#222">{html.escape(r.name())}</text>')
        out.append(f'<rect x="{left:.1f}" y="{y + 2}" width="{max(right - left, 1):.1f}" height="{ROW - 8}"'
                   f' fill="{GOOD if r.is_reached() else BAD}"/>')
        out.append(f'<line x1="{x(r.bound):.1f}" y1="{y}" x2="{x(r.bound):.1f}" y2="{y + ROW - 4}"'
                   ' stroke="#222" stroke-width="2"/>')
        out.append(f'<text x="{WIDTH - RIGHT + 12}" y="{y + 12}" fill="#222">{r.value:.2f}</text>')
    out.append(f'<text x="12" y="{height - 16}" fill="#555">upright mark: the bound;'
               f' {html.escape(summary(bars))}</text>')
    return "\n".join([*out, "</svg>"]) + "\n"
