"""Workers that start while it is still being found out what there is to do, and get ready for it.

Nobody depends on it: what a worker could not do early it does when it is asked to.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from concurrent.futures import Future, wait
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

from mnistviz.export.video.encoder import Encoder, find_encoder
from mnistviz.export.workers import local
from mnistviz.storage.machine import without_collecting
from mnistviz.storage.signals import ASKING_SECONDS, check, undisturbed

if TYPE_CHECKING:
    from mnistviz.export.workers.local import LocalWorkers


@contextmanager
def early_workers(count: int) -> Iterator[LocalWorkers | None]:
    """So many processes, gone afterwards; None where there can be no processes."""
    try:
        workers = local.LocalWorkers(count)
    except local.NO_PROCESSES:
        yield None
        return
    try:
        yield workers
    finally:
        with undisturbed():
            workers.leave()


def warm_up_for_page(workers: LocalWorkers) -> None:
    """Have a worker import what the page takes and hash the code, while this process does something else."""
    with suppress(*workers.lost):  # found again when a job is handed out
        workers.hashed = workers.begin(_get_ready_for_page)
        workers.begin(_import_letters)


def warm_up_for_films(workers: LocalWorkers, hashing: bool) -> None:
    """Have the workers import what films take, and look for the encoder.

    Each hashes the code, for itself; `hashing`, this process will wait for it, too.
    """
    with suppress(*workers.lost):
        found = [workers.begin(_import_films) for _ in range(workers.count)]
        workers.hashed = found[0] if hashing else None
        workers.encoder = workers.begin(find_encoder)


def code_found(workers: LocalWorkers | None) -> str:
    """The code's hash, which a worker has found meanwhile; "" where none has."""
    hashed = workers.hashed if workers is not None else None
    if hashed is None:
        return ""
    await_heard(hashed)
    return "" if hashed.exception() else hashed.result()


def encoder_found(workers: LocalWorkers | None) -> Encoder:
    """The encoder, for which a worker has looked meanwhile; raises as `find_encoder`."""
    if workers is not None and workers.encoder is not None:
        await_heard(workers.encoder)
        if not workers.encoder.exception():
            return workers.encoder.result()
    return find_encoder()


def await_heard(promised: Future[Any]) -> None:
    """Wait until something promised is done; Ctrl-C is heard meanwhile."""
    while not promised.done():
        check()
        wait([promised], ASKING_SECONDS)


def _get_ready_for_page() -> str:
    """A process that makes one page does not look through it for rubbish, of which there is hardly any."""
    gc.disable()
    with without_collecting():
        from mnistviz.export.code import code_digest
        from mnistviz.export.page import caching, survey  # noqa: F401
        from mnistviz.export.raster import poster  # noqa: F401
        from mnistviz.export.workers import jobs  # noqa: F401

        return code_digest()


def _import_films() -> str:
    with without_collecting():
        from mnistviz.export.code import code_digest
        from mnistviz.export.video import encoding  # noqa: F401
        from mnistviz.export.workers import jobs  # noqa: F401

        return code_digest()


def _import_letters() -> None:
    """Import what outlines of letters take: nobody waits for it before the page's end."""
    import matplotlib.ft2font  # noqa: F401
