"""How fast this machine trains, beside its own limit. Knows training and how figures look; no run."""
