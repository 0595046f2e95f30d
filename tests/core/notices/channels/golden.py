"""The golden files: what each channel shows of the incident. Run it to write them again."""

from __future__ import annotations

import json
from pathlib import Path

from tests.core.notices.channels.incident import NOTICES
from tests.core.notices.channels.rendering import RENDERERS

FOLDER = Path(__file__).with_name("golden")


def rendered() -> dict[str, str]:
    """Return what each file must hold, by its name."""
    files = {
        f"{channel}.json": json.dumps(
            {name: render(notice) for name, notice in NOTICES.items()},
            indent=1,
            ensure_ascii=False,
        )
        + "\n"
        for channel, render in RENDERERS.items()
    }
    mails = [f"Subject: {notice.mail_subject}\n\n{notice.text}" for notice in NOTICES.values()]
    return {**files, "email.txt": "\n----\n\n".join(mails)}


if __name__ == "__main__":
    for file, text in rendered().items():
        (FOLDER / file).write_text(text, encoding="utf-8")
