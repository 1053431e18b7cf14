"""``boothctl edge``: issue the edge of a gate at the office, run it at the gate."""

import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import click
import msgspec

from mqtt.contract.errors import ContractError, ErrorCode
from mqtt.office.brokers import update_brokers
from mqtt.office.chain import Act
from mqtt.office.commands.manners import Done, Polite, acts
from mqtt.office.commands.options import home_option
from mqtt.office.commands.process import attached_option, inbox, log_lines, stop_descriptor
from mqtt.office.edge.run import run_cache, run_edge
from mqtt.office.edge.settings import CACHE_BYTES, Address
from mqtt.office.home import Home
from mqtt.office.repository import opened
from provisioning.edge.issue import NewEdge, add_edge, remove_edge

_folder = click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
_port = click.IntRange(1, 65535)


@click.group(cls=Polite)
def edge() -> None:
    """The edge of a gate: one copy over the line for all its booths."""


@edge.command()
@click.argument("gate")
@click.option("--host", required=True, help="Name or address by which booths reach the edge.")
@click.option("--control-port", type=_port, default=8883, show_default=True, help="Port of its control broker.")
@click.option("--bulk-port", type=_port, default=8884, show_default=True, help="Port of its bulk broker.")
@click.option("--cache-bytes", type=click.IntRange(min=1), default=CACHE_BYTES, show_default=True,
              help="Most bytes of chunks it keeps.")  # fmt: skip
@click.option("--anyway", is_flag=True, help="Also where one was removed; that machine's certificates count again.")
@home_option
@acts(Act.EDGE_ADDED, "{gate}")
def add(  # noqa: PLR0913 - one per option
    *, gate: str, host: str, control_port: int, bulk_port: int, cache_bytes: int, anyway: bool, home: Path
) -> Done:
    """Issue the certificates of the edge of GATE and let it in at the office's brokers."""
    try:
        given = {"host": host, "control_port": control_port, "bulk_port": bulk_port}
        new = NewEdge(gate=gate, here=msgspec.convert(given, Address), cache_bytes=cache_bytes, anyway=anyway)
    except msgspec.ValidationError as error:
        raise ContractError(ErrorCode.CONFIG, str(error)) from error
    with opened(Home(home)) as engine:
        folder, told = add_edge(Home(home), engine, new, datetime.now(UTC))
        update_brokers(Home(home), engine)
    text = f"edge of {gate} in {folder}; carry it there and start it: boothctl edge run FOLDER"
    if told:
        text += f"\nidentity.toml names the edge now, carry it to: {', '.join(told)}"
    text += "\nThe keys were made on this machine: they are for practice, not for service."
    return Done(gate, text, {"folder": str(folder), "identities": list(told)}, {"host": host})


@edge.command()
@click.argument("gate")
@home_option
@acts(Act.EDGE_REMOVED, "{gate}")
def remove(gate: str, home: Path) -> Done:
    """Let the edge of GATE in no longer, from this second on; booths go to the office once it is off."""
    with opened(Home(home)) as engine:
        told = remove_edge(Home(home), engine, gate)
        update_brokers(Home(home), engine)
    text = f"the edge of {gate} is removed; switch that machine off, its booths then find the office by themselves"
    if told:
        text += f"\nidentity.toml no longer names it, carry it to: {', '.join(told)}"
    return Done(gate, text, {"identities": list(told)})


@edge.command()
@_folder
@attached_option
def run(folder: Path, attached: bool) -> None:
    """Run the edge in FOLDER: two brokers bridged to the office's, and the cache."""
    log_lines("edge")
    # -P: our own code, whatever lies in the folder that the command is called from
    program = (sys.executable, "-P", "-m", "mqtt.office.cli", "edge", "cache", "--attached", str(folder.absolute()))
    start = lambda: subprocess.Popen(program, stdin=subprocess.PIPE, start_new_session=True)  # noqa: E731 - bound once
    run_edge(folder, start, stop_descriptor(attached=attached))


@edge.command()
@_folder
@attached_option
def cache(folder: Path, attached: bool) -> None:
    """Answer booths from the cache of the edge in FOLDER; started by run."""
    log_lines("cache")
    run_cache(folder, inbox(attached=attached))
