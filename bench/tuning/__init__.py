"""One Optuna study a variant: which learning rates are tried, and which was best.

Knows training's interface; no engine.
"""
