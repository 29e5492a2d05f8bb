"""Writes whatever comes to hand, loses the server and its disk, restores, and compares with the model."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass

import hypothesis
import redis
from hypothesis import strategies as st
from hypothesis.errors import FlakyFailure
from hypothesis.stateful import RuleBasedStateMachine, rule, run_state_machine_as_test

from drill.arbitrary.model import Command, Database, Model
from drill.arbitrary.reading import held
from drill.backups import backup as backups
from drill.commands.runbook import Runbook
from drill.datasets.cache import fields_expire
from drill.errors import DrillError
from drill.evidence.attachments import attach_text
from drill.evidence.verdict import Disproof
from drill.fingerprints.redis.connection import RedisConnection
from drill.recoveries.recovery import lose_and_recover
from drill.stores import CacheStore
from drill.waiting import Patience, eventually

Vehicle = Callable[[RedisConnection, Sequence[Command]], object]
"""A way of sending several commands."""
EXAMPLES, STEPS = 6, 40
DATABASES = 3
# The years 2096 to 2127, in milliseconds: nothing ends while a drill lasts.
MOMENTS = st.integers(4_000_000_000_000, 5_000_000_000_000)
ODD = (b"", b"0", b"-7", b"xin ch\xc3\xa0o", bytes(range(256)), b"x" * 3000)


@st.composite
def _word(draw: st.DrawFn) -> bytes:
    """Return any bytes, or some that servers store in a way of their own."""
    number = draw(st.integers(0, 3 * len(ODD)))
    return ODD[number] if number < len(ODD) else draw(st.binary(max_size=40))


WORDS = _word()
SCORES = st.floats(allow_nan=False, width=64).map(lambda score: repr(score).encode())
BITS = st.integers(0, 300)
IDENTIFIERS = st.integers(1, 20).map(lambda number: b"%d-1" % number)
GROUPS = st.sampled_from([b"counters", b"\x00watchers"])
CONSUMERS = st.sampled_from([b"worker", b"\xff helper"])
# In steps of a hundred-thousandth of a degree, as cameras are mapped.
DEGREES = {
    limit: st.integers(-limit, limit).map(lambda number: b"%.5f" % (number / 1e5)) for limit in (8_500_000, 18_000_000)
}
BRIEF_MILLISECONDS = 700
"""So long some keys live on when a backup is about to be taken: they end on the way."""
EVERY = 5
"""Of so many keys one ends on the way."""
_SCRIPT = """
local place = 1
while ARGV[place] do
    local words = tonumber(ARGV[place])
    redis.pcall(unpack(ARGV, place + 1, place + words))
    place = place + words + 1
