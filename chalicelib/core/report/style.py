"""How the incident report looks: on a screen by day and by night, on a phone, and on paper."""

STYLE = """
:root{color-scheme:light dark;
--ink:#1b1f24;--soft:#5a6472;--line:#d8dde3;--page:#fff;--card:#f6f7f9}
@media(prefers-color-scheme:dark){
:root{--ink:#e8eaed;--soft:#a3adba;--line:#3a414a;--page:#15181c;--card:#1e2227}}
*{box-sizing:border-box}
body{margin:0;background:var(--page);color:var(--ink);
font:16px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif}
header{padding:2rem max(1.5rem,calc(50% - 30rem));color:#fff}
header.cut{background:#9f1d20}header.work{background:#8a4b00}header.free{background:#14613a}
header p{margin:0}header .state{font-weight:700;letter-spacing:.04em;text-transform:uppercase}
h1{margin:.2rem 0;font-size:2rem;line-height:1.2;overflow-wrap:anywhere}
main{max-width:63rem;margin:0 auto;padding:1rem 1.5rem 3rem}
section{margin-top:2.25rem}
h2{margin:0 0 .6rem;font-size:1.15rem}
dl{display:grid;grid-template-columns:9rem 1fr;gap:.35rem 1rem;margin:1.25rem 0 0}
dt{color:var(--soft)}dd{margin:0;overflow-wrap:anywhere}
table{width:100%;border-collapse:collapse;font-size:.92rem;font-variant-numeric:tabular-nums}
th{text-align:left;color:var(--soft);font-weight:600;background:var(--card)}
th,td{padding:.45rem .6rem;border-bottom:1px solid var(--line);vertical-align:top}
td:nth-child(n+2){overflow-wrap:break-word}td:last-child{overflow-wrap:anywhere}
td:first-child{white-space:nowrap}
@media(max-width:40rem){
dl{grid-template-columns:1fr;gap:0}dd{margin-bottom:.6rem}
thead{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
table,tbody,tr,td{display:block}td{border:0;padding:.1rem 0}
tr{padding:.6rem 0;border-bottom:1px solid var(--line)}
td:first-child{font-weight:600;white-space:normal}}
@media print{
:root{color-scheme:light}header{color:#000;background:none!important;border-bottom:3px solid #000}
section{break-inside:avoid-page}}
"""
