#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Programs that speak TCP, over xtcp: curl, socat, ncat and Python's web server."""
import os
import pathlib
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "lib"))
from hosts import STREAMS, Cable, same, xl4run  # noqa: E402
from tap import main, test  # noqa: E402

BOTH = ("IPv4", "IPv6")
PORT = 7000
CONTENT = os.urandom(1 << 20)
SEGMENTS = len(CONTENT) // 65536        # at least, as long as a packet may be


def serve(t, *command):
    server = t.server.start(*xl4run(*command, over=STREAMS))
    t.server.wait_for_port(server, PORT, STREAMS.tables)
    return server


@test("a shell pipeline: curl fetches what Python's web server has", on=BOTH)
def pipeline(t):
    t.file("content", CONTENT)
    serve(t, "/usr/bin/python3", "-m", "http.server", "-b", t.server.address, PORT)
    with t.carried(SEGMENTS, STREAMS):
        fetch = xl4run("curl", "-sS", "-g", f"http://{t.server.in_url}:{PORT}/content", over=STREAMS)
        t.client.run("bash", "-o", "pipefail", "-c", '"$@" | cat >received', "-", *fetch)
    t.arrives("received", CONTENT)


@test("curl fetches ten files over one connection", on=BOTH)
def kept_alive(t):
    fetched = t.directory / "fetched"
    fetched.mkdir()
    names = [f"content{number}" for number in range(10)]
    for number, name in enumerate(names):
        t.file(name, CONTENT[number << 10:number << 11])
    serve(t, "/usr/bin/python3", "-m", "http.server", "-p", "HTTP/1.1", "-b", t.server.address, PORT)
    with t.carried(20, STREAMS):
        opened = t.client.counted("ActiveOpens", over=STREAMS)
        t.client.run(*xl4run("curl", "-sS", "-g", "--remote-name-all", "--output-dir", fetched,
                             *(f"http://{t.server.in_url}:{PORT}/{name}" for name in names), over=STREAMS))
        same(t.client.counted("ActiveOpens", over=STREAMS) - opened, 1, "connections")
    for number, name in enumerate(names):
        same((fetched / name).read_bytes(), CONTENT[number << 10:number << 11], name)


@test("socat sends a file", on=BOTH)
def socat(t):
    with t.carried(SEGMENTS, STREAMS):
        serve(t, "socat", "-u", f"TCP{t.digit}-LISTEN:{PORT},reuseaddr", "CREATE:received")
        t.client.run(*xl4run("socat", "-u", f"OPEN:{t.file('sent', CONTENT)}",
                             f"TCP{t.digit}:{t.server.in_url}:{PORT}", over=STREAMS))
        t.arrives("received", CONTENT)


@test("a conversation with an ncat that runs cat, until the client has no more", on=BOTH)
def conversation(t):
    with t.carried(20, STREAMS):
        serve(t, "ncat", f"-{t.digit}", "-l", "--exec", "/bin/cat", PORT)
        client = t.client.start(*xl4run("ncat", t.server.address, PORT, over=STREAMS),
                                stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0)
        for size in range(1, 1400, 140):
            said = os.urandom(size)
            client.stdin.write(said)
            same(client.stdout.read(size), said, f"the echo of {size} bytes")
        client.stdin.close()
        same(client.stdout.read(), b"", "what is left")


main(Cable)
