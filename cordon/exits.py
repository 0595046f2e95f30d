"""How a command of Cordon's ends: the status is the same for every command, and documented."""

from __future__ import annotations

import enum


class Exit(enum.IntEnum):
    """The exit status; `docs/command.md` lists them for scripts."""

    DONE = 0
    WRONG = 1  # what was looked at is not as it must be
    USAGE = 2  # bad options, a file that cannot be read, a field that the API refuses
    LESS = 3  # a policy would contain less than it did
    GONE = 4  # there is no such instance, quarantine or record
    CONFLICT = 5  # it cannot be done as things stand: drift, a second person, a newer version
    FORBIDDEN = 6  # the caller may not, or is not known: credentials, permissions
    UNREACHABLE = 7  # no answer: the network, the stage, AWS itself
    UNFINISHED = 8  # begun, and not over yet: the watcher finishes it


class CommandError(Exception):
    """A command cannot go on. `why` is one line, `next_step` what a person does about it."""

    def __init__(self, status: Exit, why: str, next_step: str = "") -> None:
        super().__init__(why)
        self.status = status
        self.why = why
        self.next_step = next_step
