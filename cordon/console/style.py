"""How the console looks: as the report does, and its forms."""

from __future__ import annotations

import base64
import hashlib

from chalicelib.core.report.style import STYLE as OF_THE_REPORT

STYLE = (
    OF_THE_REPORT
    + """
nav{background:var(--card);border-bottom:1px solid var(--line);
padding:.7rem max(1.25rem,calc(50% - 34rem));display:flex;gap:1.5rem;flex-wrap:wrap}
a{color:inherit}
form{display:grid;gap:.6rem;max-width:34rem;margin:0;padding:1rem;background:var(--card);
border:1px solid var(--line);border-radius:8px}
label{display:grid;gap:.2rem}label.check{display:flex;gap:.6rem;align-items:baseline}
input,select,button{font:inherit;color:inherit;background:var(--page);border:1px solid var(--soft);
border-radius:6px;padding:.45rem .6rem}
input[type=checkbox]{padding:0}
button{background:var(--ink);color:var(--page);font-weight:600;cursor:pointer;justify-self:start}
:focus-visible{outline:3px solid #3b82f6;outline-offset:2px}
.said{padding:.7rem 1rem;border-left:4px solid var(--not-cut);background:var(--card);
overflow-wrap:anywhere}
.said.done{border-color:var(--cut);color:inherit}
.CONTAINED{color:var(--not-cut)}.RELEASED{color:var(--cut)}
.CONTAINING,.RELEASING{color:var(--unknown)}
@media(min-width:46rem){#held td:nth-child(odd),td:first-child{min-width:12rem}}
details form{margin-top:.6rem}details{margin-bottom:.8rem}
"""
)
_HASH = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
CONTENT_SECURITY_POLICY = (
    f"default-src 'none'; style-src 'sha256-{_HASH}'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'"
)
