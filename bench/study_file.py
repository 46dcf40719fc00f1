"""The SQLite file in which a run's Optuna studies lie, for optuna-dashboard."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from optuna.exceptions import StorageInternalError
from optuna.storages import BaseStorage, RDBStorage
from sqlalchemy.engine import URL
from sqlalchemy.exc import SQLAlchemyError

from bench.errors import BenchError
from bench.interrupts import unbroken

BESIDE = ("", "-journal", "-wal", "-shm")
"""What SQLite keeps of one file, by what follows its name."""
LONGEST_PATH = 504
"""Bytes of an absolute path that SQLite takes."""


@contextmanager
def study_storage(path: Path) -> Iterator[BaseStorage]:
    """A fresh file for the studies of one run; BenchError where it cannot be written, then or later.

    Fresh, because the records are the truth: the studies are told from them again at each start.
    """
    path = path.absolute()
    if len(bytes(path)) > LONGEST_PATH:
        raise BenchError(
            f"cannot write {path}: SQLite takes a path of at most {LONGEST_PATH} bytes; choose another"
        )
    try:
        for ending in BESIDE:
            path.with_name(path.name + ending).unlink(missing_ok=True)
        with unbroken():
            storage = RDBStorage(_url(path))
    except (OSError, SQLAlchemyError, StorageInternalError) as error:
        raise _unwritable(path, error) from error
    try:
        yield storage
    except (SQLAlchemyError, StorageInternalError) as error:
        raise _unwritable(path, error) from error
    finally:
        with suppress(SQLAlchemyError):
            storage.remove_session()
        storage.engine.dispose()


def _url(path: Path) -> str:
    """The file as SQLAlchemy names it; what is a mark to SQLAlchemy or to Optuna is escaped."""
    url = URL.create("sqlite", database=str(path)).render_as_string()
    return url.replace("{", "{{").replace("}", "}}")


def _unwritable(path: Path, error: Exception) -> BenchError:
    """The reason is SQLite's own, which stands at the end of the chain of causes."""
    cause: BaseException = error
    while cause.__cause__ is not None:
        cause = cause.__cause__
    reason = getattr(cause, "strerror", None) or cause
    return BenchError(f"cannot write {path}: {reason}; what was finished is kept")
