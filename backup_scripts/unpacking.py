"""Stored tar archives, unpacked and verified in one reading: hash | decrypt | decompress | tar.

Every byte is hashed on its way, so that a stored file is read once; whoever unpacks does so into a staging
directory, and gets an error before that becomes anything else.
"""

from __future__ import annotations

import hashlib
import io
import subprocess
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import IO, Any, NamedTuple

try:
    from isal import isal_zlib as zlib  # takes half the time
except ImportError:  # nobody has built it for this kind of machine
    import zlib  # type: ignore[no-redef,unused-ignore]

from backup_scripts import files, programs
from backup_scripts.contract import Failed, Refused, ScriptError
from backup_scripts.encryption import Identity
from backup_scripts.manifest import StoredFile
from backup_scripts.programs import Finished, Hearing, Owner
from backup_scripts.repository import ANOTHER, writing_to

# Not gzip: zlib takes a third of the time that the program gzip does, and one pipe less.
DECOMPRESSED_BY = {".zst": ("zstd", "-dc", "--quiet"), ".lz4": ("lz4", "-dc")}
# Records of a megabyte: in those of 10 KiB that tar takes by itself, 340 MB are 20,000 waits for the pipe, not 600.
RECORDS = ("--blocking-factor=2048", "--read-full-records")
TAR = ("tar", "--extract", "--file=-", *RECORDS, "--preserve-permissions", "--no-same-owner", "--touch")
GZIP = zlib.MAX_WBITS | 16  # tells zlib to expect gzip's header and trailer
CHUNK = 1 << 20  # bytes


class Packed(NamedTuple):
    """One stored file of a backup, and the directory that it is to be unpacked to, or copied into if it is no tar."""

    backup: Path
    file: StoredFile
    target: Path
    encrypted: bool

    @property
    def source(self) -> Path:
        """Where it is stored."""
        return self.backup / self.file.path


def _judge(finished: Finished, archive: Path) -> ScriptError | None:
    """Say what was wrong with how a program ended; None where nothing was."""
    return finished.failure("restore-failed", f"while {archive} was unpacked") if finished.status else None


class Unpacking:
    """Unpacks many files at once, as the owner of what comes out; `tar` and `judge` suit what was packed."""

    __slots__ = ("_ended", "_running", "identity", "judge", "owner", "tar")

    def __init__(
        self,
        owner: Owner | None,
        identity: Identity | None,
        tar: Sequence[str] = TAR,
        judge: Callable[[Finished, Path], ScriptError | None] = _judge,
    ) -> None:
        self.owner = owner
        self.identity = identity
        self.tar = tar
        self.judge = judge
        self._running: list[subprocess.Popen[bytes]] = []
        self._ended = threading.Event()

    def unpack(self, packed: Sequence[Packed], *, jobs: int) -> None:
        """Unpack and verify all of them; the first that fails ends the others.

        Raises:
            Refused: ``checksum-mismatch``, ``file-unreadable``, ``wrong-key``.
            Failed: ``tool-missing``, ``disk-full``, ``restore-failed``.
        """
        largest_first = sorted(packed, key=lambda each: each.file.size, reverse=True)
        with ThreadPoolExecutor(jobs) as pool:
            futures: list[Future[None]] = []
            try:
                for each in largest_first:
                    futures.append(pool.submit(self._unpack, each))  # noqa: PERF401 - a signal may come in between
                wait(futures, return_when="FIRST_EXCEPTION")
                problems = [future.exception() for future in futures if future.done()]
                if problem := next(filter(None, problems), None):
                    raise problem
            finally:
                self._end(futures)

    def _end(self, futures: Sequence[Future[None]]) -> None:
        """Stop what is not finished: readers at their next chunk, and programs whatever they are doing."""
        self._ended.set()
        for future in futures:
            future.cancel()
        for process in self._running:
            if process.poll() is None:
                process.terminate()

    def _unpack(self, packed: Packed) -> None:
        try:
            stored = packed.source.open("rb", buffering=0)
        except OSError as error:
            raise Refused("file-unreadable", f"{packed.source}: {error.strerror}; {ANOTHER}") from None
        with stored:
            reader = _Reader(stored, self._ended)
            problem: ScriptError | None = None
            try:
                self._consume(packed, reader)
            except ScriptError as error:
                problem = error
            # Whatever tar made of it: an altered file is named as such.
            if (found := reader.rest()) != packed.file.sha256:
                what = f"its SHA-256 is {found}, not {packed.file.sha256}"
                raise Refused("checksum-mismatch", f"{packed.source}: {what}; {ANOTHER}")
            if problem:
                raise problem

    def _consume(self, packed: Packed, reader: _Reader) -> None:
        name = Path(packed.file.plain_path)
        if ".tar" not in name.suffixes:
            target = packed.target / name
            with writing_to(target, slug="target-unwritable"), target.open("wb") as copy:
                self._copy(packed, reader, copy)
            if self.owner:
                self.owner.take(target)
            return
        commands: list[Sequence[str]] = [[*self.tar, f"--directory={packed.target}"]]
        if name.suffix in DECOMPRESSED_BY:
            commands.insert(0, DECOMPRESSED_BY[name.suffix])
        for finished in self._piped(packed, commands, reader):
            if problem := self.judge(finished, packed.source):
                raise problem

    def _piped(self, packed: Packed, commands: Sequence[Sequence[str]], reader: _Reader) -> list[Finished]:
        """Feed the programs, one into the next; return how they ended, the last one first."""
        with ExitStack() as stack:
            running: list[subprocess.Popen[bytes]] = []
            for command in commands:
                stdin = running[-1].stdout if running else None
                running.append(stack.enter_context(programs.started(command, owner=self.owner, stdin=stdin)))
                self._running.append(running[-1])
                if self._ended.is_set():  # too late to be ended with the others
                    running[-1].terminate()
                if stdin:
                    programs.widen(stdin)
                    stdin.close()
            hearings = [Hearing(process, aloud=False) for process in running]
            assert running[0].stdin
            with suppress(BrokenPipeError), running[0].stdin as sink:
                programs.widen(sink)
                self._feed(packed, reader, sink)
            finished = [hearing.finished(command[0]) for hearing, command in zip(hearings, commands, strict=True)]
            return finished[::-1]

    def _feed(self, packed: Packed, reader: _Reader, sink: IO[bytes]) -> None:
        if not packed.file.plain_path.endswith(".gz"):
            self._copy(packed, reader, sink)
            return
        inflating = _Inflating(sink)
        self._copy(packed, reader, inflating)
        inflating.finish()

    def _copy(self, packed: Packed, reader: _Reader, sink: IO[bytes] | io.RawIOBase) -> None:
        if packed.encrypted and self.identity:
            self.identity.decrypt(reader, sink)
        else:
            reader.pour(sink)


