"""Goodput of our transfer against curl over HTTPS, through the same kind of line in the same run.

Ours counts everything from the agency's signature to the switch: metadata, head, list, index, chunks, fsync, rename.
"""

import random
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from mqtt.office.publish import publish_release
from provisioning.practice.processes import Processes
from provisioning.practice.stage import free_ports
from tests.bench.figures import Figure, Goal
from tests.bench.files import certify, wait_for
from tests.bench.site import Site
from tests.world.line import Line, Quality

RATE: Final = 20e6 / 8
DELAY_S: Final = 0.05
SHAPED: Final = Quality(rate=RATE, delay_s=DELAY_S)
MIB: Final = 1 << 20
STREAM: Final = "city/dic"


def goodput(folder: Path, runs: int) -> Iterator[Figure]:
    """Yield the share of a shaped line that the transfer reaches, and ratios to curl, shaped and unshaped."""
    ours = _ours(folder / "shaped", SHAPED, 64 * MIB, runs)
    curl = _curl(folder / "shaped-curl", SHAPED, 64 * MIB, runs)
    share = tuple(value / RATE for value in ours)
    of_curl = sorted(value / RATE for value in curl)[len(curl) // 2]
    line = "20 Mbit/s, RTT 100 ms"
    yield Figure("goodput shaped", share, f"of the line ({line})", f"curl over HTTPS {of_curl:.3f}", Goal("≥", 0.96))
    pairs = zip(ours, curl, strict=True)
    yield Figure(
        "goodput shaped / curl", tuple(a / b for a, b in pairs), "ratio", f"curl over HTTPS, {line}", Goal("≥", 1.0)
    )
    ours = _ours(folder / "open", Quality(), 256 * MIB, runs)
    curl = _curl(folder / "open-curl", Quality(), 256 * MIB, runs)
    of_curl = sorted(curl)[len(curl) // 2] / MIB
    pairs = zip(ours, curl, strict=True)
    yield Figure(
        "goodput unshaped / curl", tuple(a / b for a, b in pairs), "ratio", f"curl over HTTPS {of_curl:.0f} MiB/s"
    )


def _ours(folder: Path, quality: Quality, size: int, runs: int) -> tuple[float, ...]:
    """Bytes per second, each run with other bytes."""
    rates = []
    with Site(folder, quality) as site:
        for run in range(runs):
            data = noise(size, run)
            built = site.office.build(*STREAM.split("/"), {"film/film.dat": data})
            began = time.monotonic()
            number = publish_release(site.office.home, site.office.engine, built, site.office.now)
            ended = site.until(lambda number=number: site.shown(STREAM) == number, f"release {number}")  # type: ignore[misc]
            rates.append(size / (ended - began))
    return tuple(rates)


def _curl(folder: Path, quality: Quality, size: int, runs: int) -> tuple[float, ...]:
    folder.mkdir(parents=True)
    (folder / "film").write_bytes(noise(size, 0))
    certify(folder)
    (port,) = free_ports((0,))
    rates = []
    with Processes() as processes:
        server = f"exec openssl s_server -accept 127.0.0.1:{port} -cert cert.pem -key key.pem -WWW -quiet"
        processes.start(("sh", "-c", f"cd '{folder}' && {server}"), folder / "server.log")
        wait_for(port)
        with Line(port, quality) as line:
            url = f"https://127.0.0.1:{line.port}/film"
            for _ in range(runs):
                answer = _run(folder, "curl", "-sSk",
                              "-o", "/dev/null", "-w", "%{size_download} %{time_total}", url)  # fmt: skip
                got, seconds = answer.split()
                assert int(got) == size, f"curl got {got} bytes"
                rates.append(size / float(seconds))
    return tuple(rates)


def noise(size: int, seed: int) -> bytes:
    """Bytes that nothing can shrink, the same for the same seed."""
    dice = random.Random(seed)
    return b"".join(dice.randbytes(MIB) for _ in range(size // MIB))


def _run(folder: Path, *command: str) -> str:
    return subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True).stdout
