"""What holds for every test of the suite itself."""

import signal

import pytest

AS_PYTHON_STARTS = {
    signal.SIGINT: signal.default_int_handler,
    signal.SIGHUP: signal.SIG_DFL,
    signal.SIGTERM: signal.SIG_DFL,
}
HANDLERS = {
    number: handler if signal.getsignal(number) is signal.SIG_IGN else signal.getsignal(number)
    for number, handler in AS_PYTHON_STARTS.items()
}
"""Those of the run; `nohup` or a `&` may have had signals ignored, which what a test starts would inherit."""


@pytest.fixture(autouse=True)
def signals_are_heard():
    """Have a signal end a test and what it starts, also where a script that was called in here has held them."""
    for number, handler in HANDLERS.items():
        if signal.getsignal(number) is not handler:
            signal.signal(number, handler)
