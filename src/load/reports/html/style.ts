/** Styles of the report: light, dark and for paper. */
export const STYLE = `
:root { color-scheme: light dark; --back: #fff; --card: #f6f7f9; --text: #1a1f27; --soft: #5b6472; --rule: #dfe3e8;
  --a: #1f6feb; --b: #b26a00; --c: #8a3ffc; --bad: #c62828; --good: #1a7f37; }
@media (prefers-color-scheme: dark) { :root { --back: #11151b; --card: #191f27; --text: #e6eaf0; --soft: #98a3b3;
  --rule: #2c3540; --a: #6ea8ff; --b: #f0a848; --c: #c09bff; --bad: #ff7b72; --good: #56d364; } }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 32px 24px 64px; max-width: 1120px; background: var(--back); color: var(--text);
  font: 14px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; }
h1 { font-size: 24px; margin: 0 0 4px; } h2 { font-size: 17px; margin: 36px 0 10px; }
p { margin: 6px 0; } .soft, figcaption, dt { color: var(--soft); }
.verdict { display: inline-block; padding: 2px 12px; border-radius: 999px; font-weight: 600; border: 1px solid currentColor; }
.good { color: var(--good); } td.bad, .verdict.bad, b.bad { color: var(--bad); }
.note { border-left: 3px solid var(--b); padding: 4px 12px; background: var(--card); }
dl { display: grid; grid-template-columns: repeat(auto-fill, minmax(170px, 1fr)); gap: 10px; margin: 20px 0 0; }
dl div { background: var(--card); border: 1px solid var(--rule); border-radius: 8px; padding: 10px 14px; }
dt { font-size: 12px; } dd { margin: 0; font-size: 19px; font-weight: 600; font-variant-numeric: tabular-nums; overflow-wrap: anywhere; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
th, td { text-align: right; padding: 6px 10px; border-bottom: 1px solid var(--rule); white-space: nowrap; }
th { font-size: 12px; color: var(--soft); font-weight: 600; }
th.text, td.text { text-align: left; white-space: normal; overflow-wrap: anywhere; min-width: 8em; }
tr.total td { font-weight: 600; border-bottom: 0; }
pre { margin: 4px 0 0; padding: 10px 14px; background: var(--card); border-radius: 8px; white-space: pre-wrap; overflow-wrap: anywhere; font-size: 12px; }
figure { margin: 18px 0 0; } svg { display: block; width: 100%; height: auto; }
.grid { stroke: var(--rule); } .mark { stroke: var(--soft); stroke-dasharray: 3 4; }
.tick { fill: var(--soft); font-size: 11px; } .line { fill: none; stroke-width: 1.6; stroke-linejoin: round; }
.line.a { stroke: var(--a); } .line.b { stroke: var(--b); } .line.c { stroke: var(--c); } .line.bad { stroke: var(--bad); }
.key { margin-left: 14px; white-space: nowrap; } .key::before { content: ""; display: inline-block; width: 14px; height: 3px; margin-right: 6px;
  vertical-align: middle; background: currentColor; }
.key.a { color: var(--a); } .key.b { color: var(--b); } .key.c { color: var(--c); } .key.bad { color: var(--bad); }
@media print { :root { --back: #fff; --card: #fff; --text: #000; --soft: #444; --rule: #bbb; --a: #0b57d0; --b: #8a5200; --c: #6929c4; --bad: #b3261e; --good: #146c2e; }
  body { padding: 0; max-width: none; font-size: 10px; } h2 { margin-top: 18px; } th, td { padding: 3px 5px; }
  dd { font-size: 13px; } figure, tr, dl div, .note { break-inside: avoid; } h2 { break-after: avoid; } .scroll { overflow: visible; } }
`;
