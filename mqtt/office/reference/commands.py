"""The command lines, read from their click trees.

Trees are found by the entry points of :data:`PROGRAMS`, as the groups of ``boothctl`` are, so that the office can
describe ``booth`` without importing it.
"""

import inspect
from collections.abc import Iterator
from importlib.metadata import EntryPoint, entry_points
from typing import Final

import click

from mqtt.contract.errors import ContractError, ErrorCode
from mqtt.office.reference.pages import MARK

PROGRAMS: Final = "gatebooth.programs"


def programs() -> dict[str, click.Command]:
    """Return the root command of every program, by name.

    Raises:
        ContractError: ``E_CONFIG``; a program cannot be loaded, its page would have a hole.
    """
    return {entry.name: _load(entry) for entry in sorted(entry_points(group=PROGRAMS), key=lambda entry: entry.name)}


def walk(program: str, command: click.Command) -> Iterator[tuple[str, click.Command]]:
    """Yield a command and everything below it with its full name, as it is typed.

    Raises:
        ContractError: ``E_CONFIG``; a group says that it has a command and cannot load it.
    """
    yield program, command
    if isinstance(command, click.Group):
        context = click.Context(command, info_name=program)
        for name in command.list_commands(context):
            try:
                below = command.get_command(context, name)
            except ImportError as error:
                raise ContractError(ErrorCode.CONFIG, f"{program} {name} cannot be loaded: {error}") from error
            if below is None:
                raise ContractError(ErrorCode.CONFIG, f"{program} {name} is no command")
            yield from walk(f"{program} {name}", below)


def commands_page() -> str:
    """Return ``commands.md``.

    Raises:
        ContractError: ``E_CONFIG``; a program or group cannot be loaded.
    """
    blocks = ["# Commands", MARK]
    for program, root in programs().items():
        for name, command in walk(program, root):
            if not command.hidden:
                blocks += _described(name, command)
    return "\n\n".join(blocks) + "\n"


def _load(entry: EntryPoint) -> click.Command:
    try:
        command = entry.load()
    except ImportError as error:
        raise ContractError(ErrorCode.CONFIG, f"{entry.value} cannot be loaded: {error}") from error
    if not isinstance(command, click.Command):
        raise ContractError(ErrorCode.CONFIG, f"{entry.value} is no command")
    return command


def _described(name: str, command: click.Command) -> Iterator[str]:
    arguments = [
        param.make_metavar(click.Context(command)) for param in command.params if param.param_type_name == "argument"
    ]
    words = [name, *arguments]
    if isinstance(command, click.Group):
        words.append("COMMAND")
    level = "##" if " " not in name else "###"
    yield f"{level} `{' '.join(words)}`"
    yield inspect.cleandoc((command.help or "").partition("\f")[0]).replace("``", "`")
    options = [param for param in command.params if isinstance(param, click.Option) and not param.hidden]
    if options:
        yield "\n".join(f"* {_option(option)}" for option in options)


def _option(option: click.Option) -> str:
    spelled = ", ".join(f"`{text}`" for text in (*option.opts, *option.secondary_opts))
    value = "" if option.is_flag or option.count else f" `{option.make_metavar(click.Context(click.Command('x')))}`"
    notes = []
    if option.required:
        notes.append("required")
    if option.show_default and option.default is not None and not callable(option.default):
        notes.append(f"default `{option.default}`")
    if option.envvar:
        notes.append(f"environment `{option.envvar}`")
    tail = f" ({'; '.join(notes)})" if notes else ""
    return f"{spelled}{value}: {option.help or ''}{tail}"
