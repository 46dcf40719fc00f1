"""A run's folder and all that fills it: ablation, records kept, resume, verify, status.

Knows engine and analysis; draws nothing.
"""
