"""The claims there are: those of the thread that the bench grew from, and of installed packages."""

import sys
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from importlib.metadata import EntryPoint, entry_points

from bench.analysis.claims.claim import Claim, Setting
from bench.analysis.claims.rules import (
    as_good_as_plain,
    corresponds_and_reconstructs,
    levels_are_the_same,
    mostly_escapes,
    never_escapes,
    reconstructs,
    stops_the_gradient,
    swap_is_the_key,
)
from bench.io.errors import BenchError

QUESTION_CLAIMS = (
    Claim(
        id="C1",
        statement="a plain autoencoder of these sizes reconstructs its input",
        rule="the 95 % interval of its test mse lies below (above) 0.9 of the mean image's",
        judge=reconstructs("plain"),
        needs=("plain",),
        anywhere=False,
        settings=(Setting("plain", 1e-3),),
        tuned=True,
    ),
    Claim(
        id="C2",
        statement="with every level matched by cross-entropy it does not",
        rule="no seed of at least three (some seed) escapes from the mean image",
        judge=never_escapes("layer_bce"),
        needs=("layer_bce",),
        anywhere=False,
        settings=(Setting("layer_bce", 1e-4, 100),),
        tuned=True,
    ),
    Claim(
        id="C3",
        statement="matched by squared error, five epochs at learning rate 0.01 give sensible reconstructions",
        rule="the 95 % interval of the share of seeds that escape lies above (below) one half",
        judge=mostly_escapes("layer_mse"),
        needs=("layer_mse",),
        anywhere=False,
        settings=(Setting("layer_mse", 1e-2, 5),),
        tuned=True,
    ),
    Claim(
        id="C4",
        statement="a hundred epochs of the same give very good ones",
        rule="its mean test mse is below 0.9 of the mean image's, and the 95 % interval of the paired difference to "
        "plain lies below +10 % of plain's (the mean is not, or the interval lies above)",
        judge=as_good_as_plain("layer_mse"),
        needs=("layer_mse", "plain"),
        anywhere=False,
        settings=(Setting("layer_mse", 1e-2, 100), Setting("plain", 1e-3, 100)),
        tuned=True,
    ),
    Claim(
        id="C5",
        statement="the inner cross-entropy is the cause: swapping it for squared error is the key change",
        rule="swapped at the inner levels alone (where layer_mse_bce_output is not run: at the output too), the 95 % "
        "interval of the paired difference lies below (above, and "
        "some seed of the two escapes) −10 % of the mean image's test mse",
        judge=swap_is_the_key("layer_bce", ("layer_mse_bce_output", "layer_mse")),
        needs=("layer_bce", "layer_mse"),
        anywhere=False,
    ),
    Claim(
        id="C6",
        statement="the code as written (layer_mse) already stops the gradient of a level's loss at that level",
        rule="in layer_mse every inner level's loss has a gradient of exactly 0 (not 0) at the encoder weights "
        "up to that level",
        judge=stops_the_gradient("layer_mse"),
        needs=("layer_mse",),
        anywhere=False,
        audit=True,
    ),
    Claim(
        id="C7",
        statement="with shared weights the opposite layers are the same, not just similar",
        rule="the match error is below 0.01 at every level of every seed (its median above 0.1 at some level)",
        judge=levels_are_the_same("tied"),
        needs=("tied",),
        anywhere=False,
    ),
    Claim(
        id="C8",
        statement="stopping the gradient gives corresponding layers and still reconstructs as well as plain",
        rule="the match error's median is below 0.5 and below plain's at every level, the mean test mse below 0.9 "
        "of the mean image's, and the 95 % interval of the paired difference to plain below +10 % of plain's (one of "
        "the first two is not, or the interval lies above)",
        judge=corresponds_and_reconstructs("truncated"),
        needs=("truncated", "plain"),
        anywhere=False,
    ),
)
GROUP = "aebench.claims"


def known_claims() -> Mapping[str, Claim]:
    """Every claim by id: the thread's, then those that installed packages declare.

    An outside package declares `[project.entry-points."aebench.claims"]` with `name = "module:CLAIM"`.
    Raises BenchError for an entry that cannot be loaded, is no Claim, or whose id is taken.
    """
    found = {claim.id: claim for claim in QUESTION_CLAIMS}
    for entry in _entries(entry_points, tuple(sys.path)):
        try:
            claim = entry.load()
        except Exception as error:  # whatever a foreign module may raise
            raise BenchError(f"the claim {entry.value} cannot be loaded: {error}") from error
        if not isinstance(claim, Claim) or claim.id in found:
            raise BenchError(f"{entry.value} must be a bench.claims.Claim with an id of its own")
        found[claim.id] = claim
    return found


@lru_cache(maxsize=1)
def _entries(find: Callable[..., Iterable[EntryPoint]], path: tuple[str, ...]) -> list[EntryPoint]:
    """By name; read once for each path to import from, for looking through all packages takes a while."""
    del path
    return sorted(find(group=GROUP), key=lambda entry: entry.name)
