"""What every room paints its pages with: the desk, the reader, and what stands around a page.

    rooms/{room}.py ── open_room(app, painter) ──► addresses        painter.in_language(…) ──► template + frame

A room is one thing that a traveller can do. It may put a door of its own on the home page (:class:`Tool`).
"""

from collections.abc import Callable
from dataclasses import dataclass

from flask import abort, render_template, request

from appliance.kiosk import notices
from appliance.kiosk.edition import Desk, Edition
from appliance.kiosk.frame import frame
from appliance.kiosk.prose import Typesetter
from appliance.kiosk.reader import GROUPS, Reader
from appliance.kiosk.stick import Line, lines
from appliance.lib.words import Words


@dataclass(frozen=True)
class Tool:
    """A door on the home page that leads to a room.

    Attributes:
        name: Last part of its address, its icon, and ``tools.{name}`` in the words.
        offered: Whether there is anything behind it now.
    """

    name: str
    offered: Callable[[Edition], bool] = lambda _: True


class Painter:
    """Paints pages.

    Args:
        desk: Gives what is shown now.
        words: Of the booth itself.
    """

    def __init__(self, desk: Desk, words: Words) -> None:
        self.desk = desk
        self.words = words
        self.typesetter = Typesetter()
        self.tools: list[Tool] = []

    def reader(self, language: str) -> Reader:
        """Return who reads; a language that is not offered is a page that is not here (404)."""
        if language not in self.desk.languages():
            abort(404)
        group = request.args.get("for")
        return Reader(self.words, language, self.desk.zone, group if group in GROUPS else None)

    def readers(self) -> tuple[Reader, ...]:
        """Return the same reader in every language that is offered."""
        return tuple(self.reader(language) for language in self.desk.languages())

    def in_language(
        self, template: str, reader: Reader, parts: tuple[str, ...], edition: Edition | None = None, **page: object
    ) -> str:
        """Paint a page with its frame.

        Args:
            template: Extends ``framed.html``.
            reader: Who reads.
            parts: Of the page's address after the language.
            edition: The moment's view, if it was taken already.
            page: What the template says.
        """
        edition = edition or self.desk.edition()
        first = self.readers()[0]
        around = frame(edition, self.desk.gate, self.readers(), reader, parts)
        told = (first, reader) if first.language != reader.language else (reader,)
        banner = () if parts == (notices.PAGE,) else notices.banner(edition, (reader,))
        return render_template(template, frame=around, reader=reader, usb=said(edition, told), banner=banner, **page)

    def in_all(self, template: str, edition: Edition, **page: object) -> str:
        """Paint a page that speaks every language at once, before one is chosen."""
        readers = self.readers()
        return render_template(
            template,
            readers=readers,
            version=edition.version,
            gate=self.desk.gate,
            usb=said(edition, readers),
            banner=notices.banner(edition, readers),
            **page,
        )


def said(edition: Edition, readers: tuple[Reader, ...]) -> tuple[Line, ...]:
    """Return what is said above every page: the booth's name while somebody asks, and what becomes of a stick."""
    named = (Line(readers[0].language, edition.named),) if edition.named else ()
    return (*named, *(lines(edition.notice, readers) if edition.notice else ()))
