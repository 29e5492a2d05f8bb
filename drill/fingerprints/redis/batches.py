"""Walking over the keys of a database index: what each is, and the values that are small, a batch at a time.

One call takes a step of the scan and reads what it found, so that no name has to be sent back. Its answer is one piece,
unpacked while the next call is under way: server and reader each have a processor of their own. A call ends early where
the values are not so small after all, so that no other client of the server waits for long.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

import msgpack

from drill.fingerprints.redis.connection import RedisConnection

READ = 1000
"""How many keys one call reads."""
SMALL = 16 << 10
"""Up to how many bytes of memory a value is read whole, together with the rest of its batch."""
ALLOWANCE = 512 << 10
"""After how many bytes of values a call ends; the rest of the batch is asked for again."""
NEVER = -1
"""The expiry of what has none; of the others it is a Unix time in milliseconds."""
_START, _END = b"0", b"0"
# Time stands still in a script: a key that is there when its type is told is there for its value, too.
_READ = """
local small, allowance, fields_expire = tonumber(ARGV[1]), tonumber(ARGV[2]), ARGV[3] == '1'
local cursor, count, names = ARGV[4], tonumber(ARGV[5]), KEYS
local call = redis.call
local whole = {list = {'LRANGE', '0', '-1'}, set = {'SMEMBERS'}, hash = {'HGETALL'},
    zset = {'ZRANGE', '0', '-1', 'WITHSCORES'}}

local function field_expiries(key, encoding, flat)
    -- Where a field expires, a server keeps a hash in another way than this.
    if not fields_expire or encoding == 'listpack' then return {} end
    local fields = {}
    for number = 1, #flat, 2 do fields[#fields + 1] = flat[number] end
    return call('HPEXPIRETIME', key, 'FIELDS', #fields, unpack(fields))
end

-- What a string takes of the allowance, which short ones need none of; nothing of a key of another type. What a module
-- keeps is said to be raw, too.
local function length(key, encoding)
    if encoding == 'embstr' or encoding == 'int' then return 0 end
    return encoding == 'raw' and call('TYPE', key).ok == 'string' and call('STRLEN', key)
end

local function read(key, encoding)
    local kind = call('TYPE', key).ok
    local weight = whole[kind] and call('MEMORY', 'USAGE', key) or 0
    if not whole[kind] or weight > small then return kind, nil, weight end
    local value = call(whole[kind][1], key, unpack(whole[kind], 2))
    return kind, kind == 'hash' and {value, field_expiries(key, encoding, value)} or value, weight
end

if #names == 0 then
    local step = call('SCAN', cursor, 'COUNT', count)
    cursor, names = step[1], step[2]
end

local strings, expiries, others, found = {}, {}, {}, 0
-- A step of the scan finds some more than it is asked for, and very many while the server shrinks its table.
local last, limit = 0, math.min(2 * count, #names)
while last < limit and allowance >= 0 do
    last = last + 1
    local key = names[last]
    local encoding = call('OBJECT', 'ENCODING', key)
    local weight = length(key, encoding)
    if weight and weight <= small then
        found = found + 1
        strings[found], expiries[found] = key, call('PEXPIRETIME', key)
    else
        local kind, value
        kind, value, weight = read(key, encoding)
        others[#others + 1] = {key, kind, call('PEXPIRETIME', key), value}
    end
    allowance = allowance - weight
end
-- All strings come by one call.
local values = found > 0 and call('MGET', unpack(strings)) or {}

local rest = {}
for number = last + 1, #names do rest[#rest + 1] = names[number] end
return {cursor, last, rest, cmsgpack.pack({strings, expiries, values, others})}
"""


class Key(NamedTuple):
    """A key that is no small string: its name, type, expiry and, where it is small, value.

    The value of a hash is [[field, value, …], [expiry of a field, …]]; the second is empty where fields cannot expire.
    """

    name: bytes
    kind: bytes
    expires: int
    value: Any = None

    @property
    def ends(self) -> int | None:
        """When it expires; None: never."""
        return None if self.expires == NEVER else self.expires


@dataclass(frozen=True, slots=True)
class Batch:
    """Some keys: of those that are small strings the names, expiries and values, and all others."""

    names: list[bytes]
    expiries: list[int]
    values: list[bytes]
    others: list[Key]


class Walk:
    """Walks over every key of the database index that a connection has selected; nobody else may use the connection.

    SCAN may return a key twice while the server shrinks its table: then more keys are yielded than there are.
    """

    def __init__(self, server: RedisConnection, *, fields_expire: bool) -> None:
        self._server = server
        self._limits = (SMALL, ALLOWANCE, int(fields_expire))

    def __iter__(self) -> Iterator[Batch]:
        """Yield the keys batch by batch."""
        cursor, names = _START, list[bytes]()
        self._ask(cursor, names)
        while True:
            cursor, answered, rest, packed = self._server.receive()
            names = rest + names
            over = not names and cursor == _END
            if not over:
                # Twice as many as the last time: no name is sent again and again because the values are large.
                at_most = min(READ, 2 * answered)
                self._ask(cursor, names[:at_most])
                names = names[at_most:]
            yield _batch(packed)
            if over:
                return

    def _ask(self, cursor: bytes, names: list[bytes]) -> None:
        """Ask for keys by name, or for what the scan finds next; the server works on it until it is received."""
        self._server.send([("EVAL_RO", _READ, len(names), *names, *self._limits, cursor, READ)])


def _batch(packed: bytes) -> Batch:
    strings, expiries, values, others = msgpack.unpackb(packed, raw=True)
    return Batch(strings, expiries, values, [Key(*other) for other in others])
