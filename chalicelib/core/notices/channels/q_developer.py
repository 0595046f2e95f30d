"""Amazon Q Developer in chat applications: a custom notification, published on an SNS topic.

Source: https://docs.aws.amazon.com/chatbot/latest/adminguide/custom-notifs.html
It names fields and gives no lengths; those here are ours, within one message of Slack or Teams.
"""

from __future__ import annotations

import re
from typing import Any

from chalicelib.core.notices.channels.incident import alert_of
from chalicelib.core.notices.channels.lines import (
    fitted,
    instances_of,
    next_steps,
    strings,
    subject_of,
    summary,
    tame,
)
from chalicelib.core.notices.notice import Notice

_TITLE = 150  # characters
_DESCRIPTION = 2_500  # characters
_STEPS = 600  # characters
# What Slack or Teams take for markup where no code block keeps them from it.
_MARKUP = re.compile(r"[*_~|\[\]()#\\]")


def render(notice: Notice, key: str) -> dict[str, Any]:
    """Return the notification; all of an incident, or of a kind, go to one thread.

    Its text is rendered as Markdown of the chat, so lines stand in code blocks, and neither a
    mention nor a link can be made of what is left.

    Args:
        notice: what to say.
        key: names this notice, the same in every try.
    """
    steps = fitted(next_steps(notice), _STEPS, _size)
    blocks = fitted(notice.sections, _DESCRIPTION, _size)
    related = (*instances_of(notice), *strings(notice.facts.get("quarantine_id")))
    return {
        "version": "1.0",
        "source": "custom",
        "id": key,
        "content": {
            "textType": "client-markdown",
            "title": _bare(subject_of(notice, _TITLE)) or "Cordon",
            "description": "\n".join(
                _block(*each) for each in blocks or [("", (summary(notice),))]
            ),
            "nextSteps": [f"{_bare(head)}: {_code(lines)}" for head, lines in steps],
            "keywords": [_bare(each) for each in (notice.severity, notice.kind, notice.outcome)],
        },
        "metadata": {
            "threadId": _bare(alert_of(notice)),
            "summary": _bare(summary(notice)),
            "eventType": f"cordon-{notice.kind.value.replace('_', '-')}",
            "relatedResources": [_bare(each) for each in related],
        },
    }


def _block(heading: str, lines: tuple[str, ...]) -> str:
    title = f"*{_bare(heading)}*\n" if _bare(heading) else ""
    text = "\n".join(map(_literal, lines))
    return f"{title}```\n{text}\n```"


def _code(lines: tuple[str, ...]) -> str:
    return " ".join(f"`{_literal(line)}`" for line in lines)


def _literal(text: str) -> str:
    """Return `text` as a code block keeps it: nothing ends the block, or mentions anybody."""
    for character, other in (("`", "'"), ("<", "\u2039"), (">", "\u203a"), ("@", "(at)")):
        text = text.replace(character, other)
    return text


def _bare(text: str) -> str:
    return " ".join(_MARKUP.sub(" ", _literal(tame(text))).split())


def _size(line: str) -> int:
    return len(_literal(line)) + 8  # what makes it a block or a heading
