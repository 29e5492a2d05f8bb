"""Walking over the keys of a database index: what each is, and the values that are small, a batch at a time.

One call answers for a whole batch, and the next one is on its way while a batch is worked on: server and reader each
have a processor of their own. A call ends early where the values are not so small after all, so that no other client of
the server waits for long.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from drill.fingerprints.redis.connection import RedisConnection

SCANNED = 2000
"""How many keys one step of the scan asks for."""
READ = 500
"""How many keys one call reads."""
AHEAD = 3
"""How many calls are under way at once."""
SMALL = 16 << 10
"""Up to how many bytes of memory a value is read whole, together with the rest of its batch."""
ALLOWANCE = 128 << 10
"""After how many bytes of values a call ends; the rest of the batch is asked for again."""
_START, _END = b"", b"0"
# Time stands still in a script: a key that is there when its type is told is there for its value, too.
_READ = """
local small, allowance, fields_expire = tonumber(ARGV[1]), tonumber(ARGV[2]), ARGV[3] == '1'
local call = redis.call
local whole = {list = {'LRANGE', '0', '-1'}, set = {'SMEMBERS'}, hash = {'HGETALL'},
    zset = {'ZRANGE', '0', '-1', 'WITHSCORES'}}

-- Which of the keys from one to another are short strings, by their place, and these; of all others the encoding.
local function short_strings(first, last)
    local short, encodings = {}, {}
    for number = first, last do
        local encoding = call('OBJECT', 'ENCODING', KEYS[number])
        if encoding == 'embstr' or encoding == 'int' then
            short[#short + 1] = KEYS[number]
            encoding = true
        end
        encodings[number - first + 1] = encoding
    end
    return encodings, #short > 0 and call('MGET', unpack(short))
end

local function field_expiries(key, encoding, flat)
    -- Where a field expires, a server keeps a hash in another way than this.
    if not fields_expire or encoding == 'listpack' then return {} end
    local fields = {}
    for number = 1, #flat, 2 do fields[#fields + 1] = flat[number] end
    return call('HPEXPIRETIME', key, 'FIELDS', #fields, unpack(fields))
end

local function read(key, encoding)
    local kind = call('TYPE', key).ok
    if kind == 'string' then
        local value = call('GETRANGE', key, 0, small)
        return kind, #value <= small and value, #value
    end
    local weight = whole[kind] and call('MEMORY', 'USAGE', key) or 0
    if not whole[kind] or weight > small then return kind, false, weight end
    local value = call(whole[kind][1], key, unpack(whole[kind], 2))
    return kind, kind == 'hash' and {value, field_expiries(key, encoding, value)} or value, weight
end

-- The short strings of some keys come by one call. Not of all keys, as the rest of them may have to be asked for again.
local at_once = 50
local encodings, short, place
local found, filled = {}, 0
for number, key in ipairs(KEYS) do
    local nth = (number - 1) % at_once + 1
    if nth == 1 then
        encodings, short = short_strings(number, math.min(number + at_once - 1, #KEYS))
        place = 0
    end
    local kind, value, weight = 'string', nil, 0
    if encodings[nth] == true then
        place = place + 1
        value = short[place]
        weight = #value
    else
        kind, value, weight = read(key, encodings[nth])
    end
    found[filled + 1], found[filled + 2], found[filled + 3] = kind, call('PEXPIRETIME', key), value
    filled = filled + 3
    allowance = allowance - weight
    if allowance < 0 then break end
end
return found
"""


@dataclass(frozen=True, slots=True)
class Batch:
    """Some keys: each one's name, type, expiry (-1: never) and, where it is small, value.

    The value of a hash is [[field, value, …], [expiry of a field, …]]; the second is empty where fields cannot expire.
    """

    names: list[bytes]
    kinds: list[bytes]
    expiries: list[int]
    values: list[Any]


class Walk:
    """Walks over every key of the database index that a connection has selected; nobody else may use the connection.

    SCAN may return a key twice while the server shrinks its table: then more keys are yielded than there are.
    """

    def __init__(self, server: RedisConnection, *, fields_expire: bool) -> None:
        self._server = server
        self._limits = (SMALL, ALLOWANCE, int(fields_expire))
        self._cursor = _START
        # What is known and not yet asked for, and the names of each call that is under way (None: a step of the scan).
        self._waiting: list[bytes] = []
        self._under_way: deque[list[bytes] | None] = deque()

    def __iter__(self) -> Iterator[Batch]:
        """Yield the keys batch by batch."""
        self._ask()
        while self._under_way:
            names = self._under_way.popleft()
            reply = self._server.receive()
            if names is None:
                self._cursor, found = reply
                self._waiting += dict.fromkeys(found)
                self._ask()
                continue
            answered = len(reply) // 3
            self._waiting += names[answered:]
            self._ask()
            yield Batch(names[:answered], reply[::3], reply[1::3], reply[2::3])

    def _ask(self) -> None:
        """Keep the server busy while its last answer is worked on."""
        if self._cursor != _END and None not in self._under_way and len(self._waiting) < SCANNED:
            self._under_way.append(None)
            self._server.send([("SCAN", self._cursor or 0, "COUNT", SCANNED)])
        while self._waiting and len(self._under_way) < AHEAD:
            names, self._waiting = self._waiting[:READ], self._waiting[READ:]
            self._under_way.append(names)
            self._server.send([("EVAL_RO", _READ, len(names), *names, *self._limits)])
