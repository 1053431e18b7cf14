"""Names, digests and moments as types that can only be right.

One form for every name on the wire keeps topics free of wildcards, slashes and surprises.
"""

import re
from datetime import datetime
from typing import Annotated, Final

from msgspec import Meta

# ECMA and Python read this alike; the look-ahead stops Python's ``$`` from allowing a final newline.
NAME_PATTERN: Final = r"^[a-z0-9][a-z0-9-]{1,47}$(?!\n)"
SHA256_PATTERN: Final = r"^[0-9a-f]{64}$(?!\n)"
_NAME: Final = re.compile(NAME_PATTERN)

Name = Annotated[str, Meta(pattern=NAME_PATTERN, description="2 to 48 of a-z, 0-9 and hyphen; no hyphen first")]
BoothId = Name
GateId = Name
Category = Name
Agency = Name
Slug = Name
GateOrAll = Annotated[
    str, Meta(pattern=r"^(\*|[a-z0-9][a-z0-9-]{1,47})$(?!\n)", description="a gate, or * for every gate")
]
Sha256 = Annotated[str, Meta(pattern=SHA256_PATTERN, description="lower-case hexadecimal SHA-256")]
Language = Annotated[
    str, Meta(pattern=r"^[a-z]{2,3}(-[A-Za-z]{4})?(-[A-Z]{2})?$(?!\n)", description="BCP 47 language tag")
]
Instant = Annotated[datetime, Meta(tz=True, description="moment with time zone, RFC 3339")]
SizeBytes = Annotated[int, Meta(ge=0, le=2**40, description="bytes")]
ReleaseNumber = Annotated[int, Meta(ge=1, le=2**31, description="release number; grows by publishing")]
Version = Annotated[int, Meta(ge=0, le=2**53, description="version of signed metadata")]
BootId = Annotated[str, Meta(min_length=8, max_length=64, description="one per start of the agent")]
Sequence = Annotated[int, Meta(ge=0, le=2**53, description="grows by one; never reused")]

LANGUAGES: Final = ("vi", "en", "zh", "lo", "km")
"""Languages built into every booth, Vietnamese first (design, Languages)."""

FALLBACKS: Final = {"vi": ("en",), "en": ("vi",), "zh": ("en", "vi"), "lo": ("en", "vi"), "km": ("en", "vi")}
"""What a reader gets when an item lacks the language; labelled as such on the page."""

VISITORS: Final = ("tourist", "driver", "crew", "investor", "resident", "everyone")
"""Groups of visitors (plan III.7); ``everyone`` is in each of them."""

PAGES: Final = frozenset(("notices", "search", "help", "counter", "take"))
"""Addresses of the booth's own pages (``/vi/notices``): no category has such a name."""


def is_name(text: str) -> bool:
    """Tell whether ``text`` may stand in a topic or a path."""
    return _NAME.search(text) is not None
