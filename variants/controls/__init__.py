"""Controls: each one change away from another variant, so that causes are told apart."""