end
"""


def _keys(kind: bytes) -> st.SearchStrategy[bytes]:
    return st.sampled_from([kind, kind + b"\xff\x00", kind + b" c\xe1\xbb\xa7a b\xe1\xba\xa1n"])


KINDS = (b"text", b"list", b"set", b"hash", b"ranking", b"places", b"visitors", b"stream")
ANY_KEY = st.sampled_from(KINDS).flatmap(_keys)
TWO_KEYS = st.sampled_from(KINDS).flatmap(lambda kind: st.tuples(_keys(kind), _keys(kind)))


def _command(name: bytes, *parts: st.SearchStrategy[bytes] | st.SearchStrategy[int]) -> st.SearchStrategy[Command]:
    return st.tuples(st.just(name), *parts)


COMMANDS: st.SearchStrategy[Command] = st.one_of(
    _command(b"SET", _keys(b"text"), WORDS),
    _command(b"APPEND", _keys(b"text"), WORDS),
    _command(b"SETBIT", _keys(b"text"), BITS, st.integers(0, 1)),
    _command(b"RPUSH", _keys(b"list"), WORDS, WORDS),
    _command(b"LPOP", _keys(b"list")),
    _command(b"SADD", _keys(b"set"), WORDS, WORDS),
    _command(b"SREM", _keys(b"set"), WORDS),
    _command(b"HSET", _keys(b"hash"), WORDS, WORDS),
    _command(b"HDEL", _keys(b"hash"), WORDS),
    _command(b"HPEXPIREAT", _keys(b"hash"), WORDS, MOMENTS),
    _command(b"ZADD", _keys(b"ranking"), SCORES, WORDS),
    _command(b"ZREM", _keys(b"ranking"), WORDS),
    _command(b"GEOADD", _keys(b"places"), DEGREES[18_000_000], DEGREES[8_500_000], WORDS),
    _command(b"PFADD", _keys(b"visitors"), WORDS, WORDS),
    _command(b"XADD", _keys(b"stream"), WORDS, WORDS),
    _command(b"XDEL", _keys(b"stream"), IDENTIFIERS),
    _command(b"XGROUP CREATE", _keys(b"stream"), GROUPS),
    _command(b"XTRIM", _keys(b"stream"), st.integers(0, 6)),
    _command(b"XREADGROUP", _keys(b"stream"), GROUPS, CONSUMERS),
    _command(b"XCLAIM", _keys(b"stream"), GROUPS, CONSUMERS, st.integers(0, 20)),
    _command(b"XACK", _keys(b"stream"), GROUPS, IDENTIFIERS),
    _command(b"DEL", ANY_KEY),
    TWO_KEYS.map(lambda keys: (b"RENAME", *keys)),
    _command(b"MOVE", ANY_KEY, st.integers(0, DATABASES - 1)),
    _command(b"PEXPIREAT", ANY_KEY, MOMENTS),
    _command(b"PERSIST", ANY_KEY),
)


@dataclass(frozen=True, slots=True)
class Survival:
    """How often everything came back, and what did not, in words, where something did not."""

    times: int
    lost: str | None


def survive(store: CacheStore, *, runbook: Runbook, seed: int) -> Survival:
    """Have arbitrary content go through backup, disaster and restore, again and again until something is lost.

    Args:
        store: on a server that holds nothing.
        runbook: whose procedures are run.
        seed: the same seed writes the same.

    Raises:
        DrillError: the server does not hold what the model says before it is lost: the model is wrong.
    """
    survived: list[Model] = []

    @hypothesis.seed(seed)
    class Cache(_Cache):
        def __init__(self) -> None:
            super().__init__(store, runbook)

        def teardown(self) -> None:
            super().teardown()
            if self.model.held:
                survived.append(self.model)

    attach_text("seed of the writes", str(seed))
    settings = hypothesis.settings(
        max_examples=EXAMPLES,
        stateful_step_count=STEPS,
        database=None,
        deadline=None,
        phases=[hypothesis.Phase.generate],
        suppress_health_check=list(hypothesis.HealthCheck),
        print_blob=False,
    )
    try:
        run_state_machine_as_test(Cache, settings=settings)
    except Disproof as disproof:
        return Survival(len(survived), str(disproof))
    except FlakyFailure as not_again:
        # What was lost once was lost, though the same writes came back when they were made again.
        lost = not_again.subgroup(Disproof)
        if lost is None:
            raise
        return Survival(len(survived), str(_first(lost)))
    return Survival(len(survived), None)


def _first(group: BaseExceptionGroup[Disproof]) -> BaseException:
    found: BaseException = group
    while isinstance(found, BaseExceptionGroup):
        found = found.exceptions[0]
    return found


class _Cache(RuleBasedStateMachine):
    """Writes to one server, alone, in transactions and by scripts."""

    def __init__(self, store: CacheStore, runbook: Runbook) -> None:
        super().__init__()
        self.model = Model()
        self._store = store
        self._runbook = runbook
        self._identifiers = itertools.count(1)
        store.clear()
        with store.server.client() as client:
            self._fields_expire = fields_expire(client)

    @rule(database=st.integers(0, DATABASES - 1), command=COMMANDS)
    def write(self, database: int, command: Command) -> None:
        """Send one command by itself."""
        self._send(database, [command], _ask)

    @rule(database=st.integers(0, DATABASES - 1), commands=st.lists(COMMANDS, min_size=1, max_size=5))
    def transact(self, database: int, commands: list[Command]) -> None:
        """Send several commands in a transaction."""
        self._send(database, commands, _transact)

    @rule(database=st.integers(0, DATABASES - 1), commands=st.lists(COMMANDS, min_size=1, max_size=5))
    def run_script(self, database: int, commands: list[Command]) -> None:
        """Have a script send several commands."""
        self._send(database, commands, _run_script)

    @rule(database=st.integers(0, DATABASES - 1), key=_keys(b"stream"), group=GROUPS, number=st.integers(0, 20))
    def hand_over(self, database: int, key: bytes, group: bytes, number: int) -> None:
        """Have one consumer take work, and another one take it over: by chance alone both seldom meet."""
        taking = [(b"XGROUP CREATE", key, group), (b"XADD", key, b"n", b"v"), (b"XREADGROUP", key, group, b"worker")]
        self._send(database, taking, _ask)
        self._send(database, [(b"XCLAIM", key, group, b"\xff helper", number)], _ask)

    def teardown(self) -> None:
        """Lose everything, get it back and compare."""
        if not self.model.held:
            return
        if self.model.held != self._held():
            raise DrillError("the server does not hold what the model says", remedy="correct drill/arbitrary/model.py")
        brief, moment = self._end_some_soon()
        backup = backups.take(self._store, runbook=self._runbook)
        recovery = lose_and_recover(self._store, backup, backup_id=backup.id, runbook=self._runbook)
        eventually("the keys to end", lambda: self._milliseconds() > moment, Patience.SESSIONS_ENDED)
        for database, key in brief:
            self.model.forget(database, key)
        if self.model.held != self._held():
            raise Disproof(
                f"what was written did not come back: {self.model.held} expected, {self._held()} found",
                remedy=f"see what the restore said: {recovery.outcome}",
            )

    def _end_some_soon(self) -> tuple[list[tuple[int, bytes]], int]:
        """Have some keys end while the backup is on its way; return these, and when they do."""
        brief = [(database, key) for database, keys in self.model.held.items() for key in sorted(keys)[::EVERY]]
        moment = self._milliseconds() + BRIEF_MILLISECONDS
        for database, key in brief:
            with self._store.server.client(database) as client:
                client.pexpireat(key, moment)
        return brief, moment

    def _milliseconds(self) -> int:
        """Return the time by the server's clock."""
        with self._store.server.client() as client:
            seconds, microseconds = client.time()
        return int(seconds) * 1000 + int(microseconds) // 1000

    def _send(self, database: int, commands: Sequence[Command], vehicle: Vehicle) -> None:
        identified = [
            self._identified(database, command)
            for command in commands
            if command[0] != b"HPEXPIREAT" or self._fields_expire
        ]
        with self._store.server.client() as client, RedisConnection(client, database=database) as server:
            vehicle(server, [_words(command) for command in identified])
        for command in identified:
            self.model.apply(database, command)

    def _identified(self, database: int, command: Command) -> Command:
        """Give an entry of a stream an identifier that is newer than all before; claim what somebody works on."""
        if command[0] == b"XADD":
            return (b"XADD", command[1], b"%d-1" % next(self._identifiers), *command[2:])
        if command[0] == b"XCLAIM" and (pending := self.model.pending(database, *command[1:3])):
            return (*command[:-1], pending[int(command[-1]) % len(pending)])
        return command

    def _held(self) -> dict[int, Database]:
        with self._store.server.client() as client:
            return held(client, databases=DATABASES)


