"""Ports for servers that are told where to listen: nobody takes them between the choice and the start."""

from __future__ import annotations

import os
import socket
from itertools import count
from pathlib import Path

FIRST = 15_000
_ours: list[socket.socket] = []  # what we hold until this process ends
_numbers = count(FIRST + os.getpid() % 10_000)


def a_free_port() -> int:
    """A port below those that the system gives away by itself, and that no other worker has chosen."""
    last = int(Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split()[0])
    while True:
        port = FIRST + (next(_numbers) - FIRST) % (last - FIRST)
        if _is_free(port) and _is_ours(port):
            return port


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def _is_ours(port: int) -> bool:
    """A name that only one process of this machine can hold at a time, and that dies with it."""
    mark = socket.socket(socket.AF_UNIX)
    try:
        mark.bind(f"\0csat tests port {port}")
    except OSError:
        mark.close()
        return False
    _ours.append(mark)
    return True
