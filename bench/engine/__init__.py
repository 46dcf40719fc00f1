"""Where units execute: this process, local workers, Ray, files for Slurm.

Knows jobs and training; nothing of the run that asks.
"""
