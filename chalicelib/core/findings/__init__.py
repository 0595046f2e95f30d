"""GuardDuty's findings, parsed."""
