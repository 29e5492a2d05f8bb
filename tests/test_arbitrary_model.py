"""The model does what the server's commands do; where it does not, the drill itself stops, and these say why."""

import pytest

from drill.arbitrary.model import Entry, Model, Stream

SCORE = 3973593206938934.0
COMMANDS = [
    ([(0, (b"SET", b"a", b"1")), (0, (b"PEXPIREAT", b"a", 5)), (0, (b"SET", b"a", b"2"))], {0: {b"a": Entry(b"2")}}),
    (
        [(0, (b"SET", b"a", b"1")), (0, (b"PEXPIREAT", b"a", 5)), (0, (b"APPEND", b"a", b"2"))],
        {0: {b"a": Entry(b"12", 5)}},
    ),
    ([(0, (b"RPUSH", b"a", b"1", b"2")), (0, (b"LPOP", b"a"))], {0: {b"a": Entry([b"2"])}}),
    ([(0, (b"RPUSH", b"a", b"1")), (0, (b"LPOP", b"a")), (0, (b"LPOP", b"a"))], {}),
    ([(0, (b"SADD", b"a", b"1")), (0, (b"SREM", b"a", b"1"))], {}),
    ([(0, (b"HSET", b"a", b"n", b"v")), (0, (b"HDEL", b"a", b"m"))], {0: {b"a": Entry({b"n": b"v"})}}),
    ([(0, (b"ZADD", b"a", b"1.5", b"m"))], {0: {b"a": Entry({b"m": 1.5})}}),
    ([(0, (b"SET", b"a", b"1")), (0, (b"MOVE", b"a", 2))], {2: {b"a": Entry(b"1")}}),
    (
        [(0, (b"SET", b"a", b"1")), (2, (b"SET", b"a", b"2")), (0, (b"MOVE", b"a", 2))],
        {0: {b"a": Entry(b"1")}, 2: {b"a": Entry(b"2")}},
    ),
    ([(0, (b"SET", b"a", b"1")), (0, (b"MOVE", b"a", 0))], {0: {b"a": Entry(b"1")}}),
    (
        [(0, (b"SET", b"a", b"1")), (0, (b"PEXPIREAT", b"a", 5)), (0, (b"RENAME", b"a", b"b"))],
        {0: {b"b": Entry(b"1", 5)}},
    ),
    ([(0, (b"RENAME", b"a", b"b"))], {}),
    ([(0, (b"SET", b"a", b"1")), (0, (b"PEXPIREAT", b"a", 5)), (0, (b"PERSIST", b"a"))], {0: {b"a": Entry(b"1")}}),
    (
        [
            (0, (b"XGROUP CREATE", b"a", b"g")),
            (0, (b"XADD", b"a", b"9-1", b"n", b"v")),
            (0, (b"XADD", b"a", b"10-1", b"n", b"w")),
            (0, (b"XREADGROUP", b"a", b"g", b"c")),
        ],
        {
            0: {
                b"a": Entry(
                    Stream(
                        {b"9-1": (b"n", b"v"), b"10-1": (b"n", b"w")},
                        {b"g": (b"10-1", {b"9-1": (b"c", 1), b"10-1": (b"c", 1)})},
                        b"10-1",
                    )
                )
            }
        },
    ),
    ([(0, (b"XREADGROUP", b"a", b"g", b"c"))], {}),
    ([(0, (b"SETBIT", b"a", 9, 1))], {0: {b"a": Entry(b"\x00\x40")}}),
    ([(0, (b"SET", b"a", b"\xff")), (0, (b"SETBIT", b"a", 0, 0))], {0: {b"a": Entry(b"\x7f")}}),
    ([(0, (b"XADD", b"a", b"1-1", b"n", b"v")), (0, (b"XDEL", b"a", b"1-1"))], {0: {b"a": Entry(Stream(last=b"1-1"))}}),
    (
        [
            (0, (b"XADD", b"a", b"1-1", b"n", b"v")),
            (0, (b"XADD", b"a", b"2-1", b"n", b"v")),
            (0, (b"XGROUP CREATE", b"a", b"g")),
            (0, (b"XREADGROUP", b"a", b"g", b"c")),
            (0, (b"XACK", b"a", b"g", b"1-1")),
            (0, (b"XDEL", b"a", b"2-1")),
            (0, (b"XACK", b"a", b"nobody", b"2-1")),
        ],
        {0: {b"a": Entry(Stream({b"1-1": (b"n", b"v")}, {b"g": (b"2-1", {b"2-1": (b"c", 1)})}, b"2-1"))}},
    ),
    (
        [
            (0, (b"XADD", b"a", b"1-1", b"n", b"v")),
            (0, (b"XADD", b"a", b"2-1", b"n", b"v")),
            (0, (b"XGROUP CREATE", b"a", b"g")),
            (0, (b"XREADGROUP", b"a", b"g", b"c")),
            (0, (b"XTRIM", b"a", 1)),
            (0, (b"XCLAIM", b"a", b"g", b"d", b"1-1")),
            (0, (b"XCLAIM", b"a", b"g", b"d", b"2-1")),
            (0, (b"XCLAIM", b"a", b"g", b"d", b"3-1")),
        ],
        {0: {b"a": Entry(Stream({b"2-1": (b"n", b"v")}, {b"g": (b"2-1", {b"2-1": (b"d", 2)})}, b"2-1"))}},
    ),
    (
        [(0, (b"HSET", b"a", b"n", b"v")), (0, (b"HPEXPIREAT", b"a", b"n", 5)), (0, (b"HPEXPIREAT", b"a", b"m", 5))],
        {0: {b"a": Entry({b"n": b"v"}, field_ends={b"n": 5})}},
    ),
    (
        [(0, (b"HSET", b"a", b"n", b"v")), (0, (b"HPEXPIREAT", b"a", b"n", 5)), (0, (b"HSET", b"a", b"n", b"w"))],
        {0: {b"a": Entry({b"n": b"w"})}},
    ),
    # As Redis and Valkey place it.
    ([(0, (b"GEOADD", b"a", b"105.85416", b"21.02851", b"m"))], {0: {b"a": Entry({b"m": SCORE})}}),
]


@pytest.mark.parametrize(("commands", "held"), COMMANDS)
def test_the_model_holds_what_the_commands_leave(commands, held):
    model = Model()
    for database, command in commands:
        model.apply(database, command)

    assert held == model.held
