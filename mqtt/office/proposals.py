"""Releases on their way through the steps of approval, each step signed by another officer with a key of their own.

    author ── propose ─► reviewer ── approve ─► publisher ── sign ─► enough signatures? ─► published as any other
                             └── or withdraw ◄──────┘

An approval is bound to the digest of the release head, so that nothing can be changed after it was looked at. What a
booth looks at is the last step only: the signatures of the agency's publishers under its file.
"""

from collections.abc import Collection
from datetime import datetime
from hashlib import sha256
from typing import Any

import msgspec
from sqlalchemy import Connection, Engine, Row, insert, select, update

from mqtt.contract.documents import decode, encode
from mqtt.contract.envelopes import open_sealed, seal
from mqtt.contract.errors import ContractError, ErrorCode
from mqtt.contract.releases import HEAD_LIMIT, ReleaseHead, release_target
from mqtt.office.change import Change
from mqtt.office.content.build import Built
from mqtt.office.database import approvals, proposals
from mqtt.office.home import Home
from mqtt.office.keys import Keyring
from mqtt.office.objects import Objects
from mqtt.office.publish import hand_over, newest_head_bytes, numbered, require_objects, require_supplier
from mqtt.office.repository import changing
from mqtt.office.requests import PAYLOAD_LIMIT, PAYLOAD_TYPE, Approval, Given, Request
from mqtt.office.terms import Authority, Duty

OPEN, DONE, WITHDRAWN = "open", "published", "withdrawn"


class Proposal(msgspec.Struct, frozen=True, kw_only=True):
    """One release and how far it is.

    Attributes:
        steps: Officers by step.
        signed: How many have signed as publishers, and how many must.
        waits_for: The next step, None when it is at its end.
    """

    proposal: str
    head: ReleaseHead
    state: str
    steps: dict[Duty, tuple[str, ...]]
    signed: int
    threshold: int
    waits_for: Duty | None


def needs_approval(authority: Authority, category: str, agency: str, officers: Collection[str]) -> bool:
    """Whether a release cannot be published in one act: it takes other steps, or more officers than sign now."""
    rules = authority.categories.get(category)
    if rules and rules.approval:
        return True
    named = authority.officers_of(agency)
    return bool(named) and 0 < len(set(officers) & set(named)) < authority.agencies[agency].threshold


def propose(home: Home, engine: Engine, built: Built, author: str, now: datetime) -> str:
    """Put a release before those who must approve it; returns the name of the proposal.

    Raises:
        ContractError: ``E_OFFICER``, ``E_AUTHORITY``, ``E_MISSING``, ``E_EXISTS`` (one of this stream waits already).
    """
    with changing(home, engine, now) as change:
        category, agency = built.head.category, built.head.agency
        require_supplier(change, category, agency)
        step = Duty.AUTHOR if Duty.AUTHOR in _steps(change, category) else Duty.PUBLISHER
        _require(change, author, agency, step)
        require_objects(Objects(home.objects), built.blobs)
        waiting = select(proposals.c.proposal).where(
            proposals.c.category == category, proposals.c.agency == agency, proposals.c.state == OPEN
        )
        if other := change.connection.scalar(waiting):
            raise ContractError(ErrorCode.EXISTS, f"{other} waits: approve and sign it, or withdraw it first")
        head, body, parts = numbered(change.connection, built, Objects(home.objects))
        name = f"{category}-{agency}-{head.number}-{sha256(body).hexdigest()[:8]}"
        row = {"proposal": name, "category": category, "agency": agency, "head": body, "parts": parts}
        change.connection.execute(insert(proposals).values(**row, state=OPEN, created=change.now))
        if step is Duty.AUTHOR:
            _take_step(home, change, name, body, author, step)
    return name


def approve(  # noqa: PLR0913, PLR0917 - one step of one person
    home: Home, engine: Engine, name: str, reviewer: str, now: datetime, given: Given | None = None
) -> None:
    """Let a reviewer agree with exactly this release; ``given`` was signed on a machine of theirs.

    Raises:
        ContractError: ``E_UNKNOWN``, ``E_OFFICER``, ``E_SAME_PERSON``, ``E_KEY``. Nothing has changed.
    """
    with changing(home, engine, now) as change:
        row = _open(change.connection, name)
        _require(change, reviewer, row.agency, Duty.REVIEWER)
        _require_another(change, row, reviewer, Duty.REVIEWER)
        _take_step(home, change, name, row.head, reviewer, Duty.REVIEWER, given)


