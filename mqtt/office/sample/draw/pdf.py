"""A PDF of drawn pages, the same bytes for the same pages: one indexed picture per page, deflated.

catalog → pages → page → image (palette + Flate)
"""

import zlib
from collections.abc import Sequence
from typing import Final

from PIL import Image

POINTS_PER_INCH: Final = 72
COLOURS: Final = 128


def to_pdf(pages: Sequence[Image.Image], dpi: int, title: str, language: str) -> bytes:
    """Return a PDF of RGB pages that are ``dpi`` pixels per inch."""
    count = len(pages)
    kids = " ".join(f"{4 + 3 * number} 0 R" for number in range(count))
    name = title.encode("utf-16-be").hex().upper()
    bodies = [
        f"<</Type/Catalog/Pages 2 0 R/Lang({language})/ViewerPreferences<</DisplayDocTitle true>>>>".encode(),
        f"<</Type/Pages/Count {count}/Kids[{kids}]>>".encode(),
        f"<</Title<FEFF{name}>>>".encode(),
    ]
    for number, page in enumerate(pages):
        bodies += _page(page, 4 + 3 * number, dpi)
    out = bytearray(b"%PDF-1.5\n%\xe2\xe3\xcf\xd3\n")
    places = []
    for number, body in enumerate(bodies, 1):
        places.append(len(out))
        out += f"{number} 0 obj\n".encode() + body + b"\nendobj\n"
    table = len(out)
    out += f"xref\n0 {len(bodies) + 1}\n0000000000 65535 f \n".encode()
    out += b"".join(f"{place:010} 00000 n \n".encode() for place in places)
    out += f"trailer\n<</Size {len(bodies) + 1}/Root 1 0 R/Info 3 0 R>>\nstartxref\n{table}\n%%EOF\n".encode()
    return bytes(out)


def _page(page: Image.Image, number: int, dpi: int) -> list[bytes]:
    width, height = (round(side * POINTS_PER_INCH / dpi, 2) for side in page.size)
    indexed = page.quantize(COLOURS, dither=Image.Dither.NONE)
    palette = bytes(indexed.getpalette() or ())[: COLOURS * 3]
    pixels = zlib.compress(indexed.tobytes(), 9)
    content = f"{width} 0 0 {height} 0 0 cm /Page Do".encode()
    image = (
        f"<</Type/XObject/Subtype/Image/Width {page.width}/Height {page.height}/BitsPerComponent 8"
        f"/ColorSpace[/Indexed/DeviceRGB {len(palette) // 3 - 1}<{palette.hex()}>]"
        f"/Filter/FlateDecode/Length {len(pixels)}>>\nstream\n"
    )
    return [
        (
            f"<</Type/Page/Parent 2 0 R/MediaBox[0 0 {width} {height}]/Contents {number + 1} 0 R"
            f"/Resources<</XObject<</Page {number + 2} 0 R>>>>>>"
        ).encode(),
        f"<</Length {len(content)}>>\nstream\n".encode() + content + b"\nendstream",
        image.encode() + pixels + b"\nendstream",
    ]
