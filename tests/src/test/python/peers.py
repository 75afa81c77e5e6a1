"""Peers for the interoperability tests, standard library only: peers.py NAME HOST PORT [ARGUMENT ...].

Each prints what the test compares, and exits 0 only when its own side saw what it expects. The servers print
their port on one line first.
"""
import json
import socket
import struct
import sys
import threading


def connect(host, port):
    return socket.create_connection((host, int(port)), timeout=20)


def receive_exactly(sock, count):
    parts = b""
    while len(parts) < count:
        part = sock.recv(count - len(parts))
        if not part:
            raise SystemExit(f"ended after {len(parts)} of {count} bytes")
        parts += part
    return parts


def receive_to_end(sock):
    parts = b""
    while True:
        part = sock.recv(65536)
        if not part:
            return parts
        parts += part


def frame(content, content_type="text/json", encoding="utf-8", header_text=None, **other):
    header = {
        "byteorder": sys.byteorder,
        "content-type": content_type,
        "content-encoding": encoding,
        "content-length": len(content),
        **other,
    }
    text = header_text(header) if header_text else json.dumps(header)
    raw = text.encode("utf-8")
    return struct.pack(">H", len(raw)) + raw + content


def search(value):
    return json.dumps({"action": "search", "value": value}, ensure_ascii=False).encode("utf-8")


def receive_frame(sock):
    (length,) = struct.unpack(">H", receive_exactly(sock, 2))
    header = json.loads(receive_exactly(sock, length))
    return header, receive_exactly(sock, header["content-length"])


def show(header, content):
    if header["content-type"] == "text/json":
        print(header.get("status", "ok"), json.loads(content)["result"], flush=True)
    else:
        print(header["content-type"], content.decode("utf-8", "replace"), flush=True)


def echo_client(host, port, text):
    with connect(host, port) as sock:
        sock.sendall(text.encode())
        sock.shutdown(socket.SHUT_WR)
        print(receive_to_end(sock).decode(), flush=True)


def app_whole(host, port, value):
    with connect(host, port) as sock:
        sock.sendall(frame(search(value)))
        show(*receive_frame(sock))


def app_split(host, port, value):
    """Every byte in a packet of its own, as far as the system goes along."""
    with connect(host, port) as sock:
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for byte in frame(search(value)):
            sock.sendall(bytes([byte]))
        show(*receive_frame(sock))


def app_glued(host, port, *values):
    """All requests in one write; the answers come in order on the same connection."""
    with connect(host, port) as sock:
        sock.sendall(b"".join(frame(search(value)) for value in values))
        for _ in values:
            show(*receive_frame(sock))


def app_reordered(host, port, value):
    def backwards(header):
        return json.dumps(dict(reversed(list(header.items()))))

    with connect(host, port) as sock:
        sock.sendall(frame(search(value), header_text=backwards))
        show(*receive_frame(sock))


def app_spaced(host, port, value):
    def spaced(header):
        return json.dumps(header, indent=3, separators=(" ,\t", " :\r\n")) + "  "

    with connect(host, port) as sock:
        sock.sendall(frame(search(value), header_text=spaced))
        show(*receive_frame(sock))


def app_utf16(host, port, value):
    text = json.dumps({"action": "search", "value": value}, ensure_ascii=False)
    with connect(host, port) as sock:
        sock.sendall(frame(text.encode("utf-16"), encoding="utf-16"))
        show(*receive_frame(sock))


def app_unknown_key(host, port, value):
    with connect(host, port) as sock:
        sock.sendall(frame(search(value), color="blue", nested={"a": [1, 2.5e3, None]}))
        show(*receive_frame(sock))


def app_binary(host, port, text):
    with connect(host, port) as sock:
        sock.sendall(frame(text.encode(), "binary/custom-client-binary-type", "binary"))
        show(*receive_frame(sock))


def serve(host, port, handle, connections):
    with socket.socket() as server:
        server.bind((host, int(port)))
        server.listen()
        print(server.getsockname()[1], flush=True)
        for _ in range(connections):
            sock, _ = server.accept()
            sock.settimeout(20)
            with sock:
                handle(sock)


def serve_one(host, port, handle):
    serve(host, port, handle, 1)


def app_server(host, port, *how):
    """Answers a request of each connection, its bytes one by one when asked, and closes, as the tutorial's does."""

    def handle(sock):
        header, content = receive_frame(sock)
        if header["content-type"] == "text/json":
            asked = json.loads(content)
            if asked.get("action") == "search":
                result = f"search {asked.get('value')}"
            else:
                result = f"Error: invalid action \"{asked.get('action')}\"."
            answer = frame(json.dumps({"result": result}).encode())
        else:
            answer = frame(b"bytes: " + content, "binary/custom-server-binary-type", "binary")
        if "split" in how:
            for byte in answer:
                sock.sendall(bytes([byte]))
        elif "half" in how:
            sock.sendall(answer[: len(answer) // 2])
        elif "garbage" in how:
            sock.sendall(b"HTTP/1.1 200 OK\r\n\r\nhello")
        elif "never" in how:
            sock.recv(1)
        else:
            sock.sendall(answer)

    serve(host, port, handle, 1 if how else 10)


def echo_server(host, port, *how):
    """A server of the tutorial's kind: it closes at the end of the input and drops what it has not sent yet."""

    def echo(sock):
        with sock:
            while data := sock.recv(1024):
                sock.sendall(data[:-1] if "short" in how else data)

    with socket.socket() as server:
        server.bind((host, int(port)))
        server.listen(128)
        print(server.getsockname()[1], flush=True)
        while True:
            sock, _ = server.accept()
            sock.settimeout(20)
            threading.Thread(target=echo, args=(sock,), daemon=True).start()


if __name__ == "__main__":
    globals()[sys.argv[1]](*sys.argv[2:])
