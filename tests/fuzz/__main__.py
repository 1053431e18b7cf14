"""``make fuzz``: every parser of foreign bytes under spoilt samples; the last line says what was found."""

import argparse
import logging
import sys
import time
from pathlib import Path

from tests.fuzz.run import Tally, replay, run


def main() -> int:
    """Run or replay; 0 when nothing bad was found."""
    parser = argparse.ArgumentParser(prog="make fuzz", description=__doc__)
    parser.add_argument("--cases", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=time.time_ns() % 1_000_000_000)
    parser.add_argument("--only", default="", help="only targets with this in their name")
    parser.add_argument("--replay", type=Path, help="a case kept under build/fuzz")
    given = parser.parse_args()
    logging.disable(logging.CRITICAL)
    if given.replay:
        return _tell(replay(given.replay))
    _say(f"fuzz: seed={given.seed}")
    return _tell(run(given.cases, given.seed, Path("build/fuzz"), only=given.only))


def _tell(tally: Tally) -> int:
    for name, count in sorted(tally.cases.items()):
        _say(f"  {name:24} {count:7} cases, {tally.accepted[name]:7} accepted")
    for story in tally.bad:
        _say(story)
    cases = tally.cases.total()
    _say(f"fuzz: cases={cases} crashes={tally.crashes} accepted_invalid={tally.accepted_invalid}")
    return int(bool(tally.crashes or tally.accepted_invalid))


def _say(text: str) -> None:
    print(text, flush=True)  # noqa: T201 - this is a command line


if __name__ == "__main__":
    sys.exit(main())
