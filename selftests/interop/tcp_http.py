#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Web servers and curl over xtcp: nginx and Python's, many files, large files, kept alive and not."""
import hashlib
import os
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "lib"))
import servers  # noqa: E402
from hosts import STREAMS, Cable, same, xl4run  # noqa: E402
from tap import main, test  # noqa: E402

BOTH = ("IPv4", "IPv6")
PORT = 7000
LARGE = 8 << 20
SMALL = 200         # files


def site(t):
    """Small files and a large one to serve; the contents of the small ones."""
    folder = t.directory / "site"
    folder.mkdir()
    (folder / "large").write_bytes(os.urandom(1 << 20) * (LARGE >> 20))
    contents = [os.urandom(number * 97 % 20000) for number in range(SMALL)]
    for number, content in enumerate(contents):
        (folder / f"file{number}").write_bytes(content)
    return contents


def nginx(t):
    contents = site(t)
    command = servers.nginx(t.directory, t.directory / "site", t.server.in_url, PORT)
    server = t.server.start(*xl4run(*command, over=STREAMS))
    t.server.wait_for_port(server, PORT, STREAMS.tables)
    return contents


def python(t):
    contents = site(t)
    server = t.server.start(*xl4run("/usr/bin/python3", "-m", "http.server", "-b", t.server.address,
                                    "-d", t.directory / "site", PORT, over=STREAMS))
    t.server.wait_for_port(server, PORT, STREAMS.tables)
    return contents


def curl(t, *arguments):
    return t.client.run(*xl4run("curl", "-sS", "-g", *arguments, over=STREAMS))


def url(t, name):
    return f"http://{t.server.in_url}:{PORT}/{name}"


def fetch_all(t, contents, *arguments):
    """By one curl, which keeps its connections alive if it may."""
    folder = t.directory / "fetched"
    folder.mkdir()
    curl(t, *arguments, "--remote-name-all", "--output-dir", folder,
         *(url(t, f"file{number}") for number in range(SMALL)))
    for number, content in enumerate(contents):
        same((folder / f"file{number}").read_bytes(), content, f"file{number}")


def sha256(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


def fetch_large(t):
    with t.carried(LARGE >> 16, STREAMS):
        curl(t, "-o", t.directory / "received", url(t, "large"))
    same(sha256(t.directory / "received"), sha256(t.directory / "site" / "large"), "the large file")


@test("nginx sends a large file", on=BOTH)
def large_from_nginx(t):
    nginx(t)
    fetch_large(t)


@test("Python sends a large file", on=BOTH)
def large_from_python(t):
    python(t)
    fetch_large(t)


@test(f"nginx sends {SMALL} files over one connection", on=BOTH)
def kept_alive(t):
    contents = nginx(t)
    opened = t.client.counted("ActiveOpens", over=STREAMS)
    fetch_all(t, contents)
    same(t.client.counted("ActiveOpens", over=STREAMS) - opened, 1, "connections")


@test(f"nginx sends {SMALL} files over a connection each", on=BOTH)
def not_kept_alive(t):
    contents = nginx(t)
    opened = t.client.counted("ActiveOpens", over=STREAMS)
    fetch_all(t, contents, "-H", "Connection: close")
    same(t.client.counted("ActiveOpens", over=STREAMS) - opened, SMALL, "connections")


@test(f"nginx sends {SMALL} files over ten connections at once", on=BOTH)
def in_parallel(t):
    fetch_all(t, nginx(t), "--parallel", "--parallel-max", "10")


@test("Python sends files over a connection each", on=BOTH)
def from_python(t):
    fetch_all(t, python(t))


main(Cable)
