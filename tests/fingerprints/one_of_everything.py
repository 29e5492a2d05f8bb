"""One of everything that a Redis server can hold."""

# The year 2100, in milliseconds.
FAR = 4_102_444_800_000
LIBRARY = "#!lua name=shop\nredis.register_function('greet', function(keys, args) return 'xin chào' end)"


def fill(client, other):
    client.set("text", "giá trị")
    client.set(b"\xff\x00raw", bytes(range(256)))
    client.set("empty", "")
    client.set("number", 7)
    client.set("session", "x")
    client.pexpireat("session", FAR)
    client.rpush("list", "a", "b", "b", "c")
    client.sadd("set", "a", "b", "1")
    client.sadd("numbers", 1, 2, 3)
    client.hset("hash", mapping={"a": "1", "b": "2", "": "rỗng"})
    client.zadd("ranking", {"a": 1.5, "b": 0.1, "c": float("inf"), "d": -0.0})
    client.pfadd("visitors", *range(100))
    client.setbit("bits", 1000, 1)
    for number in range(1, 8):
        client.xadd("stream", {"n": number, "tên": "máy"}, id=f"5-{number}")
    client.xgroup_create("stream", "workers", id="0")
    client.xgroup_create("stream", "watchers", id="$")
    client.xreadgroup("workers", "one", {"stream": ">"}, count=3)
    client.xreadgroup("workers", "two", {"stream": ">"}, count=1)
    client.xack("stream", "workers", "5-1")
    client.xdel("stream", "5-7")
    names = [f"{number:060}" for number in range(400)]
    client.rpush("long list", *names)
    client.sadd("large set", *names)
    client.hset("large hash", mapping=dict.fromkeys(names, "x"))
    client.zadd("large ranking", {name: number / 3 for number, name in enumerate(names)})
    client.set("large text", b"x" * 300_000)
    other.set("elsewhere", "y")
    client.function_load(LIBRARY)
    client.acl_setuser("app", enabled=True, passwords=["+hunter2"], keys=["app:*"], commands=["+get"])


KEYS = "keys of database 0"
