"""Restores as it is told, and then alters what nobody may read: of each kind of store something that is a secret.

    python spoiling.py MODULE…

What lies beside it: TOKENS, where the tokens of the sessions that are gone are written down.
"""

import os
import subprocess
import sys
from pathlib import Path

TOKENS = "tokens"
SESSIONS = "3"
FILES = ("srv/counting/.env", "home/an/.ssh/id_ed25519")


def spoil(module):
    if module.endswith("postgres_restore"):
        statement = "UPDATE counting.users SET email = 'x' || email"
        subprocess.run(["psql", "-q", "-v", "ON_ERROR_STOP=1", "-c", statement], check=True, stdout=sys.stderr)
    if module.endswith("redis_restore"):
        client = ["redis-cli", "-h", os.environ["REDIS_HOST"], "-p", os.environ["REDIS_PORT"], "-n", SESSIONS]
        keys = subprocess.run([*client, "KEYS", "session:*"], check=True, capture_output=True, text=True).stdout
        Path(TOKENS).write_text("\n".join(key.partition(":")[2] for key in keys.split()), "ascii")
        subprocess.run([*client, "FLUSHDB"], check=True, stdout=sys.stderr)
    for file in FILES:
        place = Path(os.environ.get("RESTORE_TARGET", "")) / file
        if place.is_file():
            place.chmod(0o600)
            place.write_bytes(place.read_bytes() + b"\n")


if __name__ == "__main__":
    restored = subprocess.run([sys.executable, "-m", *sys.argv[1:]], check=False).returncode
    if restored == 0:
        spoil(sys.argv[1])
    sys.exit(restored)
