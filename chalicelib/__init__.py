"""Cordon: contain a compromised EC2 instance, keep the evidence, give it back exactly.

The rooms, and where a line belongs:

    api/       answers  a request of a person: read, one flow, the answer shaped
    core/      thinks   pure decisions and plans; could a security engineer argue about it?
    flows/     tells    entry points, and what they share: the order of events, like a runbook
    adapters/  touches  one module a service: types, errors and pages translated
    settings/  environment, policy.toml and channels.toml become frozen values, once
    wiring/    settings become live adapters, on first use

`app.py`, above this package, is the door. Arrows point inward; import-linter keeps them so.
"""

VERSION = "0.1.0"  # as in pyproject.toml, which does not ship