def sign(  # noqa: PLR0913, PLR0917 - one step of one person
    home: Home, engine: Engine, name: str, publisher: str, now: datetime, given: Given | None = None
) -> int | None:
    """Let a publisher sign; returns the number of the release once enough have, None while others must.

    What is ``given`` was signed on a machine of theirs.

    Raises:
        ContractError: ``E_UNKNOWN``, ``E_OFFICER``, ``E_SAME_PERSON``, ``E_APPROVAL`` (a step before is missing),
            ``E_ROLLBACK`` (something newer was published meanwhile: propose again), ``E_KEY``. Nothing has changed.
    """
    with changing(home, engine, now, officers=(publisher,)) as change:
        row, head = _to_sign(home, change, name, publisher)
        if row.draft is None:
            change.list_target(row.agency, release_target(row.category, row.agency), row.head)
        draft, signed = change.sign_partly(row.agency, row.draft, given.signature if given else None)
        _take_step(home, change, name, row.head, publisher, Duty.PUBLISHER, given)
        done = len(signed) >= _threshold(change, row.agency)
        if done:
            hand_over(change, head, row.head, row.parts)
        state = {"draft": draft, "state": DONE if done else OPEN}
        change.connection.execute(update(proposals).where(proposals.c.proposal == name).values(state))
    return head.number if done else None


def request(  # noqa: PLR0913, PLR0917 - as above
    home: Home, engine: Engine, name: str, officer: str, step: Duty, now: datetime
) -> Request:
    """Return what an officer signs on a machine of their own for a step; everything else is as if they signed here.

    Raises:
        ContractError: As :func:`approve` or :func:`sign`. Nothing has changed.
    """
    with changing(home, engine, now, officers=(officer,)) as change:
        draft: bytes | None = None
        if step is Duty.PUBLISHER:
            row, _ = _to_sign(home, change, name, officer)
            if row.draft is None:
                change.list_target(row.agency, release_target(row.category, row.agency), row.head)
            draft, _ = change.sign_partly(row.agency, row.draft)
            change.connection.execute(update(proposals).where(proposals.c.proposal == name).values(draft=draft))
        else:
            row = _open(change.connection, name)
            _require(change, officer, row.agency, step)
            _require_another(change, row, officer, step)
        said = Approval(proposal=name, head=sha256(row.head).hexdigest(), officer=officer, step=step, at=change.now)
    return Request(approval=said, head=row.head, draft=draft)


def withdraw(home: Home, engine: Engine, name: str, officer: str, now: datetime) -> None:
    """Take a proposal back; any officer of its agency may.

    Raises:
        ContractError: ``E_UNKNOWN``, ``E_OFFICER``.
    """
    with changing(home, engine, now) as change:
        row = _open(change.connection, name)
        if change.authority.officer(officer, change.now).agency != row.agency:
            raise ContractError(ErrorCode.OFFICER, f"{officer} is not an officer of {row.agency}")
        change.connection.execute(update(proposals).where(proposals.c.proposal == name).values(state=WITHDRAWN))


def listed(home: Home, engine: Engine, now: datetime, *, everything: bool = False) -> list[Proposal]:
    """Return what waits, oldest first; ``everything`` also what is at its end."""
    with changing(home, engine, now) as change:
        rows = change.connection.execute(select(proposals).order_by(proposals.c.created)).all()
        return [_seen(change, row) for row in rows if everything or row.state == OPEN]


def _to_sign(home: Home, change: Change, name: str, publisher: str) -> tuple[Row[Any], ReleaseHead]:
    row = _open(change.connection, name)
    _require(change, publisher, row.agency, Duty.PUBLISHER)
    _require_another(change, row, publisher, Duty.PUBLISHER)
    _require_steps(home, change, row)
    head = decode(ReleaseHead, row.head, HEAD_LIMIT)
    _require_newest(change.connection, head)
    return row, head


def _seen(change: Change, row: Row[Any]) -> Proposal:
    steps: dict[Duty, tuple[str, ...]] = {}
    for taken in change.connection.execute(select(approvals).where(approvals.c.proposal == row.proposal)):
        steps[Duty(taken.step)] = (*steps.get(Duty(taken.step), ()), taken.officer)
    signed, threshold = len(steps.get(Duty.PUBLISHER, ())), _threshold(change, row.agency)
    before = [step for step in _steps(change, row.category) if step is not Duty.PUBLISHER and step not in steps]
    following = before[0] if before else Duty.PUBLISHER
    return Proposal(
        proposal=row.proposal,
        head=decode(ReleaseHead, row.head, HEAD_LIMIT),
        state=row.state,
        steps=steps,
        signed=signed,
        threshold=threshold,
        waits_for=following if row.state == OPEN else None,
    )


