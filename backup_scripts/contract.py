"""What every script owes its caller: errors, exit statuses, signals, the clock and the environment.

A script is a function from its arguments to one JSON object, or to a context that gives it and ends when it was told:
what the next run knows a whole restore by, as long as nobody was told of it, is removed there. `run` calls it and keeps
the promises:

- progress and diagnostics go to stderr; the last line of stdout is the JSON object;
- an error reads ``error: <slug>: <what, where, what to do>``;
- exit status 0 done and verified, 1 failed, 2 wrong arguments, 3 refused with the target untouched;
- SIGTERM, SIGINT and SIGHUP end the script through its clean-up, with status 1.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import signal
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from functools import partial
from types import FrameType
from typing import ClassVar, NoReturn

Result = Mapping[str, object]
Script = Callable[[Sequence[str]], Result | AbstractContextManager[Result]]
LONGEST_TERM = 365_250  # days
ATTENTION = 1.0  # second
SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


class ScriptError(Exception):
    """Something that the operator can put right; says what, where and what to do."""

    status: ClassVar[int] = 1

    def __init__(self, slug: str, message: str) -> None:
        super().__init__(f"{slug}: {message}")
        self.slug = slug


class Failed(ScriptError):
    """The work was begun and did not succeed, or could not be begun."""


class WrongArguments(ScriptError):
    """The command line or the environment says something that cannot be."""

    status = 2


class Refused(ScriptError):
    """The artefact or the target is not what it must be; nothing was touched."""

    status = 3


class Interrupted(ScriptError):
    """A signal asked the script to end; no failure that somebody may handle and go on."""


class Arguments(argparse.ArgumentParser):
    """A command line whose help is the module's docstring and whose errors obey the contract."""

    def __init__(self, manual: str | None) -> None:
        # A width that is given spares the import of what finds out the terminal's.
        layout = partial(argparse.RawDescriptionHelpFormatter, width=110)
        super().__init__(description=manual, formatter_class=layout)

    def error(self, message: str) -> NoReturn:
        """Report what argparse found in the contract's words."""
        raise WrongArguments("wrong-arguments", f"{message}; see --help")


class Clock:
    """The time of day, which BACKUP_NOW replaces; durations always come from the monotonic clock."""

    def __init__(self) -> None:
        given = os.environ.get("BACKUP_NOW")
        self.started = moment(given, where="BACKUP_NOW") if given else datetime.now(UTC)
        self._monotonic = time.monotonic()

    def seconds(self) -> float:
        """Seconds since the clock was made."""
        return time.monotonic() - self._monotonic

    def now(self) -> datetime:
        """The present moment in UTC."""
        return self.started + timedelta(seconds=self.seconds())


def moment(text: str, *, where: str) -> datetime:
    """Read an RFC 3339 time that names its offset, as UTC.

    Raises:
        WrongArguments: the text is no time, or a time without an offset.
    """
    try:
        parsed = datetime.fromisoformat(text)
    except ValueError:
        parsed = None
    if parsed is None or parsed.tzinfo is None:
        raise WrongArguments(
            "wrong-time", f"{where} is {text!r}; give an RFC 3339 time with its offset, as 2026-11-23T02:00:00Z"
        )
    return parsed.astimezone(UTC)


def required(name: str) -> str:
    """Return an environment variable that must be set.

    Raises:
        WrongArguments: it is missing or empty.
    """
    value = os.environ.get(name)
    if not value:
        raise WrongArguments("environment-missing", f"{name} is not set; see --help for what it must hold")
    return value


def whole_number(name: str, *, default: int) -> int:
    """Return an environment variable that counts something, at least one.

    Raises:
        WrongArguments: it is set and is no such number.
    """
    return positive(os.environ.get(name, str(default)), where=name)


def positive(text: str, *, where: str) -> int:
    """Read a whole number of at least one.

    Raises:
        WrongArguments: the text is none.
    """
    if not (text.isascii() and text.isdigit() and int(text) > 0):
        raise WrongArguments("wrong-number", f"{where} is {text!r}; give a whole number of at least 1")
    return int(text)


def term(text: str, *, where: str) -> timedelta:
    """Read how long something is kept, in days: at least one, and no more than a calendar has room for.

    Raises:
        WrongArguments: the text is no such number.
    """
    days = positive(text, where=where)
    if days > LONGEST_TERM:
        raise WrongArguments("wrong-number", f"{where} is {text!r}; give at most {LONGEST_TERM} days, a thousand years")
    return timedelta(days=days)


def say(*messages: str) -> None:
    """Tell the operator about progress, a line for each message; all of them at once, for there may be very many."""
    sys.stderr.write("".join(f"{message}\n" for message in messages))
    sys.stderr.flush()


def refuse_any(wrong: Sequence[ScriptError]) -> None:
    """Tell all that was found to be wrong, if anything was.

    Raises:
        ScriptError: the first of it.
    """
    for error in wrong[1:]:
        say(f"error: {error}")
    if wrong:
        raise wrong[0]


def run(script: Script, arguments: Sequence[str] | None) -> int:
    """Run one script under the contract and return its exit status."""
    os.umask(0o077)
    for number in SIGNALS:
        if signal.getsignal(number) is not signal.SIG_IGN:  # nohup keeps its meaning
            signal.signal(number, _interrupt)
    try:
        with contextlib.ExitStack() as until_told:
            with _listening():
                done = script(sys.argv[1:] if arguments is None else arguments)
                result = until_told.enter_context(done) if isinstance(done, AbstractContextManager) else done
            hold_signals()  # what is told is done
            sys.stdout.write(json.dumps(result) + "\n")
            sys.stdout.flush()
    except ScriptError as error:
        say(f"error: {error}")
        return error.status
    return 0


def leave(status: int) -> NoReturn:
    """End this process with an exit status, at once.

    What Python would clear away before goes with the process anyway, and takes a sixth of the time of a short run.
    """
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)


@contextlib.contextmanager
def _listening() -> Iterator[None]:
    """Break off every wait for an instant, time and again.

    Python acts on a signal between two steps of its own: on one that comes after the last step before a wait, only when
    that wait is over, which may be hours.
    """
    signal.signal(signal.SIGALRM, _hold)
    signal.setitimer(signal.ITIMER_REAL, ATTENTION, ATTENTION)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


def hold_signals() -> None:
    """Let no signal stop what must now be finished: a step that cannot be undone, or a clean-up."""
    for number in SIGNALS:
        signal.signal(number, _hold)  # a handler, because children would inherit SIG_IGN


def _hold(_number: int, _frame: FrameType | None) -> None: ...


def _interrupt(number: int, _frame: FrameType | None) -> NoReturn:
    hold_signals()
    raise Interrupted("interrupted", f"ended by {signal.Signals(number).name}; run it again")
