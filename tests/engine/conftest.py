"""A cluster for the engine that has one."""

from collections.abc import Iterator
from typing import Any

import pytest


@pytest.fixture(scope="session")
def cluster() -> Iterator[Any]:
    """A Ray cluster on this machine: a head without cores, and a node with one; it asks for a token."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in (
            ("RAY_AUTH_MODE", "token"),
            ("RAY_AUTH_TOKEN", "5" * 64),
            ("RAY_USAGE_STATS_ENABLED", "0"),
            ("RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO", "0"),
            # A lost node is missed within a second.
            ("RAY_health_check_period_ms", "300"),
            ("RAY_health_check_failure_threshold", "3"),
        ):
            patch.setenv(name, value)
        cluster_utils = pytest.importorskip("ray.cluster_utils")
        found = cluster_utils.Cluster(
            initialize_head=True, head_node_args={"num_cpus": 0, "include_dashboard": False}
        )
        found.add_node(num_cpus=1)
        yield found
        found.shutdown()
