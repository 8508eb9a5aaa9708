# SPDX-License-Identifier: GPL-2.0
"""Servers that everybody knows: their settings in a folder, and the command line that starts them."""
import os
import pathlib
import shutil
import subprocess

from tap import Skip

_NGINX = """
daemon off; master_process off; pid {folder}/nginx.pid; error_log stderr; user root;
worker_rlimit_nofile 1000;
events {{ worker_connections 500; }}
http {{
    access_log off; keepalive_requests 100000; sendfile on; tcp_nopush on;
    client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi; uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
    server {{
        listen {address}:{port}; root {root};
        client_max_body_size 100m; dav_methods PUT;
    }}
}}
"""
_SSHD = """
Port {port}
ListenAddress {address}
HostKey {folder}/host_key
AuthorizedKeysFile {folder}/user_key.pub
LoginGraceTime 0
PermitRootLogin yes
StrictModes no
UsePAM no
PidFile none
Subsystem sftp internal-sftp
"""


def _program(name):
    found = shutil.which(name, path="/usr/sbin:/usr/bin")
    if not found:
        raise Skip(f"no {name}")
    return found


def _settings(folder, name, text, **values):
    path = pathlib.Path(folder) / name
    path.write_text(text.format(folder=folder, **values), encoding="ascii")
    return path


def nginx(folder, root, address, port):
    """It serves what is below `root`, and takes files there; the address as in a URL."""
    settings = _settings(folder, "nginx.conf", _NGINX, root=root, address=address, port=port)
    return _program("nginx"), "-p", folder, "-e", "stderr", "-c", settings


def redis(address, port):
    return (_program("redis-server"), "--port", port, "--bind", address, "--save", "",
            "--appendonly", "no", "--protected-mode", "no")


def sshd(folder, address, port):
    """It lets in who has the key in the folder: see ssh_options()."""
    os.makedirs("/run/sshd", mode=0o755, exist_ok=True)
    program = _program("sshd")
    for name in ("host_key", "user_key"):
        subprocess.run([_program("ssh-keygen"), "-q", "-t", "ed25519", "-N", "",
                        "-f", pathlib.Path(folder) / name], check=True)
    settings = _settings(folder, "sshd_config", _SSHD, address=address, port=port)
    return program, "-D", "-e", "-f", settings


def ssh_options(folder):
    """What ssh and scp need to be let in, and to ask nobody."""
    return ("-F", "none", "-i", pathlib.Path(folder) / "user_key", "-o", "StrictHostKeyChecking=no",
            "-o", "UserKnownHostsFile=/dev/null", "-o", "LogLevel=ERROR", "-o", "BatchMode=yes")
