"""What holds of every record that a run leaves, beyond the types of its fields; ValueError where it does not."""

from collections.abc import Sequence
from math import isinf, isnan

from bench.io.validation import require
from bench.plan import LR_BOUNDS, MAX_COUNT, VARIANT_NAME
from bench.records.metrics import metrics_of
from bench.records.records import (
    TESTED_STAGES,
    Audit,
    Audits,
    Baselines,
    Member,
    Outcome,
    Record,
    Unit,
    decode_images,
)

BASELINE_NAMES = {"mean_image", "pca"}
"""The reference lines that every table needs."""


def check_finished(name: str, unit: Unit, records: Sequence[Record]) -> None:
    """The unit is the one that its file is named after, and the records are of its members, in their order."""
    check_unit(unit)
    require(unit.id == name, "unit", f"the one of the file's name, {name}", unit.id)
    require(
        len(records) == len(unit.members), "records", f"as many as members, {len(unit.members)}", len(records)
    )
    for place, (member, record) in enumerate(zip(unit.members, records, strict=True)):
        where = f"records[{place}]"
        trained = Member(record.lr, record.seed, record.extra)
        require(trained == member, where, "of the unit's member in its place", trained)
        _check_record(where, unit, record)


def check_baselines(baselines: Baselines) -> None:
    """Both reference lines are there once, each with as many digits as there are labels."""
    count = len(baselines.labels)
    require(0 < count <= 10, "labels", "1 to 10", count)
    names = [line.name for line in baselines.lines]
    require(
        set(names) == BASELINE_NAMES and len(names) == len(BASELINE_NAMES),
        "lines",
        f"once each of {sorted(BASELINE_NAMES)}",
        names,
    )
    pixels = _pixels("originals", baselines.originals, count)
    for line in baselines.lines:
        require(_pixels(f"{line.name}.digits", line.digits, count) == pixels, line.name, "digits of as many pixels "
                "as the originals", pixels)  # fmt: skip
        _check_numbers(line.name, line)
        _check_numbers(line.name, line.test)


def check_audits(audits: Audits) -> None:
    """Every variant has an audit, a norm for each of its levels and weights, or said why it has none."""
    require(audits.seed >= 0 and audits.images > 0, "audits", "of some images", audits.images)
    names = [record.variant for record in audits.variants]
    require(len(set(names)) == len(names), "variants", "named once", names)
    for record in audits.variants:
        require(
            VARIANT_NAME.fullmatch(record.variant) is not None, "variant", "a variant's name", record.variant
        )
        require(
            (record.audit is None) == bool(record.error),
            record.variant,
            "audited, or say why not",
            record.error,
        )
        if record.audit:
            _check_norms(record.variant, record.audit)


def check_unit(unit: Unit) -> None:
    """The unit is one that a plan could ask for."""
    require(VARIANT_NAME.fullmatch(unit.variant) is not None, "variant", "a variant's name", unit.variant)
    require(0 < unit.epochs <= MAX_COUNT, "epochs", f"1 to {MAX_COUNT:,}", unit.epochs)
    require(len(unit.members) > 0, "members", "at least one", unit.members)
    served = len(unit.members) if unit.stage == "tune" else 0
    require(len(unit.trials) == served, "trials", "one a member when tuning, else none", unit.trials)
    require(
        all(0 <= trial <= MAX_COUNT for trial in unit.trials), "trials", f"0 to {MAX_COUNT:,}", unit.trials
    )
    for member in unit.members:
        require(LR_BOUNDS[0] <= member.lr <= LR_BOUNDS[1], "lr", "{:g} to {:g}".format(*LR_BOUNDS), member.lr)
        require(member.seed >= 0, "seed", "at least 0", member.seed)
        finite = all(not (isnan(value) or isinf(value)) for value in member.extra.values())
        require(finite, "extra", "finite numbers", member.extra)


def _check_record(where: str, unit: Unit, record: Record) -> None:
    least = 1 if unit.stage == "tune" or record.status != "diverged" else 0
    told = len(record.history)
    require(least <= told <= unit.epochs, f"{where}.history", f"{least} to {unit.epochs} epochs", told)
    for epoch in record.history:
        _check_numbers(f"{where}.history", epoch)
    tested = unit.stage in TESTED_STAGES and record.status == "ok"
    require(
        (record.outcome is not None) == tested,
        f"{where}.outcome",
        "there if tested and ok, else null",
        tested,
    )
    if record.outcome:
        _check_outcome(f"{where}.outcome", record.outcome)


def _check_outcome(where: str, outcome: Outcome) -> None:
    require(outcome.parameters > 0, f"{where}.parameters", "at least 1", outcome.parameters)
    numbers = [level.level for level in outcome.levels]
    require(numbers == [*range(1, len(numbers) + 1)], f"{where}.levels", "1, 2 and so on", numbers)
    _pixels(f"{where}.digits", outcome.digits, 1)
    for part in (outcome, outcome.test, *outcome.levels):
        _check_numbers(where, part)


def _check_numbers(where: str, part: object) -> None:
    """Every yardstick among the part's fields lies in its range, or is nan."""
    kind: type = type(part)
    for name, metric in metrics_of(kind).items():
        value = getattr(part, name)
        low, high = metric.range
        require(isnan(value) or low <= value <= high, f"{where}.{name}", metric.range_rule, value)


def _check_norms(variant: str, audit: Audit) -> None:
    require(len(set(audit.levels)) == len(audit.levels) > 0, variant, "levels named once", audit.levels)
    require(len(set(audit.weights)) == len(audit.weights), variant, "weights named once", audit.weights)
    for name in (*audit.levels, *audit.weights):
        require(name.isprintable() and 0 < len(name) <= 200, variant, "names that can be printed", name)
    require(len(audit.norms) == len(audit.levels), variant, "a row of norms a level", len(audit.norms))
    for row in audit.norms:
        require(len(row) == len(audit.weights), variant, "a norm a weight", len(row))
        require(all(isnan(norm) or norm >= 0 for norm in row), variant, "norms of at least 0", row)


def _pixels(where: str, text: str, count: int) -> int:
    """How many pixels each of the images behind the text has."""
    try:
        pixels = int(decode_images(text, count).shape[1])
    except ValueError:
        pixels = 0
    require(pixels > 0, where, f"{count} images of one size as base64", text)
    return pixels
