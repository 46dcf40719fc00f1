"""How fast this machine trains, beside its own limit. Knows training; no run."""