class _Inflating(io.RawIOBase):
    """Decompresses what is written to it, one gzip after the other, and hands it on."""

    def __init__(self, sink: IO[bytes]) -> None:
        super().__init__()
        self._sink = sink
        self._inflate = zlib.decompressobj(GZIP)

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        rest = data
        try:
            while rest:
                if self._inflate.eof:
                    self._inflate = zlib.decompressobj(GZIP)
                self._sink.write(self._inflate.decompress(rest, CHUNK))
                rest = self._inflate.unused_data if self._inflate.eof else self._inflate.unconsumed_tail
        except zlib.error as error:  # type: ignore[misc,unused-ignore]
            raise Failed("restore-failed", f"what was stored is no gzip ({error}); {ANOTHER}") from None
        return len(data)

    def finish(self) -> None:
        """Hand on the last of it."""
        self._sink.write(self._inflate.flush())
        if not self._inflate.eof:
            raise Failed("restore-failed", f"what was stored is half a gzip; {ANOTHER}")


class _Reader(io.RawIOBase):
    """Reads a file once and hashes it on the way."""

    def __init__(self, file: io.FileIO, ended: threading.Event) -> None:
        super().__init__()
        self._file = file
        self._ended = ended
        self._hash = hashlib.sha256()
        self._buffer = memoryview(bytearray(files.READ_AT_ONCE))

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        if self._ended.is_set():
            raise Failed("interrupted", "another part of the restore has failed; see there")
        try:
            count = self._file.readinto(buffer)
        except OSError as error:
            raise Refused("file-unreadable", f"{self._file.name}: {error.strerror}; {ANOTHER}") from None
        self._hash.update(memoryview(buffer)[:count])
        return count

    def pour(self, sink: IO[bytes] | io.RawIOBase) -> None:
        """Hand all of it on, through one buffer: `read` would make a new one for every chunk, and copy it."""
        while count := self.readinto(self._buffer):
            sink.write(self._buffer[:count])

    def rest(self) -> str:
        """Read what nobody wanted, and return the SHA-256 of the whole file."""
        while self.readinto(self._buffer):
            pass
        return self._hash.hexdigest()
