"""A run's folder and all that fills it: ablation, records kept, resume, verify, status.

Knows engine, tuning and analysis; draws nothing.
"""
