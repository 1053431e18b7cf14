"""A figure: a median of several runs, against a reference that was measured in the same run."""

from dataclasses import dataclass
from operator import ge, le
from statistics import median
from typing import Any, Final

_KEEPS: Final = {"≥": ge, "≤": le}


@dataclass(frozen=True)
class Goal:
    """What a figure should be: ``≥`` or ``≤`` a bound."""

    sign: str
    bound: float

    def __str__(self) -> str:
        return f"{self.sign} {self.bound:g}"

    def met_by(self, value: float) -> bool:
        return bool(_KEEPS[self.sign](value, self.bound))


@dataclass(frozen=True)
class Figure:
    """One row of the table and of ``build/bench.json``.

    Attributes:
        values: One per run; the median is the figure.
        reference: What it was measured against, with its value.
    """

    name: str
    values: tuple[float, ...]
    unit: str
    reference: str
    goal: Goal | None = None

    @property
    def value(self) -> float:
        return median(self.values)

    @property
    def met(self) -> bool | None:
        return self.goal.met_by(self.value) if self.goal else None

    def row(self) -> dict[str, Any]:
        return {
            "figure": self.name,
            "value": round(self.value, 4),
            "unit": self.unit,
            "reference": self.reference,
            "goal": str(self.goal) if self.goal else None,
            "met": self.met,
            "runs": [round(value, 4) for value in self.values],
        }
