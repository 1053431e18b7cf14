"""A blob that is still arriving: its bytes at their places, and a bitmap of the chunks that were verified.

    partial/{sha256}        the bytes, sparse
    partial/{sha256}.map    one byte per chunk: 1 = verified and written

Data reaches the disk before the bitmap that vouches for it. Should a power cut still leave a hole, the digest of the
whole finds it, the chunks are verified again one by one, and only the bad ones are fetched again.
"""

import os
from contextlib import ExitStack
from hashlib import file_digest, sha256
from pathlib import Path
from typing import Final, Self

from appliance.errors import DeviceError, ErrorCode
from appliance.lib import files
from mqtt.contract.chunks import ChunkIndex
from mqtt.contract.releases import BlobRef

FLUSH_BYTES: Final = 4 * 1024 * 1024


class Partial:
    """One arriving blob. Closing it loses nothing."""

    def __init__(self, folder: Path, blob: BlobRef, index: ChunkIndex) -> None:
        self.blob = blob
        self.index = index
        self._path = folder / blob.sha256
        self._map_path = folder / f"{blob.sha256}.map"
        self._unsynced = 0
        self._map = self._read_map()
        with ExitStack() as opened:
            self._file = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o644)
            opened.callback(os.close, self._file)
            self._map_file = os.open(self._map_path, os.O_RDWR | os.O_CREAT, 0o644)
            opened.callback(os.close, self._map_file)
            os.ftruncate(self._file, blob.size)
            os.ftruncate(self._map_file, len(self._map))
            _write_all(self._map_file, bytes(self._map), 0)
            opened.pop_all()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    @property
    def missing(self) -> list[int]:
        """Numbers of the chunks not yet here, ascending."""
        return [number for number, have in enumerate(self._map) if not have]

    @property
    def have_bytes(self) -> int:
        """Bytes verified so far."""
        return sum(chunk.length for chunk, have in zip(self.index.chunks, self._map, strict=True) if have)

    def write(self, number: int, data: bytes) -> None:
        """Keep a verified chunk.

        Raises:
            DeviceError: ``E_DISK``; nothing is lost, try again when there is space.
        """
        chunk = self.index.chunks[number]
        try:
            _write_all(self._file, data, chunk.offset)
            self._unsynced += chunk.length
            if self._unsynced >= FLUSH_BYTES:
                self.flush()
            self._map[number] = 1
            _write_all(self._map_file, b"\1", number)
        except OSError as error:
            raise DeviceError(ErrorCode.DISK, f"{error.strerror} while writing {self.blob.sha256[:12]}") from error

    def flush(self) -> None:
        """Bring data and then the bitmap to the disk.

        Raises:
            DeviceError: ``E_DISK``; what the disk has lost by it is found and fetched again at the end.
        """
        try:
            os.fdatasync(self._file)
            os.fdatasync(self._map_file)
        except OSError as error:
            raise DeviceError(ErrorCode.DISK, f"{error.strerror} while writing {self.blob.sha256[:12]}") from error
        self._unsynced = 0

    def finish(self, destination: Path) -> bool:
        """Verify the whole and move it to its place; False when chunks turned out bad and are missing again.

        Raises:
            DeviceError: ``E_DISK``.
        """
        try:
            os.fsync(self._file)
            with self._path.open("rb") as file:
                if file_digest(file, "sha256").hexdigest() != self.blob.sha256:
                    self._check_again()
                    return False
            files.make_folder(destination.parent)
            self._path.replace(destination)
            files.sync_folder(destination.parent)
            self._map_path.unlink()
        except OSError as error:
            raise DeviceError(ErrorCode.DISK, f"{error.strerror} while finishing {self.blob.sha256[:12]}") from error
        return True

    def close(self) -> None:
        """Flush and release the files; what was verified stays.

        Raises:
            DeviceError: ``E_DISK``, as :meth:`flush`; the files are released all the same.
        """
        if self._file >= 0:
            try:
                self.flush()
            finally:
                os.close(self._file)
                os.close(self._map_file)
                self._file = -1

    def _read_map(self) -> bytearray:
        count = len(self.index.chunks)
        stored = self._map_path.read_bytes() if self._map_path.exists() and self._path.exists() else b""
        return bytearray(stored) if len(stored) == count else bytearray(count)

    def _check_again(self) -> None:
        for number, chunk in enumerate(self.index.chunks):
            data = os.pread(self._file, chunk.length, chunk.offset)
            self._map[number] = sha256(data).digest() == chunk.digest
        _write_all(self._map_file, bytes(self._map), 0)
        self.flush()


def _write_all(file: int, data: bytes, offset: int) -> None:
    """Write every byte: a disk that fills up takes a part first and raises only when asked again."""
    while data:
        written = os.pwrite(file, data, offset)
        data, offset = data[written:], offset + written
