"""The claims: statements, conditions, rules in code, and the ledger of their verdicts."""
