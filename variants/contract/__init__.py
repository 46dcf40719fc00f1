"""What every variant keeps to and builds on: the interface, losses, stacking, and the conformance checks."""
