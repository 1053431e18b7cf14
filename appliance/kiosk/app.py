"""The booth's only Flask application: addresses, and the page that each of them shows.

    /                                       languages, or the built-in page while there is no content
    /{language}[/{category}[/{agency}/{slug}]]
    /files/{stamp}/{category}/{agency}/{slug}/{name}
    /{language}/notices                     what is announced now
    /now?shown=…                            version of what is shown; open pages ask, say what they show, and follow
    /panel.css  /static/…                   the look

Whatever goes wrong, a reader sees a page in a language of their own and the way back home.
"""

from hashlib import blake2b
from pathlib import Path
from typing import Final

from flask import Flask, Response, abort, jsonify, redirect, render_template, request, send_file
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect

from appliance.kiosk import headers, notices, pages
from appliance.kiosk.edition import Desk, Edition
from appliance.kiosk.frame import frame
from appliance.kiosk.glass import Glass
from appliance.kiosk.media import medium
from appliance.kiosk.prose import Typesetter
from appliance.kiosk.reader import GROUPS, Reader
from appliance.kiosk.stick import Line, lines
from appliance.lib.words import Words
from appliance.notices.seen import Seen

HOSTS: Final = ["127.0.0.1", "localhost"]
"""Names under which the browser on this booth reaches us; a page from elsewhere cannot pretend to be one of ours."""
_OURS: Final = 500


class Site:
    """The pages, each a method that Flask calls with the parts of the address.

    Args:
        desk: Gives what is shown now.
        words: Of the booth itself.
        seen: Told when notices are on the glass; None tells nobody.
    """

    def __init__(self, desk: Desk, words: Words, seen: Seen | None = None) -> None:
        self._seen = seen
        self._desk = desk
        self._words = words
        self._typesetter = Typesetter()

    def languages(self) -> ResponseReturnValue:
        """Let the traveller choose a language; say that there is nothing yet while there is nothing."""
        edition = self._desk.edition()
        return self._choice(edition) if edition.items else self._bands(edition, "slate")

    def home(self, language: str) -> ResponseReturnValue:
        """Show the categories."""
        reader, edition = self._reader(language), self._desk.edition()
        if not edition.items:
            return self._bands(edition, "slate")
        return self._in_language("home.html", edition, reader, (), page=pages.home(edition, reader))

    def category(self, language: str, category: str) -> ResponseReturnValue:
        """Show the items of a category."""
        reader, edition = self._reader(language), self._desk.edition()
        page = pages.category(edition, category, reader)
        if page is None:
            abort(404)
        return self._in_language("category.html", edition, reader, (category,), page=page)

    def item(self, language: str, category: str, agency: str, slug: str) -> ResponseReturnValue:
        """Show an item."""
        reader, edition = self._reader(language), self._desk.edition()
        found = edition.item(f"{category}/{agency}/{slug}")
        if found is None:
            abort(404)
        page = pages.item(found, reader, self._typesetter)
        return self._in_language("item.html", edition, reader, (category, agency, slug), page=page)

    def file(self, stamp: str, category: str, agency: str, slug: str, name: str) -> ResponseReturnValue:
        """Serve a medium of an item in force, whole or in part; an old address leads to the new bytes."""
        found = self._desk.edition().item(f"{category}/{agency}/{slug}")
        one = medium(found, name) if found else None
        if one is None:
            abort(404)
        if stamp != one.stamp:
            return redirect(one.url)
        return headers.keep_for_ever(send_file(one.path, mimetype=one.type, etag=one.stamp, conditional=True))

    def now(self) -> ResponseReturnValue:
        """Tell an open page which version it should show; one that shows it has its notices on the glass."""
        edition = self._desk.edition()
        if self._seen and request.args.get("shown") == edition.version:
            self._seen.shows(edition.notices)
        return jsonify(version=edition.version)

    def notices(self, language: str) -> ResponseReturnValue:
        """Show what is announced now."""
        reader, edition = self._reader(language), self._desk.edition()
        entries = notices.entries(edition, reader)
        return self._in_language("notices.html", edition, reader, (notices.PAGE,), entries=entries)

    def sorry(self, error: HTTPException) -> ResponseReturnValue:
        """Show that a page is not here, or cannot be opened now; in all languages when the reader's is unknown."""
        code = error.code or _OURS
        if isinstance(error, RequestRedirect):
            return error.get_response()
        key, edition = "missing" if code < _OURS else "broken", self._desk.edition()
        language, *parts = request.path.split("/")[1:]
        if language not in self._desk.languages():
            return self._bands(edition, key), code
        return self._in_language("sorry.html", edition, self._reader(language), tuple(parts), key=key), code

    def _reader(self, language: str) -> Reader:
        if language not in self._desk.languages():
            abort(404)
        group = request.args.get("for")
        return Reader(self._words, language, self._desk.zone, group if group in GROUPS else None)

    def _readers(self) -> tuple[Reader, ...]:
        return tuple(self._reader(language) for language in self._desk.languages())

    def _in_language(
        self, template: str, edition: Edition, reader: Reader, parts: tuple[str, ...], **page: object
    ) -> str:
        around = frame(edition, self._desk.gate, self._readers(), reader, parts)
        told = (self._readers()[0], reader) if self._desk.languages()[0] != reader.language else (reader,)
        banner = () if parts == (notices.PAGE,) else notices.banner(edition, (reader,))
        return render_template(template, frame=around, reader=reader, usb=_said(edition, told), banner=banner, **page)

    def _choice(self, edition: Edition) -> str:
        readers = self._readers()
        usb = _said(edition, readers)
        return render_template(
            "languages.html",
            readers=readers,
            version=edition.version,
            gate=self._desk.gate,
            usb=usb,
            banner=notices.banner(edition, readers),
        )

    def _bands(self, edition: Edition, key: str) -> str:
        """The same in every language, one below the other; with a way home if there is one."""
        readers = self._readers()
        return render_template(
            "bands.html",
            readers=readers,
            version=edition.version,
            key=key,
            has_way_home=bool(edition.items),
            usb=_said(edition, readers),
            banner=notices.banner(edition, readers),
        )


