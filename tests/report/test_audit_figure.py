"""The figure of the audit shows every number, and what is exactly 0."""

import pandas as pd

from bench.analysis.frames import audit_frame
from bench.records.records import Audit, AuditRecord, Audits
from bench.report.audit_figure import gradient_audit_figure, variants_with_levels
from bench.report.figure_style import to_svg
from bench.training.gradient_audit import audit_gradients
from variants.contract.conformance import WIDTHS, images
from variants.layer_mse import LayerMse
from variants.plain import Plain
from variants.tied import Tied
from variants.truncated import Truncated


def test_figure_has_a_panel_for_each_variant_with_levels_contestants_first() -> None:
    kinds = {"plain": Plain, "tied_mse": LayerMse, "tied": Tied, "truncated": Truncated}
    frame = _frame({name: audit_gradients(kind, WIDTHS, images(), 0) for name, kind in kinds.items()})
    assert variants_with_levels(frame) == ["truncated", "tied_mse"]
    *panels, bar = gradient_audit_figure(frame).axes
    assert [axes.get_title(loc="left") for axes in panels] == ["truncated", "tied_mse"]
    assert bar.get_xlabel() == "norm of the gradient"
    assert [len(axes.patches) for axes in panels] == [6, 3]


def test_figure_writes_two_digits_and_hatches_only_exact_zeros() -> None:
    kept = Audit(
        ("0", "1", "all"),
        ("W_1", "V_0", "gate.weight", "price"),
        ((0.0, 0.05, 1.23e-12, 98.7), (5e-324, float("nan"), 1234.0, 0.001), (1.0,) * 4),
    )
    figure = gradient_audit_figure(_frame({"odd": kept}))
    axes, _ = figure.axes
    assert "svg" in to_svg(figure)
    shown = {
        (round(t.get_position()[1] - 0.5), round(t.get_position()[0] - 0.5)): t.get_text() for t in axes.texts
    }
    rows = [[shown[row, column] for column in range(4)] for row in range(2)]
    assert rows == [["0", "0.050", "1.2e-12", "99"], ["4.9e-324", "nan", "1.2e+3", "0.0010"]]
    assert [patch.get_hatch() for patch in axes.patches] == ["////", ""]
    assert [label.get_text() for label in axes.get_yticklabels()] == ["level 0", "level 1"]
    assert [label.get_text() for label in axes.get_xticklabels()] == [
        "$W_{1}$", "$V_{0}$", "gate.\nweight", "price",
    ]  # fmt: skip


def test_audit_without_any_gradient_is_drawn_too() -> None:
    frame = _frame({"odd": Audit(("0", "1", "all"), ("W_1",), ((0.0,), (0.0,), (0.0,)))})
    figure = gradient_audit_figure(frame)
    assert "svg" in to_svg(figure)
    axes, _ = figure.axes
    assert [text.get_text() for text in axes.texts] == ["0", "0"]


def _frame(found: dict[str, Audit]) -> pd.DataFrame:
    return audit_frame(Audits(0, 6, tuple(AuditRecord(name, one) for name, one in found.items())))
