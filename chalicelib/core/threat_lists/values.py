r"""What one value says, however people write it: an address, a network, a range, a domain, a URL.

Values are made ready by passes over many of them at once: a regular expression that runs over a
text of thousands of lines costs a fraction of one that is started for each of them. Each pass is
skipped when the text does not hold what it looks for, and each looks at a character a fixed number
of times, whatever the text.
"""

from __future__ import annotations

import re
from typing import TypeAlias

from chalicelib.core.threat_lists.ipv4 import parse_address, parse_span
from chalicelib.core.threat_lists.reasons import Reason

BROKEN = "\0"  # in front of what could not be read: it is never an entry
OTHER = "\2"  # in front of what is known to be neither address nor domain
URL = "//"  # in front of the host of a URL
GOOD = "!"  # in front of what somebody says is good
BESIDE = "\x1f"  # between several values of one line

_EDGES = " \t\r\"'"
LONGEST = 4_096  # characters of a line that may hold an entry; a longer one is looked at no more

_IP = r"[0-9]{1,3}\.[0-9]{1,3}\.[0-9]{1,3}\.[0-9]{1,3}"
_FLAGS = re.ASCII | re.IGNORECASE | re.MULTILINE

Passes: TypeAlias = tuple[tuple[tuple[str, ...], re.Pattern[str], str], ...]


def _passes(*each: tuple[tuple[str, ...], str, str]) -> Passes:
    """Return what to look for, where it may be, and what to put instead."""
    return tuple((needs, re.compile(pattern, _FLAGS), instead) for needs, pattern, instead in each)


# Nothing is put back of what a pattern found: that alone would cost as much as all the rest.
_PASSES = _passes(
    (("#", ";"), r"[#;].*", ""),
    (("\n//", " //", "\t//"), r"(?<=[ \t\n])//.*", ""),
    (("!",), r"^[ \t]*!(?:[ \t].*)?$", ""),
    ((",",), r",.*", ""),
    (("[.]",), r"\[\.\]", "."),
    (("[", "(", "{"), r"[ \t]?[\[({][ \t]?(?:\.|dot)[ \t]?[\])}][ \t]?", "."),
    (("[", "(", "{"), r"[\[({]\.|\.[\])}]", "."),
    (("[", "(", "{"), r"[\[({](?=(?:://|:|/|@)[\])}])|(?<=[:/@])[\])}]", ""),
    (("\u2013",), "\u2013", "-"),
    ((":",), r":[0-9]{1,5}(?=[ \t\r\"']*$|/(?!/))", ""),
    ((" ", "\t"), rf"(?<=[0-9])[ \t]+(?:netmask[ \t]+)?(?={_IP}[ \t\r\"']*$)", "/"),
)
_WHATEVER = frozenset({"", "$all", "$important", "$third-party"})  # adblock's options
_SCHEME = re.compile(r"[a-z][a-z0-9*+.-]*", re.ASCII | re.IGNORECASE)

_LABEL = r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?"
_PLAIN = re.compile(r"(?:[a-z0-9_]+(?:-+[a-z0-9_]+)*\.)+[a-z]{2,}")
_PLAIN_LENGTH = 63  # characters: so long may a part of a name be, and so all of it
_DOMAIN = re.compile(rf"(?:\*\.)?(?:{_LABEL}\.)*(?:[a-z]{{2,63}}|xn--[a-z0-9-]{{1,59}})")
_LONGEST_NAME = 253  # characters of a domain: RFC 1035
# Of IDNA 2003 another name than of IDNA 2008: https://www.unicode.org/reports/tr46/#Deviations
_DEVIATING = frozenset("\u00df\u1e9e\u03c2\u200c\u200d")
_IPV6 = frozenset("0123456789abcdefABCDEF:./[]%")  # its characters
_HASH = re.compile(
    r"[0-9a-f]{32}|[0-9a-f]{40}|[0-9a-f]{56}|[0-9a-f]{64}|[0-9a-f]{128}", re.IGNORECASE
)
_OTHER = re.compile(r"[^\s@/]+@[^\s@/]+\.[^\s@/]+|CVE-\d{4}-\d+|AS\d{1,10}", re.IGNORECASE)
_LONGEST_OTHER = 320  # characters of an e-mail address

# Endings of files that are no top-level domain, and such that are both.
_FILES = frozenset(
    re.findall(
        r"\S+",
        """
    7z aspx bak bat bin bmp cer cfg cfm cgi class cmd conf config cpl crt csv dat db deb dll
    dmg doc docm docx eml elf exe gif gz hta htm html ico img inf ini iso jar jpeg jpg js
    jse json jsp jspx key lnk log lua msi msp ocx ods odt ole pcap pdb pdf pem php phtml png ppt
    pptm pptx ps1 psd psm pyc rar reg rtf scr sct sfx sql svg swf sys tar tgz tmp toml ttf txt
    vbe vbs war wav wsf wsh xaml xls xlsb xlsm xlsx xml yaml yml
    """,
    )
)
_BOTH = frozenset({"md", "mov", "py", "sh", "zip"})
_LOCAL = frozenset({"arpa", "internal", "lan", "local", "localdomain", "localhost", "onion"})
_DOUBTFUL = _FILES | _BOTH | _LOCAL


