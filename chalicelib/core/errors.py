"""Everything that can go wrong, sorted by what the caller should do about it.

CordonError
├── RejectedError               the input is wrong; the same input is wrong again
│   ├── NotAFindingError          the event is none of GuardDuty's findings
│   ├── MalformedFindingError     a field of the finding cannot be read
│   ├── MalformedNoticeError      a message is not one of Cordon's notices
│   ├── MalformedRequestError     a field of a request cannot be read
│   ├── UnknownCallerError        nobody is named as the one who asks
│   ├── NotAllowedError           the account is not among those that Cordon may act in
│   ├── UnknownInstanceError      there is no such instance, or it was never quarantined
│   ├── UnknownStepError          there is no such step, or nobody may order it
│   ├── UnreadableSourceError     a source of the threat list cannot be read as a whole
│   ├── UnknownRegionError        EC2 has no such region
│   └── PolicyError               policy.toml, or another setting, says nothing usable
├── ConflictError               the case is not what the caller thought: look, then decide again
│   ├── StaleViewError            the record is no longer at the version that the caller saw
│   ├── AlreadyReleasedError      the quarantine is over
│   ├── ContainmentAtWorkError    a containment may still be changing the instance
│   ├── NothingToCutError         the instance has no interface
│   ├── UnfitStepError            the step would do harm to this instance, or nothing
│   ├── DriftError                it cannot be given back exactly
│   └── FourEyesError             the second person must be another, and say the same
├── BusyError                   the same call may work later: raise, so that Lambda retries
│   ├── AwsBusyError              AWS could not do it now
│   │   └── AwsSilentError            no answer came: it may be done all the same, and late
│   ├── RecordMovedError          someone else changed the record meanwhile
│   ├── ListMovedError            another sync changed the threat list meanwhile
│   ├── UnseenError               an instance in quarantine could not be looked at
│   ├── ReleaseInProgressError    the instance is on its way out of quarantine
│   ├── NotContainedError         read back, and not cut off (yet)
│   │   └── OpenToEverythingError     it hangs in the drain hop
│   └── NotReleasedError          read back, and not given back (yet)
└── RefusedError                asking again fails the same way: a person must look
    ├── AwsRefusedError           AWS said no
    ├── UnreadableRecordError     a record of the table is none that Cordon can read
    ├── BreakerOpenError          too many quarantines were opened in a short time
    └── StepFailedError           the cut stands; something after it could not be done
"""

from chalicelib.core.plain_text import shortly


class CordonError(Exception):
    """Root of every error that Cordon raises on purpose."""


class RejectedError(CordonError):
    """The input cannot be acted on, now or later."""


class NotAFindingError(RejectedError):
    """The event is not a GuardDuty finding; `field` gives it away."""

    def __init__(self, field: str, found: object) -> None:
        super().__init__(f"not a GuardDuty finding: {field} is {shortly(found)}")
        self.field = field


class MalformedFindingError(RejectedError):
    """The finding's `field` is missing or unusable."""

    def __init__(self, field: str, found: object = None) -> None:
        super().__init__(f"malformed finding: {field} is {shortly(found)}")
        self.field = field


class MalformedNoticeError(RejectedError):
    """The message is no notice: its `field` is missing or unusable."""

    def __init__(self, field: str, found: object = None) -> None:
        super().__init__(f"malformed notice: {field} is {shortly(found)}")
        self.field = field


class MalformedRequestError(RejectedError):
    """The `field` of a request is unusable; `must` says what it has to be. None: it is missing."""

    def __init__(self, field: str, must: str, found: object = ...) -> None:
        super().__init__(f"{field} {must}" + (f"; it is {shortly(found)}" if found != ... else ""))
        self.field = field


class UnknownCallerError(RejectedError):
    """The request names nobody as its caller, so nobody could answer for it."""

    def __init__(self) -> None:
        super().__init__("the request was not signed by anybody: there is no identity.userArn")


class NotAllowedError(RejectedError):
    """`account_id` is neither Cordon's own nor on the list of the policy."""

    def __init__(self, account_id: str) -> None:
        super().__init__(f"account {account_id} is not among those that Cordon may act in")
        self.account_id = account_id


class UnknownInstanceError(RejectedError):
    """`instance_id` is not known to EC2, or never was in quarantine: `what` says which."""

    def __init__(self, instance_id: str, what: str) -> None:
        super().__init__(f"{instance_id} {what}")
        self.instance_id = instance_id


class UnknownStepError(RejectedError):
    """There is no such step, or nobody may order it."""


class UnreadableSourceError(RejectedError):
    """The source `name` of the threat list cannot be read: `why`."""

    def __init__(self, name: str, why: str) -> None:
        super().__init__(f"{name} cannot be read: {why}")
        self.name = name


class UnknownRegionError(RejectedError):
    """EC2 has no `region` in the partition that Cordon runs in."""

    def __init__(self, region: str) -> None:
        super().__init__(f"region {region} is none of EC2's")
        self.region = region


class PolicyError(RejectedError):
    """A policy file says something that Cordon cannot follow, at `line`; `mistakes` are all."""

    def __init__(self, line: int, said: str, more: tuple[tuple[int, str], ...] = ()) -> None:
        self.line, self.mistakes = line, ((line, said), *more)
        told = "; ".join(f"line {at}: {said}" for at, said in self.mistakes)
        super().__init__(f"policy file, {told}")


