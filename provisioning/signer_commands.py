"""``boothctl signer``: what an officer does on a machine of their own, with a key that stays there."""

import secrets
import shutil
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import click
import tomlkit
from sqlalchemy import select

from mqtt.contract.documents import encode
from mqtt.contract.errors import ContractError, ErrorCode
from mqtt.contract.notices import MessageType, Notice, Urgency
from mqtt.office.authority import AUTHORITY_FILE, read_authority
from mqtt.office.brokers import officer_name
from mqtt.office.chain import Act
from mqtt.office.commands.manners import Done, Polite, Told, acts, tells
from mqtt.office.commands.options import home_option
from mqtt.office.commands.texts import read_texts, texts_options
from mqtt.office.commands.times import DURATION
from mqtt.office.database import edges
from mqtt.office.files import create, make_private_folder, settle
from mqtt.office.home import Home
from mqtt.office.keys import OFFICER
from mqtt.office.kit import KEYS, OFFICER_FILE, TLS, Kit
from mqtt.office.notices.compose import Parts, compose, required_of
from mqtt.office.repository import opened
from mqtt.office.requests import Request, read_file, signed
from mqtt.office.settings import read_settings
from provisioning.tls import CertificateAuthority

KITS: Final = "officers"
_kit: Final = click.option(
    "--kit", type=click.Path(exists=True, file_okay=False, path_type=Path), required=True, envvar="GATEBOOTH_KIT",
    help="The officer's folder.",
)  # fmt: skip


@click.group(cls=Polite)
def signer() -> None:
    """Sign on the officer's own machine."""


@signer.command("kit")
@click.argument("name", metavar="OFFICER")
@home_option
@acts(Act.KIT_ISSUED, "{name}")
def kit_command(name: str, home: Path) -> Done:
    """Write the folder that OFFICER carries: regulation, key, and the way to the gate's broker."""
    place = Home(home)
    now = datetime.now(UTC)
    authority = read_authority(place.authority)
    officer = authority.officer(name, now)
    folder = home / KITS / name
    draft = folder.with_name(f".{name}.draft")
    for leftover in (draft, folder):
        shutil.rmtree(leftover, ignore_errors=True)
    folder.parent.mkdir(exist_ok=True)
    make_private_folder(draft)
    create(draft / AUTHORITY_FILE, (place.authority / AUTHORITY_FILE).read_bytes())
    keys = make_private_folder(draft / KEYS)
    for file in place.keys.glob(f"{OFFICER}{name}.*"):
        create(keys / file.name, file.read_bytes(), 0o600)
    table: dict[str, Any] = {"officer": name}
    if officer.gate is not None:
        table |= {"gate": officer.gate, "broker": _broker_of(place, officer.gate)}
        issuer = CertificateAuthority.load(place.tls)
        tls = make_private_folder(draft / TLS)
        issuer.client(officer_name(name), now).save(tls / "cert.pem", tls / "key.pem")
        create(tls / "ca.pem", issuer.issued.certificate)
    create(draft / OFFICER_FILE, tomlkit.dumps(table).encode())
    settle(draft, folder)
    return Done(name, f"{folder} is for {name}; carry it to the officer's machine and take the key away from here",
                {"folder": str(folder)})  # fmt: skip


@signer.command("sign")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--yes", is_flag=True, help="Do not ask.")
@_kit
@tells
def sign_command(file: Path, yes: bool, kit: Path) -> Told:
    """Show what FILE asks to be signed, and sign it into FILE.signed."""
    request: Request = read_file(file, Request)
    own, head = Kit(kit), request.release
    if request.approval.officer != own.file.officer:
        raise ContractError(ErrorCode.OFFICER, f"this is for {request.approval.officer}, not {own.file.officer}")
    click.echo(
        f"{head.stream}: release {head.number} of {head.issued:%Y-%m-%d %H:%M}, for {', '.join(head.gates)}", err=True
    )
    click.echo(f"  as {request.approval.step}, list {head.list.sha256[:16]}", err=True)
    if not yes:
        click.confirm("Sign this?", abort=True, err=True)
    given = signed(request, own.keyring.signer_of(own.file.officer))
    out = file.with_name(f"{file.name}.signed")
    out.write_bytes(encode(given))
    return Told(f"{out}: carry it back to the office", {"file": str(out)})


@signer.command("notice")
@click.option("--kind", help="What it is about.")
@click.option("--update", help="Put it in the place of this notice.")
@click.option("--cancel", help="Take this notice back.")
@click.option("--urgent", is_flag=True, help="Takes over screen and page.")
@click.option("--for", "lasts", type=DURATION, default=timedelta(hours=12), help="For how long.  [default: 12h]")
@texts_options
@_kit
@tells
def notice_command(  # noqa: PLR0913 - one per option
    *,
    kind: str | None,
    update: str | None,
    cancel: str | None,
    urgent: bool,
    lasts: timedelta,
    kit: Path,
    **words: Any,  # noqa: ANN401 - texts_options
) -> Told:
    """Publish a notice through the gate's own broker, also with the office cut off.

    The office merges it once when it can be reached again.
    """
    own, now = Kit(kit), datetime.now(UTC).replace(microsecond=0)
    officer = own.authority.officer(own.file.officer, now)
    urgency = Urgency.URGENT if urgent else Urgency.NORMAL
    before = own.sent(update or cancel or "") if update or cancel else None
    if (before is None) is (kind is None):
        raise click.UsageError("give --kind for a new notice, or --update, or --cancel")
    texts = {} if cancel else read_texts(words, () if before else required_of(own.authority, urgency))
    parts = Parts(
        gate=own.file.gate or "",
        kind=before.kind if before else kind or "",
        agency=officer.agency,
        texts={**(before.texts if before and not cancel else {}), **texts},
        urgency=urgency,
        expires=now + (timedelta(hours=72) if cancel else lasts),
        type=_type(update, cancel),
        supersedes=(before.id,) if before else (),
    )
    made: Notice = compose(parts, own.authority, now, secrets.token_hex(2))
    own.publish(made, own.seal(made), (made.expires - now).total_seconds(), time.monotonic)
    return Told(f"{made.id}: published at {own.file.gate} by {own.file.officer}", made)


def _type(update: str | None, cancel: str | None) -> MessageType:
    return MessageType.CANCEL if cancel else MessageType.UPDATE if update else MessageType.ALERT


def _broker_of(home: Home, gate: str) -> dict[str, Any]:
    """Where an officer at a gate publishes: at its edge, else at the office."""
    settings = read_settings(home.root)
    with opened(home) as engine, engine.connect() as connection:
        row = connection.execute(select(edges).where(edges.c.gate == gate, edges.c.revoked.is_(False))).one_or_none()
    if row is not None:
        return {"host": row.host, "control_port": row.control_port, "bulk_port": row.bulk_port}
    return {"host": settings.hosts[0], "control_port": settings.control_port, "bulk_port": settings.bulk_port}
