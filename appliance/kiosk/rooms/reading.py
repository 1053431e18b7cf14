"""Reading: the choice of language, home, categories, items and their media.

/                                       languages, or the built-in page while there is no content
/{language}[/{category}[/{agency}/{slug}]]
/files/{stamp}/{category}/{agency}/{slug}/{name}
"""

from flask import Flask, abort, redirect, send_file
from flask.typing import ResponseReturnValue

from appliance.kiosk import headers, pages
from appliance.kiosk.media import medium
from appliance.kiosk.painter import Painter


def open_room(app: Flask, painter: Painter) -> None:
    """Hang the addresses into the application."""
    room = _Reading(painter)
    app.add_url_rule("/", view_func=room.languages)
    app.add_url_rule("/<language>", view_func=room.home)
    app.add_url_rule("/<language>/<category>", view_func=room.category)
    app.add_url_rule("/<language>/<category>/<agency>/<slug>", view_func=room.item)
    app.add_url_rule("/files/<stamp>/<category>/<agency>/<slug>/<name>", view_func=room.file)


class _Reading:
    def __init__(self, painter: Painter) -> None:
        self._painter = painter

    def languages(self) -> ResponseReturnValue:
        """Let the traveller choose a language; say that there is nothing yet while there is nothing."""
        edition = self._painter.desk.edition()
        if not edition.items:
            return self._painter.in_all("bands.html", edition, key="slate", has_way_home=False)
        return self._painter.in_all("languages.html", edition)

    def home(self, language: str) -> ResponseReturnValue:
        """Show what there is: the essentials first, then the other categories, and the doors to the other rooms."""
        reader, edition = self._painter.reader(language), self._painter.desk.edition()
        if not edition.items:
            return self._painter.in_all("bands.html", edition, key="slate", has_way_home=False)
        tools = tuple(tool for tool in self._painter.tools if tool.offered(edition))
        page = pages.home(edition, reader)
        return self._painter.in_language("home.html", reader, (), edition, page=page, tools=tools)

    def category(self, language: str, category: str) -> ResponseReturnValue:
        """Show the items of a category."""
        reader, edition = self._painter.reader(language), self._painter.desk.edition()
        page = pages.category(edition, category, reader)
        if page is None:
            abort(404)
        return self._painter.in_language("category.html", reader, (category,), edition, page=page)

    def item(self, language: str, category: str, agency: str, slug: str) -> ResponseReturnValue:
        """Show an item."""
        reader, edition = self._painter.reader(language), self._painter.desk.edition()
        found = edition.item(f"{category}/{agency}/{slug}")
        if found is None:
            abort(404)
        page = pages.item(found, reader, self._painter.typesetter)
        return self._painter.in_language("item.html", reader, (category, agency, slug), edition, page=page)

    def file(self, stamp: str, category: str, agency: str, slug: str, name: str) -> ResponseReturnValue:
        """Serve a medium of an item in force, whole or in part; an old address leads to the new bytes."""
        found = self._painter.desk.edition().item(f"{category}/{agency}/{slug}")
        one = medium(found, name) if found else None
        if one is None:
            abort(404)
        if stamp != one.stamp:
            return redirect(one.url)
        return headers.keep_for_ever(send_file(one.path, mimetype=one.type, etag=one.stamp, conditional=True))
