"""Populations, the kernels of their steps, the epoch loop, yardsticks, checkpoints.

Knows data and records; no folder of a run.
"""
