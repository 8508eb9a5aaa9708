#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""curl fetches files from dnsmasq's TFTP server over xl4."""
import os
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "lib"))
from hosts import Cable, xl4run  # noqa: E402
from tap import main, test  # noqa: E402

BOTH = ("IPv4", "IPv6")


def fetch(t, size, block):
    content = os.urandom(size)
    (t.directory / "files").mkdir()
    t.file("files/content", content)
    server = t.server.start(*xl4run("dnsmasq", "-C", "/dev/null", "--keep-in-foreground", "--user=root",
                                    "--pid-file", "--port=0", "--enable-tftp",
                                    f"--tftp-root={t.directory}/files"))
    t.server.wait_for_port(server, 69)
    with t.carried(2 * (size // block)):
        t.client.run(*xl4run("curl", "-gsS", "--max-time", "50", "--tftp-blksize", block,
                             "-o", "fetched", f"tftp://{t.server.in_url}/content"))
    t.arrives("fetched", content)


@test("50,000 bytes in blocks of 512", on=BOTH)
def small_blocks(t):
    fetch(t, 50_000, 512)


@test("100,000 bytes in blocks of 1,400", on=BOTH)
def large_blocks(t):
    fetch(t, 100_000, 1400)


main(Cable)
