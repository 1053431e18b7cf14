"""The line does what it says, or every figure measured through it is worthless."""

import socket
import threading
import time
from collections.abc import Iterator

import pytest

from tests.world.line import Line, Quality


class Echo:
    """A server on loopback that sends back what it gets."""

    def __init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while True:
            try:
                peer, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(peer,), daemon=True).start()

    @staticmethod
    def _serve(peer: socket.socket) -> None:
        with peer:
            try:
                while data := peer.recv(65536):
                    peer.sendall(data)
            except OSError:
                return

    def close(self) -> None:
        self._listener.close()


@pytest.fixture
def echo() -> Iterator[Echo]:
    server = Echo()
    yield server
    server.close()


def _connect(line: Line) -> socket.socket:
    return socket.create_connection(("127.0.0.1", line.port), timeout=5)


def _read(peer: socket.socket, size: int) -> bytes:
    data = b""
    while len(data) < size and (piece := peer.recv(65536)):
        data += piece
    return data


def test_bytes_arrive_whole_and_in_order_however_they_are_sliced(echo: Echo) -> None:
    sent = bytes(range(256)) * 500
    with Line(echo.port, Quality(slice_bytes=7)) as line, _connect(line) as peer:
        threading.Thread(target=peer.sendall, args=(sent,)).start()
        assert _read(peer, len(sent)) == sent
        assert line.carried == (len(sent), len(sent))


def test_a_line_is_as_slow_and_as_late_as_it_says(echo: Echo) -> None:
    """Not a promise of speed: a lower bound that physics gives."""
    with Line(echo.port, Quality(rate=1e6, delay_s=0.05)) as line, _connect(line) as peer:
        began = time.monotonic()
        peer.sendall(b"x")
        assert _read(peer, 1) == b"x"
        assert time.monotonic() - began >= 0.1
        began = time.monotonic()
        threading.Thread(target=peer.sendall, args=(bytes(200_000),)).start()
        _read(peer, 200_000)
        assert time.monotonic() - began >= 0.2 + 0.1


def test_a_cut_breaks_connections_and_refuses_new_ones_until_mended(echo: Echo) -> None:
    with Line(echo.port) as line:
        peer = _connect(line)
        peer.sendall(b"x")
        assert _read(peer, 1) == b"x"
        line.cut()
        with pytest.raises(ConnectionError):
            _must_receive(peer)
        with pytest.raises(ConnectionError):
            _must_receive(_connect(line))
        line.mend()
        with _connect(line) as again:
            again.sendall(b"y")
            assert _read(again, 1) == b"y"


def test_a_black_hole_keeps_the_connection_and_swallows_the_bytes(echo: Echo) -> None:
    with Line(echo.port) as line, _connect(line) as peer:
        peer.sendall(b"x")
        assert _read(peer, 1) == b"x"
        line.black_hole()
        peer.sendall(b"y")
        peer.settimeout(0.2)
        with pytest.raises(TimeoutError):
            peer.recv(1)
        line.mend()
        peer.settimeout(5)
        peer.sendall(b"z")
        assert _read(peer, 1) == b"z"


def test_a_black_hole_swallows_also_the_end_of_a_connection(echo: Echo) -> None:
    """And costs nothing while it does: the line can still be mended and closed at once."""
    with Line(echo.port) as line:
        with _connect(line) as peer:
            peer.sendall(b"x")
            assert _read(peer, 1) == b"x"
            line.black_hole()
        began = time.monotonic()
    assert time.monotonic() - began < 2


def _must_receive(peer: socket.socket) -> None:
    with peer:
        if not peer.recv(1):
            raise ConnectionResetError


def test_a_sparse_flow_overtakes_what_waits_on_the_same_wire(echo: "Echo") -> None:
    """As flow queueing does; on a wire that serves who comes first it waits behind all of it."""
    took = {}
    for first in (True, False):
        with (
            Line(echo.port, Quality(rate=100_000), first=first) as thin,
            Line(echo.port, Quality(rate=100_000), beside=thin) as thick,
            _connect(thick) as many,
            _connect(thin) as few,
        ):
            many.sendall(bytes(60_000))
            time.sleep(0.1)
            begin = time.monotonic()
            few.sendall(b"now")
            assert few.recv(3) == b"now"
            took[first] = time.monotonic() - begin
    assert took[True] < took[False] / 3
