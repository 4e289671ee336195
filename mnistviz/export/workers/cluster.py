"""Workers on a Dask cluster that is already running; segments come back as bytes.

Such a cluster runs whatever anybody who can reach it sends: keep it on a network that you trust.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from concurrent.futures import CancelledError, Executor, Future
from contextlib import contextmanager
from typing import Any

from mnistviz.errors import InputError, MachineError
from mnistviz.export.code import code_digest, other_fonts
from mnistviz.export.video import encoder
from mnistviz.export.video.segments import Plan
from mnistviz.export.workers.jobs import Job, Workers, do_job, store
from mnistviz.storage.cache import Cache

ANSWER_SECONDS = 10
WORKERS_SECONDS = 30
LEAVE_SECONDS = 1.0
_ADDRESS = re.compile(r"((tcp|tls|ucx|wss?)://)?[^\s:/][^\s/]*:\d{1,5}")


def check_address(address: str) -> None:
    """Raises `InputError` for what can be no scheduler's address."""
    if _ADDRESS.fullmatch(address) is None:
        raise _no_address(address)


def _no_address(address: str) -> InputError:
    return InputError("not the address of a Dask cluster", address, "write it as tcp://HOST:8786")


class ClusterWorkers:
    """The workers of a cluster; those that it loses, it replaces by itself."""

    def __init__(self, client: Any, plan: Plan, cache: Cache) -> None:
        from distributed.comm import CommClosedError
        from distributed.scheduler import KilledWorker

        self.lost: tuple[type[Exception], ...] = (KilledWorker, CommClosedError, CancelledError)
        self._client, self._plan, self._cache = client, plan, cache
        self._executor: Executor = client.get_executor(pure=False)
        self.renew()

    def submit(self, job: Job) -> Future[Any]:
        """Hand a job out."""
        return self._executor.submit(_do, self._scattered_plan, job)

    def collect(self, job: Job, result: Any) -> Any:
        """The page as it came, or the segments, put into the cache."""
        return store(self._cache, self._plan, job, result)

    def renew(self) -> None:
        """Spread the plan to all workers: those who had it may be gone."""
        try:
            self._client.wait_for_workers(1, timeout=WORKERS_SECONDS)
            self._scattered_plan = self._client.scatter(self._plan, broadcast=True, hash=False)
        except (OSError, TimeoutError) as error:
            raise MachineError(
                "the Dask cluster has no workers", "", "start some: dask worker ADDRESS"
            ) from error


def _do(plan: Plan, job: Job) -> Any:
    """What a cluster's worker does."""
    import cv2

    cv2.setNumThreads(1)
    found = encoder.find_encoder()
    fonts = plan.fonts and other_fonts()
    if (code_digest(), fonts, found.version) != (plan.code, plan.fonts, plan.encoder):
        what = "a worker of the cluster has another version of mnistviz, a library, a font or ffmpeg"
        raise MachineError(what, "", "install there what is installed here")
    return do_job(plan, job, found.program, None)


@contextmanager
def cluster_workers(plan: Plan, address: str, cache: Cache) -> Iterator[Workers]:
    """The workers of a running Dask cluster.

    Raises `InputError` where `distributed` is not installed, `MachineError` where nobody answers.
    """
    try:
        from distributed import Client
    except ModuleNotFoundError:
        raise InputError("--cluster needs distributed", "", 'pip install "mnistviz[cluster]"') from None
    try:
        client = Client(address, timeout=ANSWER_SECONDS, set_as_default=False)
    except (OSError, TimeoutError) as error:
        raise MachineError("no Dask cluster answers", address, "start one, or check its address") from error
    except ValueError as error:
        raise _no_address(address) from error
    try:
        yield ClusterWorkers(client, plan, cache)
    finally:
        client.close(timeout=LEAVE_SECONDS)
