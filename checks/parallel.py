"""Work shared among processes: the one place that knows how it is done."""

import contextlib
import multiprocessing
import os
import pickle
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import contextmanager
from functools import partial
from importlib.machinery import PathFinder
from multiprocessing.context import BaseContext
from typing import Any, TypeVar

from gradcheck.checks.layers import UsageError

Item = TypeVar("Item")
Result = TypeVar("Result")

CONNECT_SECONDS = 10
CAN_WAIT = hasattr(signal, "pthread_sigmask")  # not on Windows
BACKENDS = ("loky", "dask", "ray")  # that joblib can be told to use
WORTH_A_PROCESS = 8  # layers; they take about a second, and a process starts in less than that


def worth(items: int) -> int:
    """How many processes pay for so many items on this machine."""
    return max(1, min(_processors(), items // WORTH_A_PROCESS))


def each(
    work: Callable[[Item], Result],
    items: Sequence[Item],
    jobs: int = 1,
    setup: Callable[[], None] | None = None,
    dumps: Callable[[Result], bytes | None] = pickle.dumps,
    backend: str = "",
) -> Iterator[tuple[int, Result]]:
    """The place of each item and what comes of it, as they are done; in order if `jobs` is 1.

    work   takes one item, and can be imported by another process
    jobs   how many processes; with one, or where none can be started, all is done in this one
    setup  is called first in every new process
    dumps  a result as bytes for `pickle.loads`; None if it cannot be sent: then this process
           does the work once more
    backend  of joblib, instead of processes on this machine: loky, ray, dask, or
             dask=ADDRESS of a scheduler

    What `work` raises is raised here, and then nothing more is started.
    """
    if backend:
        for place, sent in _by_joblib(partial(_placed, work, dumps, setup), items, jobs, backend):
            yield place, work(items[place]) if sent is None else pickle.loads(sent)
        return
    if jobs <= 1 or len(items) <= 1 or not _can_start():
        yield from enumerate(map(work, items))
        return
    with ProcessPoolExecutor(jobs, _context(), _begin, (setup,)) as pool:
        with _uninterrupted():  # the processes start here, and a pool that is half there hangs
            places = {pool.submit(_sent, work, item, dumps): k for k, item in enumerate(items)}
        try:
            for done in as_completed(places):
                place, sent = places[done], done.result()
                yield place, work(items[place]) if sent is None else pickle.loads(sent)
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise


def _begin(setup: Callable[[], None] | None) -> None:
    if signal.getsignal(signal.SIGINT) is not signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.SIG_DFL)  # ends it without a traceback of its own
    if CAN_WAIT:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
    if setup is not None:
        setup()


@contextmanager
def _uninterrupted() -> Iterator[None]:
    """Ctrl-C takes effect afterwards, where the system can wait with it."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT}) if CAN_WAIT else None
    try:
        yield
    finally:
        if before is not None:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _sent(
    work: Callable[[Item], Result], item: Item, dumps: Callable[[Result], bytes | None]
) -> bytes | None:
    return dumps(work(item))


def _by_joblib(
    work: Callable[[int, Item], tuple[int, bytes | None]],
    items: Sequence[Item],
    jobs: int,
    backend: str,
) -> Iterator[tuple[int, bytes | None]]:
    """Raises UsageError for a backend that is not known, not installed, or not reached."""
    name, _, address = backend.partition("=")
    if name not in BACKENDS or (address and name != "dask"):
        raise UsageError(f"--backend {backend}: there are {', '.join(BACKENDS)}, dask=ADDRESS")
    try:
        import joblib

        with contextlib.ExitStack() as started:
            if name == "dask":
                from distributed import Client

                started.enter_context(_dask(Client, address, jobs))
            elif name == "ray":
                from ray.util.joblib import register_ray

                register_ray()
            started.enter_context(joblib.parallel_config(name, n_jobs=jobs))
            tasks = (joblib.delayed(work)(place, item) for place, item in enumerate(items))
            yield from joblib.Parallel(return_as="generator_unordered")(tasks)
    except ImportError as error:
        package = (error.name or name).partition(".")[0]
        raise UsageError(f"--backend {backend} needs {package}; pip install {package}") from error


def _dask(client: Callable[..., Any], address: str, jobs: int) -> Any:
    """A client of a scheduler, or of workers on this machine, of which each has one thread."""
    if not address:
        return client(n_workers=jobs, threads_per_worker=1, dashboard_address=None)
    try:
        return client(address, timeout=CONNECT_SECONDS)
    except (OSError, ValueError) as error:
        raise UsageError(f"--backend dask={address}: no scheduler answers there") from error


def _placed(
    work: Callable[[Item], Result],
    dumps: Callable[[Result], bytes | None],
    setup: Callable[[], None] | None,
    place: int,
    item: Item,
) -> tuple[int, bytes | None]:
    if setup is not None:
        setup()
    return place, _sent(work, item, dumps)


def _context() -> BaseContext:
    """Linux copies this process with all it has imported; elsewhere that is not safe."""
    return multiprocessing.get_context("fork" if sys.platform == "linux" else "spawn")


def _can_start() -> bool:
    """A process that copies nothing has to find gradcheck, which lies in no path in a clone."""
    return _context().get_start_method() == "fork" or PathFinder.find_spec("gradcheck") is not None


def _processors() -> int:
    if sys.platform == "linux":
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
