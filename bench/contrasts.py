"""Every variant against `plain`, seed by seed."""

import pandas as pd

from bench.contestants import REFERENCE, challengers
from bench.pairs import comparison, corrected, errors_by_seed
from bench.plan import Plan

COLUMNS = ("variant", "pairs", "difference", "low", "high", "p", "p_holm", "beats_plain", "detectable")


def contrasts(plan: Plan, members: pd.DataFrame) -> pd.DataFrame:
    """One row a variant: the mean paired difference of its test mse to plain's, and how sure that is.

    Only seeds that diverged in neither count. Empty where the plan has no `plain`; controls stand in another table.
    """
    errors = errors_by_seed(members)
    rows = corrected([comparison(errors, name, REFERENCE) for name in challengers(plan)])
    named = [row | {"beats_plain": row["better_on"]} for row in rows]
    return pd.DataFrame(named, columns=list(COLUMNS))
