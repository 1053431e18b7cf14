"""Which of several brokers to use: the first that answers, and back to a better one when it answers again; pure.

    brokers, best first:   edge ── fails ──► office ── after a while, and only if the edge takes TLS ──► edge
                             │── each that fails rests: 1 s, 2 s, … 60 s, jittered; the best one is looked at
                             │   after 2 min, doubling to 1 h while it does not hold
                             └── says for a minute that it lacks the office itself, and the office takes TLS ──► office

A broker that held a good session is tried once more before another. One session at a time: the old one ends before the
next begins. An edge that is cut off together with its booths keeps them: what a gate says to itself goes on. Time in
seconds comes as an argument.
"""

from collections.abc import Callable
from typing import Final

SHORTEST_REST_S: Final = 1.0
LONGEST_REST_S: Final = 60.0
HELD_S: Final = 5.0
"""After a session that lasted this long its broker is tried again at once: a line cut often is no dead broker."""
AT_ONCE_S: Final = 0.4
"""What at once means: booths that lose the same broker in the same moment come back spread over this time."""
STEADY_S: Final = 30.0
"""A session that lasted this long was a good one: its broker is tried once more before another."""
FIRST_LOOK_S: Final = 120.0
LONGEST_LOOK_S: Final = 3600.0
PATIENCE: Final = 0.5
"""Share of the first look's time for which the best broker may lack the office before the next one is looked at."""
LEFT_S: Final = 10.0
"""So long a broker that was left, not lost, waits behind the one it was left for."""
PROVEN_S: Final = 600.0
"""A better broker that held a session this long is looked at early again when it is lost."""


class Choice:
    """The brokers of one plane.

    Args:
        count: How many there are, best first.
        draw: Uniform random number between two bounds.
        first_look_s: How long to stay with another before looking at the best one.
        shortest_rest_s: After the first failure; then it doubles.
    """

    def __init__(
        self,
        count: int,
        draw: Callable[[float, float], float],
        first_look_s: float = FIRST_LOOK_S,
        shortest_rest_s: float = SHORTEST_REST_S,
    ) -> None:
        self._draw = draw
        self._first_look_s = first_look_s
        self._patience_s = PATIENCE * first_look_s
        self._again: int | None = None
        self._leaving = False
        self._shortest_rest_s = shortest_rest_s
        self._rests = [shortest_rest_s] * count
        self._ready_at = [0.0] * count
        self._look_s = first_look_s
        self._look_at: float | None = None
        self._began: float | None = None
        self._current = 0
        self._returned = False

    def next(self, now: float) -> tuple[int, float]:
        """Return which broker to try next, and how many seconds to wait before."""
        if self._again is not None:
            return self._again, max(self._ready_at[self._again] - now, 0.0)
        ready = [number for number, at in enumerate(self._ready_at) if at <= now]
        number = ready[0] if ready else min(range(len(self._ready_at)), key=self._ready_at.__getitem__)
        return number, max(self._ready_at[number] - now, 0.0)

    def connected(self, now: float, number: int) -> None:
        """A session with this broker began."""
        self._began = now
        self._current = number
        self._look_at = now + self._jittered(self._look_s) if number else None

    def ended(self, now: float, number: int) -> None:
        """The session with this broker, or the attempt, has ended by itself."""
        lasted = now - self._began if self._began is not None else 0.0
        self._began = self._look_at = self._again = None
        if self._leaving:
            self._leaving = False
            return
        if lasted >= STEADY_S:
            self._again = number
        if lasted >= HELD_S:
            self._rests[number] = self._shortest_rest_s
            self._ready_at[number] = now + self._draw(0.0, min(AT_ONCE_S, self._shortest_rest_s))
        else:
            self._ready_at[number] = now + self._jittered(self._rests[number])
            self._rests[number] = min(2 * self._rests[number], LONGEST_REST_S)
        if number == 0:
            self._held(lasted)

    def uplink(self, now: float, *, up: bool) -> None:
        """The broker in use says whether it reaches the office itself."""
        if self._current != 0 or self._began is None or len(self._ready_at) == 1:
            return
        if up:
            self._look_at = None
        elif self._look_at is None:
            again = self._returned and now - self._began < STEADY_S
            self._look_at = now if again else now + self._jittered(self._patience_s)

    def looks(self, now: float) -> int | None:
        """Return which broker to look at now, without a session: does it answer?"""
        if self._look_at is None or now < self._look_at:
            return None
        return 0 if self._current else 1

    def looked(self, now: float, *, answers: bool) -> None:
        """The broker that :meth:`looks` named was looked at; if it answers, end the session: :meth:`next` names it."""
        if answers:
            lasted = now - self._began if self._began is not None else 0.0
            self._began = self._look_at = None
            self._leaving = True
            if self._current:
                self._ready_at[0] = now
                self._returned = True
            else:
                self._ready_at[0], self._ready_at[1] = now + LEFT_S, now
                self._held(lasted)
        else:  # a look is cheap: only a broker that answers and does not hold is looked at ever less
            self._look_at = now + self._jittered(self._look_s if self._current else self._patience_s)

    def _held(self, lasted_s: float) -> None:
        """The best broker is lost or left: how soon to look at it again."""
        if lasted_s >= PROVEN_S:
            self._look_s = self._first_look_s
        elif self._returned:
            self._look_s = min(2 * self._look_s, LONGEST_LOOK_S)
        self._returned = False

    def _jittered(self, seconds: float) -> float:
        return jittered(seconds, self._draw)


def jittered(wait: float, draw: Callable[[float, float], float]) -> float:
    """Return a pause of half to the whole of ``wait`` seconds, so that a gate does not come back as a herd."""
    return draw(0.5, 1.0) * wait
