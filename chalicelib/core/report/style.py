"""How the incident report looks: on a screen by day and by night, on a phone, and on paper."""

STYLE = """
:root{color-scheme:light dark;
--ink:#1b1f24;--soft:#5a6472;--line:#d8dde3;--page:#fff;--card:#f4f6f8;
--cut:#14713f;--not-cut:#b02a1c;--unknown:#8a5a00}
@media(prefers-color-scheme:dark){
:root{--ink:#e8eaed;--soft:#a3adba;--line:#3a414a;--page:#15181c;--card:#1e2227;
--cut:#2f9e63;--not-cut:#e5604f;--unknown:#d29922}}
*{box-sizing:border-box}
body{margin:0;background:var(--page);color:var(--ink);
font:16px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif}
header{padding:1.75rem max(1.25rem,calc(50% - 34rem));color:#fff}
header.cut{background:#9f1d20}header.work{background:#7a4300}header.free{background:#14613a}
header p{margin:0}.state{font-weight:700;letter-spacing:.04em;text-transform:uppercase}
.summary{font-size:1.15rem;max-width:46rem;overflow-wrap:anywhere}.where{margin-top:.6rem!important;font-size:.9rem}
h1{margin:.1rem 0 .4rem;font-size:clamp(1.25rem,6vw,2rem);line-height:1.2;overflow-wrap:anywhere}
main{max-width:70.5rem;margin:0 auto;padding:.5rem 1.25rem 3rem}
section{margin-top:1.75rem}
h2{margin:0 0 .6rem;font-size:1.15rem}
.command{display:flex;flex-wrap:wrap;gap:.2rem 1rem;align-items:baseline;padding:.5rem .8rem;
background:var(--card);border:1px solid var(--line);border-radius:8px;margin-bottom:.4rem}
.command b{min-width:15rem;font-weight:400}
.command code span{display:inline-block;max-width:100%}
code{font:.88rem/1.5 ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;overflow-wrap:anywhere}
.pair{display:grid;grid-template-columns:1fr 1fr;gap:0 3rem}
.drawing{width:100%;max-width:32rem;height:auto;display:block}
.drawing text{fill:var(--ink);font-size:13px}
.drawing .soft{fill:var(--soft);font-size:12px}.drawing .small{font-size:11.5px}
.drawing .strong{font-weight:600;fill:var(--ink)}.drawing .end{text-anchor:end}
.rail{stroke:var(--line);stroke-width:3}.dot{fill:var(--not-cut)}.dot.safe{fill:var(--cut)}.dot.after{fill:var(--soft)}
.drawing .out{fill:var(--not-cut)}
.box{fill:var(--card);stroke:var(--line)}
.badge.cut,.badge.given-back{fill:var(--cut)}.badge.not-cut{fill:var(--not-cut)}.badge.unknown{fill:var(--unknown)}
.drawing .mark{fill:var(--page);font-weight:700;font-size:14px}
.note{color:var(--soft);max-width:60rem}
dl{display:grid;grid-template-columns:9rem 1fr;gap:.35rem 1rem;margin:0}
dt{color:var(--soft)}dd{margin:0;overflow-wrap:anywhere}
table{width:100%;border-collapse:collapse;font-size:.92rem;font-variant-numeric:tabular-nums}
th{text-align:left;color:var(--soft);font-weight:600;background:var(--card)}
th,td{padding:.45rem .6rem;border-bottom:1px solid var(--line);vertical-align:top}
td{overflow-wrap:anywhere;min-width:6.5rem}
.done,.undone{color:var(--cut)}.failed{color:var(--not-cut)}.pending,.started,.waiting{color:var(--unknown)}
.skipped{color:var(--soft);font-weight:400}
summary{cursor:pointer;padding:.4rem 0;color:var(--soft)}
@media screen and (max-width:46rem){
.pair{grid-template-columns:1fr}
dl{grid-template-columns:1fr;gap:0}dd{margin-bottom:.6rem}
thead{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
table,tbody,tr,td{display:block}td{border:0;padding:.1rem 0}
tr{padding:.6rem 0;border-bottom:1px solid var(--line)}
td:first-child{font-weight:600}
td+td::before{content:attr(data-of) " ";color:var(--soft);font-weight:400}}
@media print{
:root{color-scheme:light;--ink:#000;--soft:#444;--line:#bbb;--page:#fff;--card:#fff;
--cut:#14713f;--not-cut:#b02a1c;--unknown:#8a5a00}
header{color:#000;background:none!important;border-bottom:3px solid #000}
.drawing .mark{fill:#fff}.badge,.dot{print-color-adjust:exact;-webkit-print-color-adjust:exact}
details::details-content{content-visibility:visible;height:auto}
body{font-size:10pt}section{margin-top:1.1rem}main{padding-bottom:0}
.summary{font-size:1.05rem}.command{padding:.25rem .6rem}.drawing{max-width:17.5rem}
header,main{padding-left:0;padding-right:0}
.pair,tr,.command,li{break-inside:avoid-page}h2{break-after:avoid-page}}
"""
