"""The bench: tunes, trains, measures and reports the contestants in `variants`."""
