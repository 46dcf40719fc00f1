"""Frames to words, figures and pages; two runs compared. Reads a run; trains nothing."""
