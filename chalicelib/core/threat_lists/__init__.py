"""Threat lists: from what an operator writes to what GuardDuty is given."""
