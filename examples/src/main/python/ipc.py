"""Messages of Parley over a Unix socket, with nothing but Python's standard library. See PythonIpc.java.

    python3 ipc.py client PATH ITEM...     asks a Java server how many of each item are left
    python3 ipc.py server PATH             answers Java clients with the mean and deviation of numbers
"""

import json
import os
import signal
import socket
import statistics
import struct
import sys
import threading

CONTENT_BYTES_MAX = 1024 * 1024
IDLE_SECONDS = 300


class Refused(Exception):
    """An error with a code, from the other side or for it."""

    def __init__(self, code, message):
        super().__init__(message)
        self.code = code


def send(connection, content, **keys):
    """Two bytes of length, a header in JSON, and the content."""
    body = json.dumps(content).encode("utf-8")
    header = {
        "byteorder": sys.byteorder,
        "content-type": "text/json",
        "content-encoding": "utf-8",
        "content-length": len(body),
        **keys,
    }
    head = json.dumps(header).encode("utf-8")
    connection.sendall(struct.pack(">H", len(head)) + head + body)


def exactly(stream, count):
    data = stream.read(count)
    if len(data) < count:
        raise EOFError("the stream ended inside a message")
    return data


def receive(stream):
    """The next header and content; None where the stream ends between two messages."""
    first = stream.read(1)
    if not first:
        return None
    (length,) = struct.unpack(">H", first + exactly(stream, 1))
    header = json.loads(exactly(stream, length))
    if not 0 <= header["content-length"] <= CONTENT_BYTES_MAX:
        raise ValueError("content-length must be from 0 to 1 MiB")
    return header, exactly(stream, header["content-length"])


def connect(path):
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    connection.settimeout(10)
    connection.connect(path)
    return connection


def call(connection, stream, action, question):
    """Asks as the tutorial's client does: the action is a member of the content."""
    send(connection, {"action": action, **question})
    answer = receive(stream)
    if answer is None:
        raise EOFError("the server closed the connection instead of an answer")
    header, content = answer
    content = json.loads(content)
    if "status" in header:
        raise Refused(content["code"], content["result"])
    return content


def summary(question):
    values = question.get("values", [])
    if len(values) < 2:
        raise Refused("too-few", "at least two values are needed")
    return {"mean": statistics.fmean(values), "deviation": statistics.stdev(values)}


def answer(connection, header, content):
    """Answers one question. The id is repeated, so a client may have many calls under way."""
    keys = {"id": header["id"]} if "id" in header else {}
    try:
        question = json.loads(content)
        if header.get("action", question.get("action")) != "summary":
            raise Refused("no-such-action", "the only action here is summary")
        send(connection, summary(question), **keys)
    except Refused as e:
        send(connection, {"result": f"Error: {e}", "code": e.code}, status="failed", **keys)
    except (ValueError, TypeError, AttributeError, ArithmeticError, RecursionError):
        send(connection, {"result": "Error: no such question", "code": "bad-question"}, status="failed", **keys)


def serve(connection):
    """One client, until it is gone."""
    connection.settimeout(IDLE_SECONDS)
    try:
        with connection, connection.makefile("rb") as stream:
            while (message := receive(stream)) is not None:
                answer(connection, *message)
    except (EOFError, ValueError, KeyError, TypeError, OSError, RecursionError) as e:
        print(f"a connection ends: {e}", file=sys.stderr)


def serve_all(path):
    os.umask(0o177)  # the socket is for its owner alone, from the first moment on
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    listener.bind(path)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    try:
        listener.listen()
        print(f"listening on unix:{path}", flush=True)
        while True:
            connection, _ = listener.accept()
            threading.Thread(target=serve, args=[connection], daemon=True).start()
    finally:
        os.unlink(path)


def ask_all(path, items):
    with connect(path) as connection, connection.makefile("rb") as stream:
        for item in items:
            try:
                print(f"{item}: {call(connection, stream, 'stock', {'item': item})['left']} left")
            except Refused as e:
                print(f"{item}: {e.code}")


if __name__ == "__main__":
    if len(sys.argv) == 3 and sys.argv[1] == "server":
        serve_all(sys.argv[2])
    elif len(sys.argv) > 3 and sys.argv[1] == "client":
        ask_all(sys.argv[2], sys.argv[3:])
    else:
        sys.exit(__doc__)