def _words(command: Command) -> Command:
    """Return a command with what the model takes for granted."""
    name, key, *arguments = command
    if name == b"XGROUP CREATE":
        return (b"XGROUP", b"CREATE", key, *arguments, b"0", b"MKSTREAM")
    if name == b"XREADGROUP":
        return (name, b"GROUP", *arguments, b"STREAMS", key, b">")
    if name == b"XCLAIM":
        group, consumer, identifier = arguments
        return (name, key, group, consumer, 0, identifier)
    if name == b"XTRIM":
        return (name, key, b"MAXLEN", *arguments)
    if name == b"HPEXPIREAT":
        hash_field, moment = arguments
        return (name, key, moment, b"FIELDS", 1, hash_field)
    return command


def _ask(server: RedisConnection, commands: Sequence[Command]) -> None:
    """Send commands; that there is no such key or already such a group is no news to the model."""
    for command in commands:
        with suppress(redis.ResponseError):
            server.ask(*command)


def _transact(server: RedisConnection, commands: Sequence[Command]) -> None:
    server.ask_all([("MULTI",), *commands, ("EXEC",)])


def _run_script(server: RedisConnection, commands: Sequence[Command]) -> None:
    flat = [word for command in commands for word in (len(command), *command)]
    server.ask("EVAL", _SCRIPT, 0, *flat)
