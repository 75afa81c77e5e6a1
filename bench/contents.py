"""Contents of requests, by kind and size: the same bytes each time. A size is that of the whole content.

Most are an echo: {"action": "echo", "value": ...}. The typed ones are a record: text, text-letters, bytes, list.
"""
import base64
import json
import os
import random
import socket
import ssl

MIXED = (("ascii", 200, 14), ("ascii", 4_096, 5), ("ascii", 100_000, 1))  # kind, size, weight; times are the first's
BINARY_TYPE = "binary/bench"
LIST_ITEM_BYTES = 65.536  # 1,000 items are 64 KiB
KEY_BYTES = 1_000
ASCII = "abcdefghijklmnopqrstuvwxyz ABCDEFGHIJKLMNOPQRSTUVWXYZ"
BEYOND = ["ä", "ö", "ü", "ß", "é", "文", "字", "€", r"\"", r"\n"]
THREE = ["文", "字", "化", "け", "た", "語", "漢", "€"]
ESCAPES = [r"\u00e4", r"\n", r"\"", r"\u20ac", r"\\", r"\t"]


def _text(rng, size, special, share):
    """A JSON text's inside of exactly so many bytes; so great a share of its characters is special."""
    parts, left = [], size
    while left > 0:
        part = rng.choice(special) if rng.random() < share else rng.choice(ASCII)
        taken = len(part.encode())
        if taken > left:
            part, taken = "x", 1
        parts.append(part)
        left -= taken
    return "".join(parts)


def _ascii(rng, size):
    return "".join(rng.choices(ASCII, k=size))


def _quoted(make):
    return lambda rng, size: '"' + make(rng, size - 2) + '"'


def _numbers(rng, size):
    """An array of whole numbers and ones with a fraction; the last one takes what is left of the size."""
    parts, left = [], size - 2
    while left >= 24:
        number = str(rng.randrange(10 ** rng.randint(1, 8))) if rng.random() < 0.5 else f"{rng.uniform(-1e3, 1e3):.4f}"
        parts.append(number)
        left -= len(number) + 2
    parts.append("0." + "5" * (left - 2))
    return "[" + ", ".join(parts) + "]"


def _names(rng, size):
    """An object whose names are 1,000 bytes each; the last one takes what is left of the size."""
    around = len('"": 1, ')
    inside = size  # the braces take what the last member has no ', ' for
    count = max(1, inside // (KEY_BYTES + around))
    members = []
    for i in range(count):
        length = KEY_BYTES if i < count - 1 else inside - (count - 1) * (KEY_BYTES + around) - around
        members.append(f'"{f"{i:06d}{_ascii(rng, max(0, length - 6))}"[:length]}": 1')
    return "{" + ", ".join(members) + "}"


def _items(rng, size):
    items = []
    for i in range(max(1, round(size / LIST_ITEM_BYTES))):
        head = f'{{"id": {i + 1}, "name": "'
        tail = f'", "price": {rng.randrange(1, 400) / 4}, "active": {"true" if i % 3 else "false"}}}'
        end = round((i + 1) * LIST_ITEM_BYTES) - round(i * LIST_ITEM_BYTES)
        items.append(head + _ascii(rng, max(1, end - len(head) - len(tail) - 2)) + tail)
    return "[" + ", ".join(items) + "]"


def _base64(rng, size):
    return '"' + base64.b64encode(rng.randbytes((size - 2) // 4 * 3)).decode() + '"'


KINDS = {  # name to the action, the member with the payload, and who makes that
    "ascii": ("echo", "value", _quoted(_ascii)),
    "letters": ("echo", "value", _quoted(lambda rng, size: _text(rng, size, BEYOND, 0.1))),
    "three": ("echo", "value", _quoted(lambda rng, size: _text(rng, size, THREE, 0.9))),
    "escapes": ("echo", "value", _quoted(lambda rng, size: _text(rng, size, ESCAPES, 0.75))),
    "numbers": ("echo", "value", _numbers),
    "names": ("echo", "value", _names),
    "text": ("text", "text", _quoted(_ascii)),
    "text-letters": ("text", "text", _quoted(lambda rng, size: _text(rng, size, BEYOND, 0.1))),
    "bytes": ("bytes", "data", _base64),
    "list": ("list", "items", _items),
}


def make(kind, size):
    rng = random.Random(f"{kind} {size}")
    if kind == "binary":
        return b"\0" + rng.randbytes(size - 1)  # what begins with a brace could be JSON
    if kind not in KINDS:
        raise SystemExit(f"no kind of content: {kind}; there are: {', '.join(KINDS)}, binary")
    action, member, payload = KINDS[kind]
    start = f'{{"action": "{action}", "{member}": '
    if size < len(start) + 40:
        raise SystemExit(f"a content has 80 bytes at least, and not {size}")
    return (start + payload(rng, size - len(start) - 1) + "}").encode()


def content_type(kind):
    return BINARY_TYPE if kind == "binary" else "text/json"


def file_of(folder, kind, size):
    """The file with this content; made where it is not there yet."""
    path = f"{folder}/{kind}-{size}"
    if not os.path.exists(path):
        os.makedirs(folder, exist_ok=True)
        with open(f"{path}.{os.getpid()}", "wb") as f:
            f.write(make(kind, size))
        os.replace(f"{path}.{os.getpid()}", path)
    return path


def expected(kind, content):
    """What an answer must mean."""
    if kind == "binary":
        return content
    payload = json.loads(content)
    action, member, _ = KINDS[kind]
    return {"result" if action == "echo" else member: payload[member]}


def message(kind, content):
    """A whole request."""
    header = {"byteorder": "little", "content-type": content_type(kind), "content-encoding": "utf-8",
              "content-length": len(content)}
    if kind == "binary":
        header |= {"content-encoding": "binary", "action": "binary"}
    head = json.dumps(header).encode()
    return len(head).to_bytes(2, "big") + head + content


def connect(port, is_tls):
    plain = socket.create_connection(("127.0.0.1", port), 30)
    if not is_tls:
        return plain
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context.wrap_socket(plain)


def ask(port, kind, content, is_tls=False):
    """One request to a server; the content of its answer, which must mean the right thing but may be spelled freely."""
    with connect(port, is_tls) as s:
        s.sendall(message(kind, content))
        stream = s.makefile("rb")
        told = json.loads(stream.read(int.from_bytes(stream.read(2), "big")))
        answer = stream.read(told["content-length"])
    wanted = expected(kind, content)
    if told["content-type"] != content_type(kind) or (answer if kind == "binary" else json.loads(answer)) != wanted:
        raise ValueError(f"wrong answer to {kind} of {len(content)} bytes: {told} {answer[:200]!r}")
    return answer
