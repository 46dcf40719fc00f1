"""Ranks at one learning rate go by the share of seeds that diverged, whatever their number."""

from made_units import unit_of

from bench.analysis.tuning_tables import one_rate_table
from bench.plan import Plan


def test_one_of_three_lost_is_worse_than_two_of_eight() -> None:
    lost, fine = float("inf"), 0.02
    plan = Plan(variants=("plain", "tied", "layer_mse"), seeds=8, one_lr_seeds=8)
    units = [
        unit_of("plain", "confirm", 0.01, *[0.03] * 8),
        unit_of("tied", "confirm", 0.01, *[fine] * 8), unit_of("tied", "one_lr", 0.01, lost, lost, *[fine] * 6),
        unit_of("layer_mse", "confirm", 0.01, *[fine] * 8), unit_of("layer_mse", "one_lr", 0.01, lost, 0.01, 0.01),
    ]  # fmt: skip
    found = one_rate_table(plan, units).set_index("variant")
    assert found["seeds"].to_dict() == {"plain": 8, "tied": 8, "layer_mse": 3}
    assert found["diverged_one"].to_dict() == {"plain": 0, "tied": 2, "layer_mse": 1}
    assert found["rank_one"].to_dict() == {"plain": 1, "tied": 2, "layer_mse": 3}
    assert found["rank_tuned"].to_dict() == {"plain": 3, "tied": 1, "layer_mse": 1}