class ConflictError(CordonError):
    """What was asked for does not fit what is; the caller looks again, and decides."""


class StaleViewError(ConflictError):
    """The caller saw version `seen` of a record that is at `version` by now."""

    def __init__(self, seen: int, version: int) -> None:
        super().__init__(f"the record is at version {version}, not {seen}: look at it again")
        self.version = version


class AlreadyReleasedError(ConflictError):
    """The last quarantine of `instance_id` is over."""

    def __init__(self, instance_id: str, by: str) -> None:
        super().__init__(f"{instance_id} was released already, by {by}")
        self.instance_id = instance_id


class ContainmentAtWorkError(ConflictError):
    """A containment of `instance_id` may still change it, for `until` at the latest."""

    def __init__(self, instance_id: str, until: str) -> None:
        super().__init__(
            f"{instance_id} is just being contained; ask again, at {until} at the latest"
        )
        self.instance_id = instance_id


class NothingToCutError(ConflictError):
    """`instance_id` is attached to no network."""

    def __init__(self, instance_id: str) -> None:
        super().__init__(f"{instance_id} has no network interface: there is nothing to cut")
        self.instance_id = instance_id


class UnfitStepError(ConflictError):
    """The step would do harm to this instance, or nothing."""


class DriftError(ConflictError):
    """`instance_id` cannot be given back exactly; `drift` says what is in the way."""

    def __init__(self, instance_id: str, drift: tuple[str, ...]) -> None:
        super().__init__(
            f"{instance_id} cannot be given back exactly: {'; '.join(drift)}. "
            "With accept_drift it is given back as far as that goes"
        )
        self.instance_id = instance_id
        self.drift = drift


class FourEyesError(ConflictError):
    """A release needs a second person."""


class BusyError(CordonError):
    """It did not work now; the same call may work later."""


class AwsBusyError(BusyError):
    """AWS answered `code`, which passes, while Cordon was `doing` something."""

    def __init__(self, doing: str, code: str) -> None:
        super().__init__(f"{doing}: AWS answered {code}")
        self.doing = doing
        self.code = code


class AwsSilentError(AwsBusyError):
    """AWS gave no answer: what was asked for may be carried out all the same, and late."""


class RecordMovedError(BusyError):
    """The record of `instance_id` is no longer what the caller had read."""

    def __init__(self, instance_id: str) -> None:
        super().__init__(f"the record of {instance_id} was changed by someone else")
        self.instance_id = instance_id


class ListMovedError(BusyError):
    """Another sync changed what is remembered of the threat list since this one read it."""

    def __init__(self) -> None:
        super().__init__("another sync of the threat list came first")


class UnseenError(BusyError):
    """Whether `instance_id` is still cut off could not be seen."""

    def __init__(self, instance_id: str, problem: str) -> None:
        super().__init__(f"{instance_id} could not be looked at: {problem}")
        self.instance_id = instance_id


class ReleaseInProgressError(BusyError):
    """`instance_id` is being released; a new finding waits until that is over."""

    def __init__(self, instance_id: str) -> None:
        super().__init__(f"{instance_id} is being released")
        self.instance_id = instance_id


class NotContainedError(BusyError):
    """EC2 says that `instance_id` is not cut off; `problems` lists what is left."""

    def __init__(self, instance_id: str, problems: tuple[str, ...]) -> None:
        super().__init__(f"{instance_id} is not contained: {'; '.join(problems)}")
        self.instance_id = instance_id
        self.problems = problems


class OpenToEverythingError(NotContainedError):
    """An interface of the instance is on the drain group, and does not come off it."""


class NotReleasedError(BusyError):
    """EC2 says that `instance_id` is not given back; `problems` lists what is left."""

    def __init__(self, instance_id: str, problems: tuple[str, ...]) -> None:
        super().__init__(f"{instance_id} is not given back: {'; '.join(problems)}")
        self.instance_id = instance_id
        self.problems = problems


class RefusedError(CordonError):
    """It will not work without a person."""


class AwsRefusedError(RefusedError):
    """AWS answered `code`, and will answer it again, while Cordon was `doing` something."""

    def __init__(self, doing: str, code: str) -> None:
        super().__init__(f"{doing}: AWS refused with {code}")
        self.doing = doing
        self.code = code


class BreakerOpenError(RefusedError):
    """`account_id` may open no more quarantines until its window is over."""

    def __init__(self, account_id: str) -> None:
        super().__init__(f"the circuit breaker of account {account_id} is open")
        self.account_id = account_id


class UnreadableRecordError(RefusedError):
    """The record `name` of the table cannot be read: a person, or another version, wrote it."""

    def __init__(self, name: str, problem: str) -> None:
        super().__init__(f"the record {name} cannot be read: {problem}")
        self.name = name


class StepFailedError(RefusedError):
    """`instance_id` is cut off, but `problems` could not be done after, or before, the cut."""

    def __init__(self, instance_id: str, problems: tuple[str, ...]) -> None:
        super().__init__(f"{instance_id} is cut off, but: {'; '.join(problems)}")
        self.instance_id = instance_id
        self.problems = problems
