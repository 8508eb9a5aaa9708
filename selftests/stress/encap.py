#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Who opens and closes the port for DCCP in UDP (RFC 6773) at the same time loses none."""
import os
import socket
import sys
import threading

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)) + "/../lib")
from netns import Namespace, sysctl
from tap import main, test

PORTS = [*range(6511, 6519)]
ROUNDS = 20


class Writers:
    """Threads in one namespace, each with ports of its own."""

    def __init__(self, _variant):
        self.namespace = Namespace()

    def __enter__(self):
        return self

    def __exit__(self, *_problem):
        self.namespace.close()


def open_and_close(ports):
    for _ in range(ROUNDS):
        for port in ports:
            sysctl("xl4.dccp.encap_port", port)


@test("what four have opened and closed is closed")
def writers(_t):
    threads = [threading.Thread(target=open_and_close, args=(PORTS[first:first + 2] + [0],))
               for first in range(0, len(PORTS), 2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    sysctl("xl4.dccp.encap_port", 0)
    for port in PORTS:
        # One that was lost would have it, for either family.
        with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as s:
            s.bind(("::", port))


if __name__ == "__main__":
    main(Writers)
