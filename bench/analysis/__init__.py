"""Records to frames, statistics, and the claims ledger. Pure functions; reads and writes no file."""
