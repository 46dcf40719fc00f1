"""The Optuna study behind a variant's tuning: sampler, pruner, first questions, and its SQLite file."""

import math
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import optuna
from optuna.distributions import BaseDistribution, FloatDistribution
from optuna.exceptions import StorageInternalError
from optuna.pruners import BasePruner, MedianPruner, NopPruner, SuccessiveHalvingPruner
from optuna.samplers import BaseSampler, RandomSampler, TPESampler
from optuna.storages import BaseStorage, RDBStorage
from sqlalchemy.engine import URL
from sqlalchemy.exc import SQLAlchemyError

from bench.io.errors import BenchError, deferred_signals
from bench.plan import Plan, tuning_lineage
from bench.seeds import derive_seed
from bench.tuning.trials import first_learning_rates
from variants import Variant

SQLITE_FILES = ("", "-journal", "-wal", "-shm")
"""What SQLite keeps of one file, by what follows its name."""
MAX_PATH_LENGTH = 504
"""Bytes of an absolute path that SQLite takes."""


def new_study(plan: Plan, variant: str, storage: optuna.storages.BaseStorage | None = None) -> optuna.Study:
    """An empty study that minimises, its first trials spread evenly over the range where the plan says so."""
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    with deferred_signals():
        study = optuna.create_study(storage=storage, study_name=variant, pruner=make_pruner(plan))
        for lr in first_learning_rates(plan):
            study.enqueue_trial({"lr": lr})
    return study


def search_space(plan: Plan, variant: type[Variant]) -> dict[str, BaseDistribution]:
    """The learning rate, on a log scale, and the variant's own hyperparameters."""
    return {"lr": FloatDistribution(plan.lr_low, plan.lr_high, log=True), **variant.space}


def make_sampler(plan: Plan, variant: str, number: int) -> BaseSampler:
    """The sampler for one round, seeded by plan, variant and round: never by what ran before."""
    seed = derive_seed("sampler", plan.seed, variant, number) % 2**32
    first = tuning_lineage(plan)[0].trials
    if plan.sampler != "tpe":
        return RandomSampler(seed)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
        return TPESampler(n_startup_trials=math.ceil(first / 2), constant_liar=True, seed=seed)


def make_pruner(plan: Plan) -> BasePruner:
    """The plan's pruner; none ends a trial before a third of its epochs, for a good one may start late."""
    patience = max(1, plan.tune_epochs // 3)
    if plan.pruner == "median":
        first = tuning_lineage(plan)[0].trials
        return MedianPruner(n_startup_trials=math.ceil(first / 4), n_warmup_steps=patience)
    if plan.pruner == "halving":
        return SuccessiveHalvingPruner(min_resource=patience, reduction_factor=2)
    return NopPruner()


@contextmanager
def study_storage(path: Path) -> Iterator[BaseStorage]:
    """A fresh file for the studies of one run; BenchError where it cannot be written, then or later.

    Fresh, because the records are the truth: the studies are told from them again at each start.
    """
    path = path.absolute()
    if len(bytes(path)) > MAX_PATH_LENGTH:
        raise BenchError(
            f"cannot write {path}: SQLite takes a path of at most {MAX_PATH_LENGTH} bytes; choose another"
        )
    try:
        for ending in SQLITE_FILES:
            path.with_name(path.name + ending).unlink(missing_ok=True)
        with deferred_signals():
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
