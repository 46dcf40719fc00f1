"""Findings and figures written up: `report.html` in one self-contained file, and `report.md`."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape
from markupsafe import Markup

from bench.answer import answer
from bench.findings import Findings
from bench.headline import Metric
from bench.reproduce import command
from bench.summary import LINE_NAMES
from variants import registry

CAPTIONS = {
    "error": (
        "Test error",
        "Every dot is one seed, the first seed highest, and the bar their mean; dashed are the reference lines.",
    ),
    "reconstructions": (
        "Reconstructions",
        "Ten test images, and what each variant makes of them: its seed of median test error.",
    ),
    "epochs": ("Training", "Validation error of every seed after each epoch of confirmation."),
    "lr": (
        "Tuning",
        "Validation error at the end of each trial against its learning rate; ringed is the one confirmed.",
    ),
    "levels": (
        "Do the levels correspond?",
        "Squared distance of decoder and encoder activations over the encoder's variance, on test images. "
        "Each dot is one seed, the line the median; above 100, where activations hardly vary, it is drawn at 100.",
    ),
    "audit": (
        "Who trains whom",
        "Norm of the gradient of each level's loss at each weight of encoder (W) and decoder (V), before training, "
        "on the first training images, one batch of them. Hatched is exactly 0: that loss leaves that weight alone.",
    ),
}
"""Title and caption of each figure."""


def html(found: Findings, metric: Metric, svgs: Mapping[str, str]) -> str:
    """The report as one HTML page that asks nothing of any server; svgs: the figures by name."""
    inline = {name: Markup(svg[svg.index("<svg") :]) for name, svg in svgs.items()}
    return _render("report.html.j2", found, metric, inline)


def markdown(found: Findings, metric: Metric, figures: Sequence[str]) -> str:
    """The report as Markdown that shows the files in `figures/`."""
    return _render("report.md.j2", found, metric, {name: f"figures/{name}.svg" for name in figures})


def headline_rows(summary: pd.DataFrame, metric: Metric) -> tuple[list[str], list[list[str]]]:
    """The headline table as text: its header, and one row a variant or reference line."""
    short = metric.name.removeprefix("test_")
    header = [
        "variant",
        f"test {short}",
        "range",
        "/ PCA",
        "escaped",
        "match",
        "probe",
        "lr",
    ]
    return header, [_row(row, metric) for _, row in summary.iterrows()]


def _row(row: "pd.Series[Any]", metric: Metric) -> list[str]:
    mean = metric.text(row[f"{metric.name}_mean"])
    ends = [row[f"{metric.name}_{end}"] for end in ("min", "max")]
    spread = "–".join(_number(end, f".{metric.decimals - 1}f") for end in ends)
    name = LINE_NAMES.get(row["variant"], row["variant"])
    share = _number(row["test_mse_share_of_pca_mean"], ".2f")
    if not row["seeds"]:
        return [name, mean, "", share, "", "", "", ""]
    escaped = f"{row['escaped']} of {row['seeds']}"
    escaped += f" ({row['diverged']} diverged)" if row["diverged"] else ""
    at_edge = {"low": " ↓", "high": " ↑", "": ""}[row["lr_at_edge"]]
    nmse = row["nmse_median"]
    match, probe = (
        ">1000" if nmse > 1000 else _number(nmse, ".3g"),
        _number(row["probe_accuracy_mean"], ".1%"),
    )
    return [name, mean, spread, share, escaped, match, probe, f"{row['lr']:.2g}{at_edge}"]


def contrast_rows(contrasts: pd.DataFrame) -> tuple[list[str], list[list[str]]]:
    """The comparison with plain as text: its header, and one row a variant."""
    header = ["variant", "mse − plain's", "95 % interval", "better on", "p", "p (Holm)"]
    return header, [
        [
            row["variant"],
            _number(row["difference"], "+.5f"),
            f"{_number(row['low'], '+.5f')} to {_number(row['high'], '+.5f')}",
            f"{row['beats_plain'] * row['pairs']:.3g} of {row['pairs']}" if row["pairs"] else "–",
            _number(row["p"], ".3f"),
            _number(row["p_holm"], ".3f"),
        ]
        for _, row in contrasts.iterrows()
    ]


def _number(value: float, form: str) -> str:
    return format(value, form) if math.isfinite(value) else "–"


def _render(template: str, found: Findings, metric: Metric, figures: Mapping[str, str]) -> str:
    environment = Environment(
        loader=PackageLoader("bench"),
        autoescape=select_autoescape(["html.j2"]),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    header, rows = headline_rows(found.summary, metric)
    contrast_header, contrasts = contrast_rows(found.contrasts)
    known = registry()
    return environment.get_template(template).render(
        answer=answer(found, metric),
        header=header,
        rows=rows,
        contrast_header=contrast_header,
        contrasts=contrasts,
        metric=metric,
        figures=figures,
        captions=CAPTIONS,
        missing=found.missing,
        plan=found.plan,
        variants={name: known[name].summary if name in known else "" for name in found.plan.variants},
        manifest=found.manifest,
        command=command(found.plan),
    )
