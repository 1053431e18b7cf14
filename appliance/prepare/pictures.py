"""Pictures: every one is decoded whole, once, by the decoder its name promises.

A picture that says PNG and is something else, is cut off, or would fill the memory, is refused before a reader waits
for it.
"""

import struct
import warnings
from typing import Final

from PIL import Image, UnidentifiedImageError

from appliance.errors import ErrorCode, RefusedError
from appliance.prepare.task import SetMember, Task
from mqtt.contract.items import Kind

PIXELS_LIMIT: Final = 40_000_000
"""More than four 4K screens; 160 MB of memory while it is decoded."""
_FORMATS: Final = {".png": "PNG", ".jpg": "JPEG", ".jpeg": "JPEG", ".webp": "WEBP"}


class PictureError(RefusedError):
    """A picture that no reader would see."""

    def __init__(self, item: str, detail: str) -> None:
        super().__init__(ErrorCode.PREPARE, f"{item}: {detail}")
        self.item = item


def check_pictures(task: Task) -> None:
    """Decode each picture nobody has decoded yet.

    Raises:
        PictureError: ``E_PREPARE`` naming the first that fails.
    """
    for member in task.unchecked(Kind.PICTURE):
        load(member)


def load(member: SetMember) -> Image.Image:
    """Decode a picture whole.

    Raises:
        PictureError: ``E_PREPARE``; it cannot be shown.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(member.file, formats=(_FORMATS[member.file.suffix.lower()],)) as image:
                if image.width * image.height > PIXELS_LIMIT:
                    raise PictureError(member.item, f"{image.width} x {image.height} pixels")
                image.load()
                return image
    except MemoryError as error:
        raise PictureError(member.item, "takes more memory than there is") from error
    except UnidentifiedImageError as error:
        raise PictureError(member.item, "is not what its name says") from error
    # Pillow's decoders raise these on hostile bytes, whatever the picture
    except (OSError, ValueError, SyntaxError, EOFError, struct.error, Image.DecompressionBombError) as error:
        raise PictureError(member.item, str(error) or type(error).__name__) from error
    except Image.DecompressionBombWarning as error:
        raise PictureError(member.item, "has more pixels than are decoded") from error
