"""How long a server takes from the start of its process to its first answer."""
import socket
import subprocess
import time

from measuring import ROOT, Lock, free_port, stop


def launched(words):
    """What ./parley becomes, word by word: it builds first if it must, and then becomes the JVM."""
    port = free_port()
    proc = subprocess.Popen([f"{ROOT}/parley", *(w.format(port=port) for w in words)], stdin=subprocess.DEVNULL,
                            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        answered(port, proc, 120)
        with open(f"/proc/{proc.pid}/cmdline", encoding="utf-8") as f:
            line = f.read().split("\0")[:-1]
    finally:
        stop(proc)
    return [w.replace(f":{port}", ":{port}") for w in line]


def answered(port, proc, limit):
    """Waits until a byte has come back: the connection was accepted, and not only queued by the kernel."""
    end = time.monotonic() + limit
    while True:
        try:
            with socket.create_connection(("127.0.0.1", port), 5) as s:
                s.sendall(b"x")
                if s.recv(1) == b"x":
                    return
        except OSError:
            pass
        if proc.poll() is not None or time.monotonic() > end:
            raise SystemExit(f"did not start: {' '.join(proc.args)}")
        time.sleep(0.0005)


def start(words):
    """Milliseconds from the start of a server's process to its first answer; on both cores, as a user's is."""
    port = free_port()
    line = [w.replace("{port}", str(port)) for w in words]
    with Lock():
        begin = time.monotonic()
        proc = subprocess.Popen(line, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            answered(port, proc, 30)
            return (time.monotonic() - begin) * 1000
        finally:
            stop(proc)
