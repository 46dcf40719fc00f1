"""Training one unit: the epoch loop, what it tells of itself, and what happens to members that end early."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from math import inf, isfinite

import torch
from torch import Tensor

from bench.data.split import Split
from bench.io.clock import Clock
from bench.plan import Plan
from bench.records.jobs import Progress, Tell
from bench.records.metrics import Epoch
from bench.records.records import TESTED_STAGES, Outcome, Record, Status, Unit
from bench.seeds import derive_seed
from bench.training.checkpoint import Checkpoint, CheckpointState
from bench.training.evaluate import evaluate, measure_outcome
from bench.training.population import Population
from variants import Variant

Prune = Callable[[int, Mapping[int, float]], Collection[int]]
"""The members to end after this epoch (from 1), given the validation errors of those still training."""


def keep_all(epoch: int, valid_mse: Mapping[int, float]) -> Collection[int]:
    """Prune none."""
    del epoch, valid_mse
    return ()


@dataclass(frozen=True)
class Result:
    """A trained unit: one record a member, and the tested model with the lowest validation error."""

    records: tuple[Record, ...]
    best: Variant | None


@dataclass
class _Curve:
    """One member's learning curve so far."""

    status: Status = "ok"
    history: tuple[Epoch, ...] = ()


def train(
    unit: Unit,
    variant: type[Variant],
    plan: Plan,
    split: Split,
    tell: Tell = lambda _: None,
    prune: Prune = keep_all,
    checkpoint: Checkpoint | None = None,
    clock: Clock | None = None,
) -> Result:
    """Train the unit's members together; a pure function of the unit, the plan, the data and what is pruned.

    checkpoint: goes on from it if it holds something of the unit, and leaves the state there now and then;
    clock: where the time of training and evaluation is added.
    """
    clock = clock or Clock()
    torch.set_float32_matmul_precision("high" if plan.precision == "tf32" else "highest")
    population = Population(variant, plan.widths, unit.members, eps=plan.adam_eps, device=plan.device)
    images, valid = split.train.images.to(plan.device), split.valid.images.to(plan.device)
    members = [_Curve() for _ in unit.members]
    rows = list(range(len(members)))
    saved = checkpoint.load() if checkpoint else None
    now = Progress(unit)
    if saved:
        rows = _resume(saved, members, population, prune)
        now = _progress(unit, members, saved.epoch)
        tell(now)
    order = _orders(population, len(images), now.epoch + 1).to(images.device)
    for epoch in range(now.epoch + 1, unit.epochs + 1):
        with clock.during("training"):
            _train_epoch(population, images, order, plan.batch_size, now, tell)
            # Drawn now, while a GPU is still at the steps that it was given.
            order = _orders(population, len(images), epoch + 1).to(images.device)
        with clock.during("evaluation"):
            results = evaluate(population, valid)
        for row, result in zip(rows, results, strict=True):
            members[row].history += (result,)
        ended = _ended(members, rows, epoch, prune)
        now = _progress(unit, members, epoch)
        tell(now)
        if ended:
            kept = [k for k, row in enumerate(rows) if row not in ended]
            rows = [rows[k] for k in kept]
            if not rows:
                break
            population.keep(kept)
            order = order[kept]
        if checkpoint and checkpoint.due():
            with clock.during("checkpoints"):
                checkpoint.save(
                    CheckpointState(epoch, tuple(rows), _records(unit, members, {}), population.state())
                )
    with clock.during("yardsticks"):
        return _result(unit, members, rows, population, split)


def _resume(saved: CheckpointState, members: list[_Curve], population: Population, prune: Prune) -> list[int]:
    """Bring members, population and pruner to where they were saved; returns the members still training."""
    for member, record in zip(members, saved.records, strict=True):
        member.status, member.history = record.status, record.history
    for epoch in range(1, saved.epoch + 1):
        going = {row: one.history[epoch - 1] for row, one in enumerate(members) if len(one.history) >= epoch}
        errors = {row: after.valid_mse for row, after in going.items() if isfinite(after.valid_mse)}
        prune(epoch, errors)
    population.restore(saved.rows, saved.tensors)
    return list(saved.rows)


def _progress(unit: Unit, members: list[_Curve], epoch: int) -> Progress:
    """After this epoch."""
    errors = (one.history[-1].valid_mse for one in members if len(one.history) == epoch)
    done = sum(len(one.history) for one in members)
    return Progress(unit, done, epoch, min(filter(isfinite, errors), default=inf))


def _train_epoch(
    population: Population, images: Tensor, order: Tensor, batch: int, now: Progress, tell: Tell
) -> None:
    """One pass over the images, each member in its own order, a row of `order`."""
    starts = range(0, len(images), batch)
    for step, start in enumerate(starts, start=1):
        population.step(images, order[:, start : start + batch])
        tell(replace(now, model_epochs=now.model_epochs + len(population) * step / len(starts)))


def _orders(population: Population, count: int, epoch: int) -> Tensor:
    """Each member's order of the images, (K, count): a function of its seed and the epoch alone."""
    orders: dict[int, Tensor] = {}
    for seed in {member.seed for member in population.members}:
        generator = torch.Generator().manual_seed(derive_seed("order", seed, epoch))
        orders[seed] = torch.randperm(count, generator=generator)
    return torch.stack([orders[member.seed] for member in population.members])


def _ended(members: list[_Curve], rows: list[int], epoch: int, prune: Prune) -> set[int]:
    """Mark and return the members that diverged or that are pruned."""
    errors = {row: members[row].history[-1].valid_mse for row in rows}
    diverged = {row for row, error in errors.items() if not isfinite(error)}
    going = {row: error for row, error in errors.items() if row not in diverged}
    pruned = set(prune(epoch, going)) - diverged
    for row in diverged:
        members[row].status = "diverged"
    for row in pruned:
        members[row].status = "pruned"
    return diverged | pruned


def _result(
    unit: Unit, members: list[_Curve], rows: list[int], population: Population, split: Split
) -> Result:
    """Records of all, with the test yardsticks of those who finished where the stage has any."""
    outcomes: dict[int, Outcome] = {}
    best: Variant | None = None
    if unit.stage in TESTED_STAGES and rows:
        outcomes = {row: measure_outcome(population.member(k), split) for k, row in enumerate(rows)}
        winner = min(range(len(rows)), key=lambda k: members[rows[k]].history[-1].valid_mse)
        best = population.member(winner)
    return Result(_records(unit, members, outcomes), best)


def _records(unit: Unit, members: list[_Curve], outcomes: Mapping[int, Outcome]) -> tuple[Record, ...]:
    """A record of each member, with the outcomes there are."""
    return tuple(
        Record(member.lr, member.seed, dict(member.extra), one.status, one.history, outcomes.get(row))
        for row, (member, one) in enumerate(zip(unit.members, members, strict=True))
    )
