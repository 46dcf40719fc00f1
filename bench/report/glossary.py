"""What stands beside each table and figure of the report: titles, captions, columns in words."""

from collections.abc import Mapping
from types import MappingProxyType

from bench.records.metrics import LEVEL_METRICS
from bench.records.records import MODEL_METRICS

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
HEADLINE = (
    "test {short}: {title}, mean over the seeds with its 95 % bootstrap interval (BCa), median, and range from "
    "the lowest to the highest. / PCA: its mse over PCA's. escaped: seeds whose test mse is below 0.95 of the "
    "mean image's. match: match error, mean (d − e)² / var(e) as the median over levels 1 to {inner} and "
    f"seeds, where 1 is no better than the mean activation. {MODEL_METRICS['probe_accuracy'].help}. "
    "lr: the tuned learning rate, with an arrow where it lies "
    "at that edge of the search. From `tables/summary.csv`, and behind it `tables/members.csv`, one row a seed "
    "with the unit that trained it."
)
CONTRASTS = (
    "The same seed starts from the same encoder weights and sees the same batches. Mean difference of the test "
    "mse, below 0 where the variant is better; its 95 % bootstrap interval (BCa), which is too narrow for few seeds "
    "and misses the true mean of normal differences in 28 % of cases with 3 seeds, 16 % with 5, 12 % with 8, and "
    "in a third of cases with 8 seeds of which one in eight stays at the mean image; it is that of each row alone. "
    "Then the seeds it is better on; p of a paired sign-flip test, two-sided, exact up to 16 pairs, and corrected "
    "for the number of variants (Holm); could be seen: the true difference that this test, corrected, would find "
    "four times in five with so many seeds of such a spread. From `tables/contrasts.csv`."
)
ATTRIBUTION = (
    "Each row changes one thing in the variant, and with it the learning rate, which is each end's own. "
    "Difference of the test mse seed by seed, with its interval as above; p corrected for the rows of this "
    "table, which are not those above. escaped: seeds that left the mean image before and after the change; "
    "where both did: the difference over the seeds that left it at both ends, for one that stays outweighs all "
    "else. Variants that are not in the table of results are controls. From `tables/attribution.csv`."
)
LEVELS = ". ".join(
    (
        "Medians over the seeds, on test images",
        *(metric.help for metric in LEVEL_METRICS.values() if metric.column),
        "The last level is the code, which has one side",
        "From `tables/levels.csv`.",
    )
)
CLAIMS = (
    "The statements of the thread that the question comes from, under the conditions that they name and on the "
    "models of this run, where these were trained for as many epochs as the statement names. Intervals are 95 %: of "
    "means BCa, of shares Clopper and Pearson's, each for its claim alone. From `tables/claims.csv`."
)
RULES = "The rules stand in code and see nothing but the tables. From `tables/claims.csv`."
ONE_RATE = (
    "Validation mse of the same seeds after as many epochs, at the variant's own tuned learning rate and at "
    "plain's. From `tables/one_rate.csv`."
)
BUDGET = (
    "What each variant spent, in epochs of one model; every variant had the same number of trials, seeds and "
    "epochs. From `tables/budget.csv`."
)
