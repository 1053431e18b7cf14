"""The trust of a booth under spoilt metadata: what it believes was signed, or nothing changes.

A case is what arrives: ``{"meta": {root_latest, files}, "roots": {n: text}, "assign": text}``.
"""

import json
import random
import shutil
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from appliance.trust.verifier import Trust
from appliance.trust.view import SignedTarget
from mqtt.contract.documents import encode
from mqtt.contract.errors import ContractError
from mqtt.contract.frames import pack
from tests.fuzz.mutation import spoil
from tests.fuzz.target import must
from tests.practice_office import Office

NOW = datetime(2026, 11, 25, 5, tzinfo=UTC)
GATE = "cat-bi"
STREAMS = (("essentials", "dic"), ("sovereignty", "foreign-affairs"), ("clarifications", "police"))


class History:
    """A real office and its retained state after each of a few days of work."""

    def __init__(self, folder: Path) -> None:
        self.states: list[dict[str, Any]] = []
        self.targets: set[SignedTarget] = set()
        self.signed: set[str] = set()
        with Office(folder, now=NOW - timedelta(hours=3)) as office:
            office.add_booth("cb-01")
            for number in range(3):
                office.fixed_now = NOW - timedelta(hours=2 - number)
                for category, agency in STREAMS[: number + 1]:
                    office.publish(category, agency, {"money/vi.md": b"Release %d" % number})
                self._keep(office)

    def _keep(self, office: Office) -> None:
        meta = office.meta()
        roots = {str(number): body.decode() for number, body in office.roots().items()}
        assign = (office.assign(GATE) or b"").decode()
        self.states.append({"meta": json.loads(encode(meta)), "roots": roots, "assign": assign})
        for text in (*meta.files.values(), *roots.values()):
            document = json.loads(text)["signed"]
            self.signed.add(canonical(document))
            for target in document.get("targets", {}).values():
                self.targets.add(SignedTarget(target["hashes"]["sha256"], target["length"], ""))

    @property
    def factory_root(self) -> bytes:
        """The first root."""
        return self.states[0]["roots"]["1"].encode()


def canonical(signed: Any) -> str:
    """Return what two spellings of the same signed document share."""
    return json.dumps(signed, sort_keys=True)


class TrustTarget:
    """A booth that believed the second state gets a spoilt third, first or mixed one."""

    def __init__(self, folder: Path) -> None:
        self._history = History(folder / "office")
        self._folder = folder / "trust"
        self._good = folder / "good"
        with Trust(self._good, self._history.factory_root) as trust:
            _feed(trust, self._history.states[1])
            assert trust.refresh(NOW) is not None
            self._floors = trust.versions
        self._reset()

    def case(self, dice: random.Random) -> bytes:
        """Mix states, spoil files."""
        states = self._history.states
        arriving = json.loads(json.dumps(dice.choice(states)))
        if dice.random() < 0.3:
            arriving["meta"]["files"] |= dice.choice(states)["meta"]["files"]
        files = arriving["meta"]["files"]
        for _ in range(dice.choice((0, 1, 1, 2))):
            place = dice.choice((files, files, files, arriving["roots"]))
            name = dice.choice(sorted(place))
            samples = [text.encode() for text in (place[name], *files.values())]
            place[name] = spoil(dice, samples[:1] if dice.random() < 0.8 else samples).decode("utf-8", "replace")
        if dice.random() < 0.2:
            arriving["assign"] = spoil(dice, [arriving["assign"].encode()]).decode("utf-8", "replace")
        if dice.random() < 0.1:
            return spoil(dice, [json.dumps(arriving).encode()])
        return json.dumps(arriving).encode()

    def accepts(self, case: bytes) -> bool:
        """Offer everything, refresh, ask for every stream."""
        try:
            arriving = json.loads(case)
        except (ValueError, RecursionError):
            return False
        before = _state(self._folder)
        with Trust(self._folder, self._history.factory_root) as trust:
            try:
                _feed(trust, arriving)
                view = trust.refresh(NOW)
            except (ContractError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
                if not isinstance(error, ContractError) and error.__traceback__ and _is_ours(error):
                    raise
                self._unchanged(before)
                return False
            if view is None:
                return False
            believed = view._trusted._trusted_set
            must({"root", "timestamp", "snapshot", "targets"} <= believed.keys(), "all or nothing")
            self._asked(trust, view)
            for role, signed in believed.items():
                must(canonical(signed.to_dict()) in self._history.signed, f"what is believed of {role} was signed")
            now = trust.versions
            must(all(now[role] >= floor for role, floor in self._floors.items()), "no floor goes down")
        self._reset()
        return True

    def _asked(self, trust: Trust, view: Any) -> None:
        for category, agency in STREAMS:
            for ask in (view.release, view.cosignature):
                try:
                    found = ask(category, agency)
                except ContractError:
                    continue
                if found is not None:
                    must(SignedTarget(found.sha256, found.size, "") in self._history.targets, "a target was signed")
        try:
            assignment = trust.assignment(view, GATE)
        except ContractError:
            return
        genuine = {state["assign"] for state in self._history.states}
        must(assignment is None or encode(assignment).decode() in genuine, "an assignment was signed")

    def _unchanged(self, before: dict[str, bytes]) -> None:
        after = _state(self._folder)
        changed = {name for name in before.keys() | after.keys() if before.get(name) != after.get(name)}
        beyond = {name for name in changed if name.startswith("inbox/root.") and name not in before}
        if beyond:
            self._reset()
        must(not changed - beyond, f"a refusal changes nothing on disk: {sorted(changed - beyond)}")

    def _reset(self) -> None:
        shutil.rmtree(self._folder, ignore_errors=True)
        shutil.copytree(self._good, self._folder)


def _is_ours(error: BaseException) -> bool:
    """Whether it was raised below the fuzzer, by the code under test."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return trace is not None and "tests/fuzz" not in trace.tb_frame.f_code.co_filename


def _state(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def _feed(trust: Trust, arriving: dict[str, Any]) -> None:
    for number, text in arriving["roots"].items():
        if isinstance(text, str) and number.isascii() and number.isdigit() and len(number) < 7:
            try:
                trust.offer_root(int(number), text.encode("utf-8", "replace"))
            except ContractError:
                continue
    if isinstance(arriving.get("assign"), str):
        with suppress(ContractError):
            trust.offer_assignment(arriving["assign"].encode("utf-8", "replace"))
    body = json.dumps(arriving["meta"]).encode("utf-8", "replace")
    trust.offer_meta(pack(body, deflate=False))
