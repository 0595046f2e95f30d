"""Is Cordon itself well? The daily digest that a person reads in a minute."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from itertools import chain

from chalicelib.core.deployed import Deployed
from chalicelib.core.findings.severity import Band
from chalicelib.core.notices.about_channels import (
    NO_CHANNELS,
    Hearing,
    channel_lines,
    channel_worries,
)
from chalicelib.core.notices.channels.incident import GROUPS, WORRIES
from chalicelib.core.notices.fit import Section
from chalicelib.core.notices.notice import Kind, Notice
from chalicelib.core.plain_text import one_line, subject_line
from chalicelib.core.policy.mode import ListsSetting, ModeSetting
from chalicelib.core.policy.policy import Lists, Mode
from chalicelib.core.quarantine.exemption import Exempt
from chalicelib.core.quarantine.held import Held, strongest_first
from chalicelib.core.quarantine.record import Quarantine
from chalicelib.core.quarantine.times import WHOLE, Summary

_LINE = 400  # characters
_SHORT, _FEW = 200, 10  # characters and lines of a worry that machines are told
_SELDOM = {"ONE_HOUR": "hour", "SIX_HOURS": "six hours"}  # a new detector's own choice is six
_EXERCISE_EVERY = timedelta(days=92)
_MOST = 50  # quarantines that a digest names


@dataclass(frozen=True, slots=True)
class DetectorHealth:
    """What GuardDuty says of itself in one region."""

    is_enabled: bool
    plans: tuple[tuple[str, bool], ...] = ()  # name of a protection plan, and whether it is on
    lists: tuple[tuple[str, str], ...] = ()  # name of a threat list, and GuardDuty's word for it
    id: str = ""
    sends_every: str = ""  # GuardDuty's word for how often it tells that a finding goes on


@dataclass(frozen=True, slots=True)
class Posture:
    """Everything that the digest tells; a text in the place of a fact says why it is missing."""

    at: datetime  # UTC
    mode: Mode
    setting: ModeSetting | None
    quarantines: tuple[Quarantine, ...]  # open ones, the longest open first
    detector: DetectorHealth | str
    dead_letters: int | str
    exercised_at: datetime | None
    failing: tuple[tuple[str, datetime], ...] = ()  # who cannot be looked at, since when
    groups: Mapping[str, str] = field(default_factory=dict)  # which AWS refuses, and why
    impostors: tuple[str, ...] | str = ()  # groups that only bear the name of one of Cordon's
    held: tuple[Held, ...] | str = ()  # what deserves a containment and waits
    lists: ListsSetting | str | None = None  # the kill switch of the threat lists
    exempt: tuple[Exempt, ...] | str = ()  # who is not contained, though it may deserve it
    unheard: tuple[str, ...] | str = ()  # who is not told, though somebody wants them to be
    channels: Hearing | str = NO_CHANNELS  # how those fare that are told over the internet
    times: Mapping[str, Summary] | str = field(default_factory=dict)  # of the last quarantines
    deployed: Deployed | str = ""  # which version is at work
    unreadable: tuple[str, ...] = ()  # records that are none, and what is wrong there


def of_posture(posture: Posture, account_id: str, region: str) -> Notice:
    """Tell how Cordon stands; the subject says whether anything needs a person."""
    worries = tuple(find_worries(posture))
    verdict = f"{len(worries)} to look at" if worries else "all is well"
    return Notice(
        kind=Kind.DIGEST,
        outcome="worries" if worries else "well",
        severity=(Band.MEDIUM if worries else Band.LOW).value,
        account_id=account_id,
        subject=subject_line(
            f"Cordon {posture.at:%Y-%m-%d}: {verdict}, {len(posture.quarantines)} in quarantine"
        ),
        sections=(
            ("To look at", worries or ("Nothing.",)),
            ("Mode", tuple(_mode_lines(posture))),
            _quarantine_section(posture),
            *_held_section(posture.held),
            *_exempt_section(posture.exempt),
            ("GuardDuty", tuple(_detector_lines(posture.detector))),
            ("Time to contain", tuple(_time_lines(posture.times))),
            ("Dead letters", (str(posture.dead_letters),)),
            ("Channels", tuple(channel_lines(posture.channels, posture.at))),
            ("Last exercise", (_day(posture.exercised_at),)),
            ("Version", (one_line(str(posture.deployed), _LINE),) if posture.deployed else ()),
        ),
        facts={
            "region": region,
            "mode": posture.mode.value,
            "open_quarantines": len(posture.quarantines),
            "time_to_contain": _time_facts(posture.times),
            "worries": list(worries),
            WORRIES: {
                name: [one_line(line, _SHORT) for line in lines[:_FEW]]
                for name, lines in sort_worries(posture).items()
            },
        },
    )


def find_worries(posture: Posture) -> Iterator[str]:
    """Yield what needs a person, in words."""
    yield from chain.from_iterable(sort_worries(posture).values())


def sort_worries(posture: Posture) -> dict[str, tuple[str, ...]]:
    """Return what needs a person, in words, each under the name that it has as long as it lasts."""
    groups = list(posture.groups.items())[:_MOST]
    worries: dict[str, Iterable[str]] = {
        "mode": _mode_worries(posture.mode),
        "records": (one_line(problem, _LINE) for problem in posture.unreadable[:_MOST]),
        "out-of-sight": (
            f"{key} cannot be seen to since {since:%Y-%m-%d %H:%M} UTC"
            for key, since in posture.failing[:_MOST]
        ),
        GROUPS: (one_line(f"{group}: {why}", _LINE) for group, why in groups),
        "impostors": _impostor_worries(posture.impostors),
        "guardduty": _detector_worries(posture.detector),
        "held": _held_worries(posture.held),
        "exemptions": _exempt_worries(posture.exempt),
        "lists": _paused_worries(posture.lists),
        "unheard": _unheard_worries(posture.unheard),
        "channels": channel_worries(posture.channels, posture.at),
        "dead-letters": _letter_worries(posture.dead_letters),
        "exercise": _exercise_worries(posture),
    }
    return {name: said for name, lines in worries.items() if (said := tuple(lines))}


def _mode_worries(mode: Mode) -> Iterator[str]:
    if mode is Mode.OBSERVE:
        yield "Cordon only observes: it contains nothing by itself"


def _letter_worries(dead_letters: int | str) -> Iterator[str]:
    if isinstance(dead_letters, str):
        yield f"the dead letters cannot be counted: {one_line(dead_letters, _LINE)}"
    elif dead_letters:
        yield f"{dead_letters} event(s) failed for good and wait in the dead letters"


def _exercise_worries(posture: Posture) -> Iterator[str]:
    if posture.exercised_at is None or posture.at - posture.exercised_at > _EXERCISE_EVERY:
        yield "no exercise for three months: make smoke, or cordon drill"


def _impostor_worries(impostors: tuple[str, ...] | str) -> Iterator[str]:
    if isinstance(impostors, str):
        yield f"Cordon's security groups cannot be described: {one_line(impostors, _LINE)}"
        return
    for each in impostors[:_MOST]:
        yield f"the security group {each} bears the name of Cordon's, and is another's"


def _unheard_worries(unheard: tuple[str, ...] | str) -> Iterator[str]:
    if isinstance(unheard, str):
        yield f"who hears Cordon cannot be listed: {one_line(unheard, _LINE)}"
        return
    yield from (one_line(each, _LINE) for each in unheard[:_MOST])


def _detector_worries(detector: DetectorHealth | str) -> Iterator[str]:
    if isinstance(detector, str):
        yield f"GuardDuty cannot be asked: {one_line(detector, _LINE)}"
        return
    if not detector.is_enabled:
        yield "GuardDuty is not enabled in this region: no finding can arrive"
    if detector.sends_every in _SELDOM:
        yield (
            f"GuardDuty tells that a finding goes on only every {_SELDOM[detector.sends_every]}: "
            f"aws guardduty update-detector --detector-id {one_line(detector.id, _LINE)} "
            "--finding-publishing-frequency FIFTEEN_MINUTES"
        )
    for name, status in detector.lists:
        if status not in ("ACTIVE", "INACTIVE", "ACTIVATING"):
            yield f"the threat list {one_line(name, _LINE)} is {status}"


def _held_worries(held: tuple[Held, ...] | str) -> Iterator[str]:
    if isinstance(held, str):
        yield f"what is held cannot be read: {one_line(held, _LINE)}"
    elif held:
        yield f"{len(held)} instance(s) deserve a containment, and are held"


def _paused_worries(lists: ListsSetting | str | None) -> Iterator[str]:
    if isinstance(lists, str):
        yield f"whether the threat lists are paused cannot be read: {one_line(lists, _LINE)}"
    elif lists is not None and lists.lists is Lists.PAUSED:
        said = f"the threat lists are paused since {_day(lists.at)} by {lists.by}: {lists.reason}"
        yield one_line(said, _LINE)


def _exempt_worries(exempt: tuple[Exempt, ...] | str) -> Iterator[str]:
    if isinstance(exempt, str):
        yield f"the list of exemptions cannot be read: {one_line(exempt, _LINE)}"
        return
    for each in exempt[:_MOST]:
        if each.exemption.until is None:
            said = f"the exemption of {each.ref.key} has no end that can be read, and holds"
            yield one_line(f"{said}: put it again with one", _LINE)


def _exempt_section(exempt: tuple[Exempt, ...] | str) -> tuple[Section, ...]:
    if isinstance(exempt, str) or not exempt:
        return ()
    lines = [one_line(f"{each.ref.key} {each.exemption.words}", _LINE) for each in exempt[:_MOST]]
    left = len(exempt) - _MOST
    return (("Exempt", (*lines, *([f"and {left} more"] if left > 0 else []))),)


def _held_section(held: tuple[Held, ...] | str) -> tuple[Section, ...]:
    lines = () if isinstance(held, str) else tuple(_held_lines(held))
    return (("Held", lines),) if lines else ()


def _held_lines(held: tuple[Held, ...]) -> Iterator[str]:
    for each in tuple(strongest_first(held))[:_MOST]:
        reasons, day = ", ".join(each.reasons), _day(each.at)
        yield one_line(
            f"{each.ref.instance_id}, {each.ref.account_id}, {each.finding_type} "
            f"({each.score}), since {day}: {reasons}",
            _LINE,
        )
    if len(held) > _MOST:
        yield f"and {len(held) - _MOST} more"


def _mode_lines(posture: Posture) -> Iterator[str]:
    if posture.setting is None:
        yield f"{posture.mode}, as deployed"
        return
    yield f"{posture.mode}, set on {posture.setting.at:%Y-%m-%d} by {posture.setting.by}"
    yield one_line(posture.setting.reason, _LINE)


def _quarantine_section(posture: Posture) -> Section:
    lines = [
        f"{each.ref.instance_id}, {each.ref.account_id}, {each.state}, "
        f"for {(posture.at - each.opened_at).days} day(s): {one_line(each.reason, _LINE)}"
        for each in posture.quarantines[:_MOST]
    ]
    left = len(posture.quarantines) - _MOST
    if left > 0:
        lines.append(f"and {left} more")
    return ("In quarantine", tuple(lines) or ("Nothing.",))


def _detector_lines(detector: DetectorHealth | str) -> Iterator[str]:
    if isinstance(detector, str):
        yield one_line(detector, _LINE)
        return
    yield "enabled" if detector.is_enabled else "NOT enabled"
    for name, is_on in detector.plans:
        yield f"{name}: {'on' if is_on else 'off'}"
    for name, status in detector.lists:
        yield f"threat list {one_line(name, _LINE)}: {status}"


def _time_lines(times: Mapping[str, Summary] | str) -> Iterator[str]:
    if isinstance(times, str):
        yield one_line(times, _LINE)
        return
    words = zip(WHOLE, ("from the finding", "from the record"), strict=True)
    for said, start in ((times[name], start) for name, start in words if name in times):
        yield (
            f"{start} to the read-back: p50 {said.p50:.1f} s, p95 {said.p95:.1f} s, "
            f"of the last {said.count}"
        )


def _time_facts(times: Mapping[str, Summary] | str) -> dict[str, dict[str, float]] | None:
    if isinstance(times, str):
        return None
    return {name: asdict(summary) for name, summary in times.items()}


def _day(moment: datetime | None) -> str:
    return f"{moment:%Y-%m-%d}" if moment else "never"
