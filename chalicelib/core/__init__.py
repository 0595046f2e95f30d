"""Decisions about findings, instances and quarantines. Pure; standard library only."""
