"""A time limit for code that is not ours."""

import contextlib
import signal
import threading
import time
from collections.abc import Iterator
from types import FrameType

from gradcheck.checks.layers import UsageError

AGAIN = 0.5  # seconds: code that swallowed the interruption is interrupted once more


class TimeUp(BaseException):
    """The time is up; no `except Exception` of a user's code may swallow it."""


@contextlib.contextmanager
def time_limit(seconds: float, what: str = "the check") -> Iterator[None]:
    """Stop what runs inside after `seconds`, with a `UsageError`; 0 for no limit.

    Needs signals: in another thread than the main one, and on Windows, there is no limit. A single
    call into C is interrupted only when it returns.
    """
    main = threading.current_thread() is threading.main_thread()
    if seconds <= 0 or not main or not hasattr(signal, "setitimer"):
        yield
        return
    running = True

    def stop(number: int, frame: FrameType | None) -> None:
        if running:
            raise TimeUp

    started = time.monotonic()
    previous = signal.signal(signal.SIGALRM, stop)
    remaining, interval = signal.setitimer(signal.ITIMER_REAL, seconds, AGAIN)
    try:
        try:
            yield
        finally:
            running = False  # from here on nothing is interrupted
    except TimeUp:
        raise UsageError(
            f"{what} was stopped after {seconds:g} s; check smaller inputs with --shape, or allow "
            f"more time"
        ) from None
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, previous)
        if remaining:  # a limit around this one goes on
            left = remaining - (time.monotonic() - started)
            signal.setitimer(signal.ITIMER_REAL, max(left, 1e-3), interval)