def create_app(desk: Desk, words: Words, glass: Glass, seen: Seen | None = None) -> Flask:
    """Wire addresses to pages.

    Args:
        desk: Gives what is shown now.
        words: Of the booth itself.
        glass: The look-up panel.
        seen: As above.
    """
    app = Flask(__name__)
    app.config["TRUSTED_HOSTS"] = HOSTS
    app.url_map.merge_slashes = False
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.globals["look"] = _look(app, glass)
    site = Site(desk, words, seen)
    app.add_url_rule("/", view_func=site.languages)
    app.add_url_rule("/now", view_func=site.now)
    app.add_url_rule("/panel.css", "panel", lambda: headers.keep_for_ever(Response(glass.css, mimetype="text/css")))
    app.add_url_rule("/<language>", view_func=site.home)
    app.add_url_rule(f"/<language>/{notices.PAGE}", view_func=site.notices)
    app.add_url_rule("/<language>/<category>", view_func=site.category)
    app.add_url_rule("/<language>/<category>/<agency>/<slug>", view_func=site.item)
    app.add_url_rule("/files/<stamp>/<category>/<agency>/<slug>/<name>", view_func=site.file)
    app.register_error_handler(HTTPException, site.sorry)
    app.after_request(headers.complete)
    return app


def _said(edition: Edition, readers: tuple[Reader, ...]) -> tuple[Line, ...]:
    named = (Line(readers[0].language, edition.named),) if edition.named else ()
    return (*named, *(lines(edition.notice, readers) if edition.notice else ()))


def _look(app: Flask, glass: Glass) -> str:
    """Name the look by its bytes, so that the browser may keep it and yet follow an update."""
    digest = blake2b(glass.css.encode(), digest_size=6)
    for file in sorted(Path(str(app.static_folder)).iterdir()):
        digest.update(file.read_bytes())
    return digest.hexdigest()
