"""Memory of each process of a booth that shows the sample: proportional set size, after every page was read once."""

import re
import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final
from urllib.request import urlopen

from mqtt.contract.names import LANGUAGES
from mqtt.office.publish import publish_release
from provisioning.practice.edits import ITEM
from provisioning.practice.stage import Stage
from provisioning.practice.witness import Witness
from tests.bench.figures import Figure, Goal
from tests.bench.goodput import noise
from tests.bench.site import Site
from tests.world.line import Quality

MIB: Final = 1 << 20
FILM: Final = "programme/dic/cat-ba.mp4"
FILM_S: Final = 6.0
VIDEO: Final = 2 << 30
VIDEO_S: Final = 900.0
STREAM: Final = "city/dic"
_PSS: Final = re.compile(r"^Pss:\s+(\d+) kB", re.MULTILINE)
_LINK: Final = re.compile(r'href="(/[^"#]*)"')


def memory(folder: Path, runs: int) -> Iterator[Figure]:
    """Yield PSS of agent, kiosk and player in MiB; bare mpv on the film of the programme is the player's reference."""
    agents, kiosks, players, bares = [], [], [], []
    for run in range(runs):
        with Stage(folder / str(run)) as stage:
            stage.booth.power_on()
            stage.publish()
            witness = Witness(stage)
            _until(lambda witness=witness: witness.page_speaks("vi"))  # type: ignore[misc]
            _read_everything(stage.booth.url)
            _until(lambda witness=witness: witness.playing == "cat-ba-film", 180)  # type: ignore[misc]
            time.sleep(FILM_S / 2)
            players.append(_pss(stage.booth.processes["player"].pid))
            agents.append(_pss(stage.booth.processes["agent"].pid))
            kiosks.append(_pss(stage.booth.processes["kiosk"].pid))
            stage.booth.end("player")  # what two processes share would count half for each
            bare = stage.booth.start(
                ("mpv", "--no-config", "--vo=wlshm", "--ao=null", "--loop-file=inf", "--cache=no",
                 "--wayland-app-id=bare", str(stage.content / FILM)), "bare-mpv",
            )  # fmt: skip
            time.sleep(FILM_S)
            bares.append(_pss(bare.pid))
    both = tuple(agent + kiosk for agent, kiosk in zip(agents, kiosks, strict=True))
    yield Figure("memory: agent", tuple(agents), "MiB PSS", "the same booth")
    yield Figure("memory: kiosk", tuple(kiosks), "MiB PSS", "the same booth")
    yield Figure("memory: agent + kiosk", both, "MiB PSS", "the same booth", Goal("≤", 90))
    bare_median = sorted(bares)[len(bares) // 2]
    more = tuple(player - bare for player, bare in zip(players, bares, strict=True))
    yield Figure("memory: player", tuple(players), "MiB PSS", f"bare mpv {bare_median:.0f} MiB")
    yield Figure("memory: player above bare mpv", more, "MiB PSS", f"bare mpv {bare_median:.0f} MiB", Goal("≤", 40))


def video(folder: Path, runs: int) -> Iterator[Figure]:
    """Yield by how much the agent's memory grows at most while a video of 2 GB arrives."""
    growths, befores, seconds = [], [], []
    for run in range(runs):
        with Site(folder / str(run), Quality()) as site:
            _show(site, {"page.dat": noise(MIB, 0)})
            time.sleep(2)
            before = most = _pss(site.agent.pid)
            number = _publish(site, {"film.dat": noise(VIDEO, run)})
            began = time.monotonic()
            while site.shown(STREAM) != number:
                assert time.monotonic() - began < VIDEO_S, "the video does not come"
                most = max(most, _pss(site.agent.pid))
                time.sleep(0.1)
            seconds.append(time.monotonic() - began)
            growths.append(most - before)
            befores.append(before)
        shutil.rmtree(folder / str(run), ignore_errors=True)
    reference = f"{max(befores):.0f} MiB before, {VIDEO >> 30} GiB in {max(seconds):.0f} s"
    yield Figure("memory: agent while a video arrives", tuple(growths), "MiB PSS more", reference, Goal("≤", 10))


def _show(site: Site, files: dict[str, bytes]) -> None:
    number = _publish(site, files)
    site.until(lambda: site.shown(STREAM) == number, "the release before")


def _publish(site: Site, files: dict[str, bytes]) -> int:
    built = site.office.build(*STREAM.split("/"), files)
    return publish_release(site.office.home, site.office.engine, built, site.office.now)


def _pss(pid: int) -> float:
    found = _PSS.search(Path(f"/proc/{pid}/smaps_rollup").read_text("ascii"))
    assert found
    return int(found[1]) * 1024 / MIB


def _read_everything(url: str) -> None:
    """Follow every link of the kiosk once, as a day of travellers would."""
    seen: set[str] = set()
    ahead = [f"/{language}" for language in LANGUAGES] + [f"/en/{ITEM}"]
    while ahead:
        path = ahead.pop()
        if path in seen:
            continue
        seen.add(path)
        with urlopen(url + path, timeout=20) as answer:  # noqa: S310 - our own loopback address
            if "text/html" in answer.headers["Content-Type"]:
                ahead += _LINK.findall(answer.read().decode())


def _until(holds: object, seconds: float = 90.0) -> None:
    end = time.monotonic() + seconds
    while not holds():  # type: ignore[operator]
        assert time.monotonic() < end, "the booth does not show the sample"
        time.sleep(0.2)
