"""Stands before the container engine on a socket of its own, and dies when the first container is to be killed.

python mortal_engine.py ENGINE_SOCKET OWN_SOCKET
"""

from __future__ import annotations

import asyncio
import os
import sys

DIED_AS_INTENDED = 9


async def serve(engine_path, own_path):
    async def connected(reader, writer):
        engine_reader, engine_writer = await asyncio.open_unix_connection(engine_path)
        await asyncio.gather(passed(reader, engine_writer, asked=True), passed(engine_reader, writer, asked=False))

    async with await asyncio.start_unix_server(connected, own_path) as server:
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        await server.serve_forever()


async def passed(reader, writer, *, asked):
    while data := await reader.read(65536):
        # The drill kills its server as the disaster demands: that is the middle of the run.
        if asked and b"/kill" in data.partition(b"\r\n")[0]:
            os._exit(DIED_AS_INTENDED)
        writer.write(data)
        await writer.drain()
    if writer.can_write_eof():
        writer.write_eof()


if __name__ == "__main__":
    asyncio.run(serve(*sys.argv[1:]))
