"""Work that is done beside other work, in a thread; for the scripts that would start faster without a whole pool."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator
from typing import TypeVar

T = TypeVar("T")


@contextlib.contextmanager
def beside(act: Callable[[], T]) -> Iterator[Callable[[], T]]:
    """Do something beside all that is done meanwhile; give what waits for its end, and returns or raises what it does.

    It has ended when this is left, unless by an error: nobody has to wait for it then.
    """
    found: list[T] = []
    failed: list[Exception] = []

    def work() -> None:
        try:
            found.append(act())
        except Exception as error:  # noqa: BLE001 - raised again where somebody waits for it
            failed.append(error)

    def outcome() -> T:
        working.join()
        for error in failed:
            raise error
        return found[0]

    working = threading.Thread(target=work, daemon=True)
    working.start()
    yield outcome
    working.join()
