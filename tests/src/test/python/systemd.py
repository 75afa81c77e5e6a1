"""Plays systemd for one service: a socket unit, a notify socket, and the launcher that moves the socket to standard input.

usage: systemd.py tcp|PATH NOTIFY COMMAND...

Prints where the socket listens, and then every notification, on a line each. Ends with the service's exit status; SIGTERM
is passed on to the service.
"""

import os
import signal
import socket
import sys


def main():
    where, notify, command = sys.argv[1], sys.argv[2], sys.argv[3:]
    if where == "tcp":
        listening = socket.create_server(("127.0.0.1", 0))
        print("tcp://127.0.0.1:%d" % listening.getsockname()[1], flush=True)
    else:
        listening = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        listening.bind(where)
        listening.listen(64)
        print("unix:" + where, flush=True)
    notified = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    notified.bind(notify.replace("@", "\0"))
    service = os.fork()
    if service == 0:
        notified.close()
        os.dup2(listening.fileno(), 0)
        os.dup2(2, 1)
        os.environ.update(NOTIFY_SOCKET=notify, WATCHDOG_USEC="200000", WATCHDOG_PID=str(os.getpid()))
        os.execv(command[0], command)
    signal.signal(signal.SIGTERM, lambda *_: os.kill(service, signal.SIGTERM))
    notified.settimeout(0.05)
    status = None
    while True:
        try:
            message = notified.recv(4096)
        except socket.timeout:
            if status is not None:
                sys.exit(os.waitstatus_to_exitcode(status))
            ended, ended_status = os.waitpid(service, os.WNOHANG)
            if ended:
                status = ended_status
            continue
        print(message.decode().replace("\n", "|"), flush=True)


main()
