"""What holds for every test of the suite itself."""

import signal

import pytest


@pytest.fixture(scope="session", autouse=True)
def signals_are_heard():
    """Have programs that a test starts end by a signal also where `nohup` or a `&` had it ignored for all of us."""
    for number, handler in ((signal.SIGINT, signal.default_int_handler), (signal.SIGHUP, signal.SIG_DFL)):
        if signal.getsignal(number) is signal.SIG_IGN:
            signal.signal(number, handler)
