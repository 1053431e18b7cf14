"""The booth's only Flask application: rooms, and what holds for all their pages.

    rooms/*.py                what a traveller can do, and under which addresses
    /panel.css  /static/…     the look

Whatever goes wrong, a reader sees a page in a language of their own and the way back home.
"""

from hashlib import blake2b
from pathlib import Path
from typing import Final

from flask import Flask, Response, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect

from appliance.kiosk import headers
from appliance.kiosk.edition import Desk
from appliance.kiosk.glass import Glass
from appliance.kiosk.painter import Painter
from appliance.kiosk.rooms import announced, reading
from appliance.lib.words import Words
from appliance.notices.seen import Seen

HOSTS: Final = ["127.0.0.1", "localhost"]
"""Names under which the browser on this booth reaches us; a page from elsewhere cannot pretend to be one of ours."""
_OURS: Final = 500


def create_app(desk: Desk, words: Words, glass: Glass, seen: Seen | None = None) -> Flask:
    """Open the rooms.

    Args:
        desk: Gives what is shown now.
        words: Of the booth itself.
        glass: The look-up panel.
        seen: Told when notices are on the glass; None tells nobody.
    """
    app = Flask(__name__)
    app.config["TRUSTED_HOSTS"] = HOSTS
    app.url_map.merge_slashes = False
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.globals["look"] = _look(app, glass)
    painter = Painter(desk, words)
    reading.open_room(app, painter)
    announced.open_room(app, painter, seen)
    app.add_url_rule("/panel.css", "panel", lambda: headers.keep_for_ever(Response(glass.css, mimetype="text/css")))
    app.register_error_handler(HTTPException, lambda error: _sorry(painter, error))
    app.after_request(headers.complete)
    return app


def _sorry(painter: Painter, error: HTTPException) -> ResponseReturnValue:
    """Show that a page is not here, or cannot be opened now; in all languages when the reader's is unknown."""
    code = error.code or _OURS
    if isinstance(error, RequestRedirect):
        return error.get_response()
    key, edition = "missing" if code < _OURS else "broken", painter.desk.edition()
    language, *parts = request.path.split("/")[1:]
    if language not in painter.desk.languages():
        return painter.in_all("bands.html", edition, key=key, has_way_home=bool(edition.items)), code
    return painter.in_language("sorry.html", painter.reader(language), tuple(parts), edition, key=key), code


def _look(app: Flask, glass: Glass) -> str:
    """Name the look by its bytes, so that the browser may keep it and yet follow an update."""
    digest = blake2b(glass.css.encode(), digest_size=6)
    for file in sorted(path for path in Path(str(app.static_folder)).rglob("*") if path.is_file()):
        digest.update(file.read_bytes())
    return digest.hexdigest()