def good(text: str) -> str:
    """Return what a line says, marked as said of what is good: each of its values is."""
    return GOOD + text.replace(BESIDE, BESIDE + GOOD)


def tidied(values: list[str]) -> list[str]:
    """Return each value without what people put around it: nothing is left of a comment.

    Comments, quotes, further columns, defanging (`[.]`, `hxxp`), ports and paths go. The host of a
    URL gets `URL` in front, unless it is an address.
    """
    text = "\n".join(["", *values])
    if text.count("\n") > len(values):  # of JSON: a line end inside a value
        text = "\n".join(["", *(each.replace("\n", " ") for each in values)])
    for needs, pattern, instead in _PASSES:
        if any(each in text for each in needs):
            text = pattern.sub(instead, text)
    found = [each.strip(_EDGES) for each in text.split("\n")[1:]]
    if "/" in text:
        found = [_host(each) if "/" in each else each for each in found]
    if "||" in text:
        found = [_blocked(each) if each.startswith("||") else each for each in found]
    return found


def _host(text: str) -> str:
    """Return the host of a URL, also of one without scheme; of a name, with `URL` in front."""
    if text.startswith((BROKEN, OTHER)):
        return text
    scheme, slashes, rest = text.partition("//")
    if not slashes:
        host, _, path = text.partition("/")
        is_path = path[:1].isdigit() or " " in path or "\t" in path
        return text if is_path and host[-1:].isdigit() else _marked(host)
    if scheme and not (scheme[-1] == ":" and _SCHEME.fullmatch(scheme[:-1])):
        return text
    if " " in rest or "\\" in rest:
        return BROKEN + text
    host = rest.partition("/")[0].partition("?")[0].rpartition("@")[2]
    host, colon, port = host.partition(":")
    return BROKEN + text if colon and port and not port.isdigit() else _marked(host)


def _marked(host: str) -> str:
    return host if host[-1:].isdigit() else URL + host


def _blocked(text: str) -> str:
    """Return the name of an adblock rule that blocks it whatever is asked of it."""
    name, end, options = text[2:].partition("^")
    return name if end and options in _WHATEVER else text


def is_plain_domain(text: str) -> bool:
    """Whether a tidied value is a domain that needs no second look; most are."""
    return (
        len(text) <= _PLAIN_LENGTH
        and _PLAIN.fullmatch(text) is not None
        and text[text.rindex(".") + 1 :] not in _DOUBTFUL
    )


def understood(text: str) -> int | str | Reason:
    """Return the span or the domain that a tidied value is, or why it is neither.

    A domain is in lower case and ASCII; one of a URL still has `URL` in front.
    """
    if text[:1].isdigit():
        span = _span(text)
        if span is not None:
            return span
    host = text.removeprefix(URL)
    domain = host.lower().removesuffix(".").removeprefix(".")
    if not domain.isascii():
        domain = _in_ascii(domain)
    if "." in domain and len(domain) <= _LONGEST_NAME and _DOMAIN.fullmatch(domain):
        return _checked(domain) or text[: len(text) - len(host)] + domain
    return _why_not(text)


def _span(text: str) -> int | None:
    try:
        first, dash, last = text.partition("-")
        if dash:
            span = parse_address(first.rstrip()) << 32 | parse_address(last.lstrip())
            return span if span >> 32 <= span & 0xFFFFFFFF else None
        return parse_span(text)
    except ValueError:
        return None


def _in_ascii(domain: str) -> str:
    """Return an internationalised domain as it is asked for in DNS; empty: it is none, or two."""
    if len(domain) > _LONGEST_NAME or not _DEVIATING.isdisjoint(domain):
        return ""
    try:
        return domain.encode("idna").decode("ascii")
    except UnicodeError:
        return ""


def _checked(domain: str) -> Reason | None:
    """Return why what is written like a domain is none after all."""
    rest, _, last = domain.rpartition(".")
    if last in _BOTH:  # setup.zip, invoice.pdf.zip; but files.example.zip may be one
        _, dot, before = rest.rpartition(".")
        return Reason.FILE_NAME if not dot or before in _FILES else None
    if last in _FILES:
        return Reason.FILE_NAME
    return Reason.RESERVED if last in _LOCAL else None


def _why_not(text: str) -> Reason:
    if text.startswith(BROKEN):
        return Reason.NO_ADDRESS
    if text.startswith(("@@", "!")):
        return Reason.ALLOW_RULE
    if len(text) <= _LONGEST_OTHER and (_HASH.fullmatch(text) or _OTHER.fullmatch(text)):
        return Reason.OTHER_KIND
    if text.startswith(OTHER):
        return Reason.OTHER_KIND
    is_ipv6 = text.count(":") > 1 and _IPV6.issuperset(text.removeprefix(URL))
    return Reason.IPV6 if is_ipv6 else Reason.NO_ADDRESS
