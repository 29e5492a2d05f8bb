"""What holds for every test of the suite itself."""

import signal

import pytest

from drill.evidence import keys

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


@pytest.fixture(scope="session")
def pair(tmp_path_factory):
    """The keys that sign and verify what tests seal."""
    return keys.create(tmp_path_factory.mktemp("keys") / "pair")


@pytest.fixture(scope="session")
def signer(pair):
    return keys.signer_from({keys.VARIABLE: str(pair.private)})


@pytest.fixture(scope="session")
def public(pair):
    return [keys.public_key(pair.public)]
