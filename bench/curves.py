"""The cost of a request by the size of its content, as a plot: both axes logarithmic, one line for each server."""
import html
import math
import re

from measuring import median

WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 1040, 560, 70, 370, 50, 50
COLOURS = ["#2a9d8f", "#e76f51", "#264653", "#e9c46a", "#6a4c93", "#8d99ae", "#1982c4", "#c1121f", "#588157", "#000000"]
DASHES = ["none", "6 3", "2 3", "8 3 2 3", "1 5", "12 4"]
LINE_HEIGHT = 18


def lines_of(result):
    """(Server, kind of content) to its (bytes, µs) in order; only those with several sizes."""
    figures = {}
    for r in result["runs"]:
        found = re.fullmatch(r"\d+x\d+@(\d+):(.+)", r["point"])
        if found and r["round"] > 0 and "failed" not in r:
            sizes = figures.setdefault((r["server"], found[2]), {})
            sizes.setdefault(int(found[1]), []).append(r["server_us_per_req"])
    return {key: sorted((size, median(costs)) for size, costs in sizes.items())
            for key, sizes in figures.items() if len(sizes) > 1}


def ticks(low, high, base):
    """Powers of the base from at most the lowest to at least the highest value."""
    first, last = math.floor(math.log(low, base) + 1e-9), math.ceil(math.log(high, base) - 1e-9)
    return [base ** i for i in range(first, max(last, first + 1) + 1)]


def size_text(size):
    return f"{size // 1024} KiB" if size >= 1024 else f"{size} B"


def plot(servers, result):
    """The SVG, or None where nothing was measured at several sizes."""
    lines = lines_of(result)
    if not lines:
        return None
    points = [point for line in lines.values() for point in line]
    across = ticks(min(size for size, _ in points), max(size for size, _ in points), 4)
    up = ticks(min(cost for _, cost in points), max(cost for _, cost in points), 10)

    def x(size):
        return LEFT + (WIDTH - LEFT - RIGHT) * math.log(size / across[0]) / math.log(across[-1] / across[0])

    def y(cost):
        return HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * math.log(cost / up[0]) / math.log(up[-1] / up[0])
    out = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" font-family="sans-serif"'
           ' font-size="12">', f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#ffffff"/>',
           '<text x="12" y="22" font-size="15" fill="#222">Server CPU for each request, µs, by the bytes of its content'
           f' ({html.escape(result["meta"]["date"])})</text>']
    for size in across:
        out += [f'<line x1="{x(size):.1f}" y1="{TOP}" x2="{x(size):.1f}" y2="{HEIGHT - BOTTOM}" stroke="#ddd"/>',
                f'<text x="{x(size):.1f}" y="{HEIGHT - BOTTOM + 18}" text-anchor="middle" fill="#555">'
                f'{size_text(size)}</text>']
    for cost in up:
        out += [f'<line x1="{LEFT}" y1="{y(cost):.1f}" x2="{WIDTH - RIGHT}" y2="{y(cost):.1f}" stroke="#ddd"/>',
                f'<text x="{LEFT - 8}" y="{y(cost) + 4:.1f}" text-anchor="end" fill="#555">{cost:,g}</text>']
    names = list(dict.fromkeys(name for name, _ in lines))
    kinds = list(dict.fromkeys(kind for _, kind in lines))
    for i, ((name, kind), line) in enumerate(sorted(lines.items(), key=lambda item: names.index(item[0][0]))):
        colour = COLOURS[names.index(name) % len(COLOURS)]
        dash = DASHES[kinds.index(kind) % len(DASHES)]
        style = f'stroke="{colour}" stroke-width="2" stroke-dasharray="{dash}"'
        path = " ".join(f"{x(size):.1f},{y(cost):.1f}" for size, cost in line)
        out.append(f'<polyline points="{path}" fill="none" {style}/>')
        out += [f'<circle cx="{x(size):.1f}" cy="{y(cost):.1f}" r="3" fill="{colour}"/>' for size, cost in line]
        legend, at = WIDTH - RIGHT + 16, TOP + 8 + i * LINE_HEIGHT
        label = servers[name][1] if servers[name][0] == "grpc" else f"{servers[name][1]}: {kind}"
        out += [f'<line x1="{legend}" y1="{at}" x2="{legend + 34}" y2="{at}" {style}/>',
                f'<text x="{legend + 42}" y="{at + 4}" fill="#222">{html.escape(label)}</text>']
    return "\n".join([*out, "</svg>"]) + "\n"
