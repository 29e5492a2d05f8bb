"""A process that speaks to a Redis-protocol server when a signal comes in."""

import subprocess
import sys

SIGNALLED = """
import signal
from drill.servers.redis import TextPacker

def interrupt(*_):
    raise KeyboardInterrupt

signal.signal(signal.SIGALRM, interrupt)
packer, interrupted = TextPacker(), 0
while interrupted < 100:
    try:
        signal.setitimer(signal.ITIMER_REAL, 0.002)
        while True:
            packer.pack("RPUSH", "counts", *range(20))
    except KeyboardInterrupt:
        interrupted += 1
"""


def test_a_signal_amid_the_numbers_of_a_command_interrupts_and_does_not_kill():
    done = subprocess.run([sys.executable, "-c", SIGNALLED], check=False, timeout=60)

    assert 0 == done.returncode
