"""Millimetres on the glass: sizes for fingers and eyes, whatever the panel's pixels are.

The style sheet counts in ``--mm``; 15 mm are 61 pixels on a 21.5-inch Full HD panel and 88 on a 10.1-inch one.
"""

from dataclasses import dataclass
from math import hypot
from typing import Final, Self

from mqtt.contract.state import Panel

MM_PER_INCH: Final = 25.4
UNKNOWN: Final = Panel(output="", role="lookup", width_px=1080, height_px=1920, diagonal_inch=21.5)
"""What a booth without a look-up panel in its identity is taken for."""


@dataclass(frozen=True)
class Glass:
    """How many pixels a millimetre is."""

    px_per_mm: float

    @classmethod
    def of(cls, panel: Panel | None) -> Self:
        """Compute it from pixels and diagonal."""
        panel = panel or UNKNOWN
        return cls(hypot(panel.width_px, panel.height_px) / (panel.diagonal_inch * MM_PER_INCH))

    @property
    def css(self) -> str:
        """The one rule that the style sheet builds on."""
        return f":root{{--mm:{self.px_per_mm:.4f}px}}\n"
