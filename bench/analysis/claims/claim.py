"""Statements under test: what each claims, under which conditions, and the rule that judges it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from bench.analysis.statistics import interval

VerdictKind = Literal["supported", "refuted", "undecided", "not run"]


@dataclass(frozen=True)
class Setting:
    """A variant as a statement says to train it."""

    variant: str
    lr: float
    epochs: int | None = None
    """None: as many as the plan gives to confirmed models."""


@dataclass(frozen=True)
class Evidence:
    """What a rule may look at."""

    members: pd.DataFrame
    """One row a tested model, as tables/members.csv has them: of the stated conditions, or tuned."""
    levels: pd.DataFrame
    """As tables/levels.csv, of the same models."""
    audit: pd.DataFrame
    """As tables/audit.csv."""
    mean_image: float
    """Test mse of giving back the mean image."""
    pca: float
    """Test mse of PCA with as many components as the code has units."""

    def errors(self, variant: str) -> NDArray[np.float64]:
        """Test mse of the variant's seeds that did not diverge."""
        return np.asarray(self._by_seed(variant), dtype=np.float64)

    def differences(self, variant: str, other: str) -> NDArray[np.float64]:
        """Test mse of the variant less the other's, over the seeds that diverged in neither."""
        both = self._by_seed(variant) - self._by_seed(other)
        return np.asarray(both.dropna(), dtype=np.float64)

    def beside_plain(self, variant: str) -> tuple[float, float, float]:
        """Low end of the 95 % interval, mean and high end of the paired difference to plain, over plain's mse.

        All of it over the seeds that diverged in neither.
        """
        differences = self.differences(variant, "plain")
        plain = self._by_seed("plain")[lambda errors: errors.index.isin(self._by_seed(variant).index)].mean()
        low, high = interval(differences)
        return low / plain, differences.mean() / plain, high / plain

    def escaped(self, variant: str) -> tuple[int, int]:
        """How many seeds left the plateau at the mean image, and of how many; a diverged one did not."""
        rows = self.members[self.members["variant"] == variant]
        return int(rows["escaped"].fillna(False).sum()), len(rows)

    def nmse(self, variant: str) -> pd.DataFrame:
        """The variant's match error, one row a seed, one column an inner level."""
        rows = self.levels[(self.levels["variant"] == variant) & self.levels["nmse"].notna()]
        return rows.pivot(index="seed", columns="level", values="nmse")

    def _by_seed(self, variant: str) -> "pd.Series[float]":
        rows = self.members[self.members["variant"] == variant]
        return rows.set_index("seed")["test_mse"].dropna()


@dataclass(frozen=True)
class Verdict:
    """What came of a claim, and the figure behind it."""

    outcome: VerdictKind
    figure: str


@dataclass(frozen=True)
class Claim:
    """A statement, its own conditions, and the rule for its verdict, which sees nothing but evidence."""

    id: str
    statement: str
    rule: str
    """The rule in words; `judge` is the rule."""
    judge: Callable[[Evidence], Verdict]
    needs: tuple[str, ...]
    """The variants whose models the rule looks at."""
    settings: tuple[Setting, ...] = ()
    """Its own conditions; empty where it names none."""
    tuned: bool | None = None
    """Whether the run's models, at their tuned rates, judge it too; None: where it names no conditions of its own."""
    anywhere: bool = True
    """Whether tuned models of other data, widths or batches than the question's may judge it as well."""
    audit: bool = False
    """Whether it is judged on the gradient audit alone."""

    def __post_init__(self) -> None:
        """ValueError for two settings of one variant: a rule knows models by their variant alone."""
        names = [one.variant for one in self.settings]
        twice = [name for name in dict.fromkeys(names) if names.count(name) > 1]
        if twice:
            raise ValueError(
                f"settings of claim {self.id} must be of different variants but {names.count(twice[0])} are of "
                f"{twice[0]}; make it a claim for each"
            )

    @property
    def on_tuned(self) -> bool:
        """Whether the models of the run judge it."""
        return not (self.settings or self.audit) if self.tuned is None else self.tuned
