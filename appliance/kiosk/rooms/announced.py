"""Notices: what officers announce now, all they say, and the answer to pages that follow.

/{language}/notices
/now?shown=…              version of what is shown; open pages ask, say what they show, and follow
"""

from flask import Flask, jsonify, request
from flask.typing import ResponseReturnValue

from appliance.kiosk import notices
from appliance.kiosk.painter import Painter
from appliance.notices.seen import Seen


def open_room(app: Flask, painter: Painter, seen: Seen | None) -> None:
    """Hang the addresses into the application; ``seen`` is told when notices are on the glass, None tells nobody."""

    def now() -> ResponseReturnValue:
        edition = painter.desk.edition()
        if seen and request.args.get("shown") == edition.version:
            seen.shows(edition.notices)
        return jsonify(version=edition.version)

    def page(language: str) -> ResponseReturnValue:
        reader, edition = painter.reader(language), painter.desk.edition()
        entries = notices.entries(edition, reader)
        return painter.in_language("notices.html", reader, (notices.PAGE,), edition, entries=entries)

    app.add_url_rule("/now", "now", now)
    app.add_url_rule(f"/<language>/{notices.PAGE}", "notices", page)
