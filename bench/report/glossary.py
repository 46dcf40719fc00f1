"""What stands beside each figure of the report: titles and captions."""

from collections.abc import Mapping
from types import MappingProxyType

CAPTIONS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "error": (
            "Test error",
            "Every dot is one seed, the first seed highest, and the bar their mean; dashed are the reference lines.",
        ),
        "reconstructions": (
            "Reconstructions",
            "Ten test images, and what each variant makes of them: its seed of median test error, of two in "
            "the middle the better.",
        ),
        "epochs": ("Training", "Validation error of every seed after each epoch of confirmation."),
        "lr": (
            "Tuning",
            "Validation error at the end of each trial against its learning rate; ringed is the one confirmed. "
            "Trials that diverged or were pruned have no error at their end and stand at the upper edge.",
        ),
        "budget": (
            "Would fewer trials have done?",
            "The lowest validation error to expect of that many trials, drawn with replacement from those "
            "whose learning rates did not depend on earlier ones; a grid's are taken for draws. A line that is "
            "level at its end gains little from more.",
        ),
        "levels": (
            "Do the levels correspond?",
            "Squared distance of decoder and encoder activations over the encoder's variance, on test images; 1, the "
            "dashed line, is no better than the mean activation. Each dot is one seed, the line the median; above "
            "100, where activations hardly vary, it is drawn at 100.",
        ),
        "audit": (
            "Who trains whom",
            "Norm of the gradient of each level's loss at each weight of encoder (W) and decoder (V), on the first "
            "batch of training images before training. Hatched is exactly 0: that loss does not train that weight.",
        ),
    }
)
