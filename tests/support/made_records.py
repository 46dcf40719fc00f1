"""Records, a manifest and baselines as a finished run has them, without training."""

import math
from dataclasses import replace

from bench.plan import Plan
from bench.records.metrics import Epoch, Level, Reconstruction
from bench.records.records import BaselineRecord, Baselines, Member, Outcome, Record, Unit
from bench.run.manifest import make_manifest

UNIT = Unit("p", "tied", "tune", (Member(0.01, 1), Member(0.02, 1, {"weight": 0.5})), 3, (0, 1))
TEST = Reconstruction(0.01, 7.84, 80.5, 20.0)
LEVEL = Level(1, 0.2, 0.8, 0.9, 0.1, 3.0, 0.25, 0.0)
RECORD = Record(
    lr=0.01,
    seed=3,
    extra={},
    status="ok",
    history=(Epoch(0.06, 200.0), Epoch(0.05, 190.0)),
    outcome=Outcome(1000, TEST, (LEVEL,), 0.9, "AAAA"),
)
LOST = Record(0.01, 4, {}, "diverged", (Epoch(math.nan, math.nan),))
MEAN_IMAGE = BaselineRecord("mean_image", 0.052, replace(TEST, mse=0.05, bce_nats=200.0), "AAAA")
PCA = BaselineRecord("pca", 0.011, replace(TEST, mse=0.02, bce_nats=math.nan), "AAAA")
BASELINES = Baselines("AAAA", (0,), (MEAN_IMAGE, PCA))
MANIFEST = make_manifest(Plan(), "data")
MINE = replace(UNIT, plan=Plan().identity)
"""A unit of the manifest's plan."""