def _steps(change: Change, category: str) -> Collection[Duty]:
    terms = change.authority.categories.get(category)
    return terms.approval if terms else ()


def _threshold(change: Change, agency: str) -> int:
    delegation = change.delegation(agency)
    return delegation.threshold if delegation else 1


def _open(connection: Connection, name: str) -> Row[Any]:
    row = connection.execute(select(proposals).where(proposals.c.proposal == name)).one_or_none()
    if row is None or row.state != OPEN:
        state = f"is {row.state}" if row else "is not known"
        raise ContractError(ErrorCode.UNKNOWN, f"proposal {name} {state}")
    return row


def _require(change: Change, name: str, agency: str, step: Duty) -> None:
    officer = change.authority.officer(name, change.now)
    if officer.agency != agency or step not in officer.duties:
        raise ContractError(ErrorCode.OFFICER, f"{name} is not {step} of {agency}")


def _require_another(change: Change, row: Row[Any], name: str, step: Duty) -> None:
    """One person, one step, where the regulation says so; nobody signs twice in any case."""
    taken = change.connection.execute(select(approvals).where(approvals.c.proposal == row.proposal)).all()
    distinct = change.authority.categories[row.category].distinct
    if any(one.officer == name and (distinct or one.step == step) for one in taken):
        raise ContractError(ErrorCode.SAME_PERSON, f"{name} has already taken a step of {row.proposal}")


def _require_steps(home: Home, change: Change, row: Row[Any]) -> None:
    taken = change.connection.execute(select(approvals).where(approvals.c.proposal == row.proposal)).all()
    for step in _steps(change, row.category):
        if step is Duty.PUBLISHER:
            continue
        if not any(one.step == step and _holds(home, change, row, one) for one in taken):
            raise ContractError(ErrorCode.APPROVAL, f"{row.proposal} waits for the {step}")


def _holds(home: Home, change: Change, row: Row[Any], taken: Row[Any]) -> bool:
    """Whether a step was signed by an officer who may still take it, for exactly this head."""
    key = Keyring(home.keys).officer(taken.officer)
    if key is None:
        return False
    try:
        _require(change, taken.officer, row.agency, Duty(taken.step))
        payload = open_sealed(taken.envelope, PAYLOAD_TYPE, [key], 1, PAYLOAD_LIMIT)
        said = msgspec.json.decode(payload, type=Approval)
    except (ContractError, msgspec.MsgspecError):
        return False
    return (said.proposal, said.head, said.step) == (row.proposal, sha256(row.head).hexdigest(), taken.step)


def _require_newest(connection: Connection, head: ReleaseHead) -> None:
    body = newest_head_bytes(connection, head.category, head.agency)
    newest = decode(ReleaseHead, body, HEAD_LIMIT).number if body else 0
    if head.number != newest + 1:
        raise ContractError(ErrorCode.ROLLBACK, f"{head.stream} is at release {newest}: propose it again")


def _take_step(  # noqa: PLR0913, PLR0917 - one row, and what signs it
    home: Home, change: Change, name: str, head: bytes, officer: str, step: Duty, given: Given | None = None
) -> None:
    said = Approval(proposal=name, head=sha256(head).hexdigest(), officer=officer, step=step, at=change.now)
    if given is None:
        envelope = seal(encode(said), PAYLOAD_TYPE, [Keyring(home.keys).signer_of(officer)])
    else:
        envelope = given.envelope
        _require_given(home, said, envelope)
    row = {"proposal": name, "step": step.value, "officer": officer, "envelope": envelope, "at": change.now}
    change.connection.execute(insert(approvals).values(row))


def _require_given(home: Home, said: Approval, envelope: bytes) -> None:
    key = Keyring(home.keys).officer(said.officer)
    payload = open_sealed(envelope, PAYLOAD_TYPE, [key] if key else [], 1, PAYLOAD_LIMIT)
    found = msgspec.json.decode(payload, type=Approval)
    if msgspec.structs.replace(found, at=said.at) != said:
        raise ContractError(ErrorCode.APPROVAL, f"what {said.officer} has signed is another step or release")
