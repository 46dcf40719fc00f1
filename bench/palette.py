"""One colour and one marker for each variant, the same in every figure, told apart also by colour-blind eyes.

Colours after Okabe and Ito (2008), darkened where they would be faint on white.
"""

from collections.abc import Sequence

FIXED = {
    "plain": ("#404040", "o"),
    "layer_bce": ("#d55e00", "X"),
    "layer_mse": ("#0072b2", "s"),
    "truncated": ("#009e73", "D"),
    "tied": ("#b0528c", "^"),
}
FURTHER = (
    ("#b8860b", "v"),
    ("#3f9bd1", "P"),
    ("#7f5539", "<"),
    ("#6a3d9a", ">"),
    ("#8c8c00", "p"),
)
"""For other variants, in their order, then again from the start."""


def colours(variants: Sequence[str]) -> dict[str, str]:
    """Name to colour."""
    return {name: colour for name, (colour, _) in _chosen(variants).items()}


def markers(variants: Sequence[str]) -> dict[str, str]:
    """Name to Matplotlib marker."""
    return {name: marker for name, (_, marker) in _chosen(variants).items()}


def _chosen(variants: Sequence[str]) -> dict[str, tuple[str, str]]:
    others = [name for name in variants if name not in FIXED]
    further = {name: FURTHER[place % len(FURTHER)] for place, name in enumerate(others)}
    return {name: FIXED.get(name) or further[name] for name in variants}
