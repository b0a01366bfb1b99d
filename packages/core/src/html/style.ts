/** The report's look: one column, system fonts, light and dark, and a print without colours that matter. */
export const STYLE = `
:root {
  color-scheme: light dark;
  --ground: #ffffff; --card: #f6f8fa; --text: #1b1f24; --soft: #57606a; --line: #d8dee4;
  --accent: #0b5a8f; --good: #1a6b3c; --warning: #9a4a00; --bar: #0b5a8f;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #14181d; --card: #1c2229; --text: #e6e9ec; --soft: #9aa4af; --line: #333b44;
    --accent: #7bbdf0; --good: #7fd1a0; --warning: #f0b37b; --bar: #7bbdf0;
  }
  figure.chart svg { filter: invert(0.91) hue-rotate(180deg); }
}
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; }
body {
  margin: 0 auto; padding: 2.5rem 1.25rem 4rem; max-width: 58rem; background: var(--ground); color: var(--text);
  font: 16px/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif;
}
header { border-bottom: 1px solid var(--line); padding-bottom: 1.25rem; }
h1 { font-size: 1.7rem; line-height: 1.2; margin: 0 0 0.35rem; }
h2 { font-size: 1.2rem; margin: 2.75rem 0 0.75rem; }
h3 { font-size: 1rem; margin: 1.5rem 0 0.5rem; }
p { margin: 0.5rem 0; }
a { color: var(--accent); }
.soft { color: var(--soft); }
.lead { font-size: 1.1rem; margin: 0; }
.figures { display: grid; grid-template-columns: repeat(auto-fit, minmax(11rem, 1fr)); gap: 0.75rem; margin: 1.5rem 0; padding: 0; }
.figures > div { background: var(--card); border: 1px solid var(--line); border-radius: 10px; padding: 0.9rem 1rem; }
.figures dt { color: var(--soft); font-size: 0.85rem; }
.figures dd { margin: 0; font-size: 1.75rem; font-weight: 650; line-height: 1.25; font-variant-numeric: tabular-nums; }
.figures dd small { display: block; font-size: 0.8rem; font-weight: 400; color: var(--soft); }
ul.caveats { list-style: none; margin: 1rem 0; padding: 0; }
ul.caveats li { padding: 0.5rem 0 0.5rem 2rem; border-top: 1px solid var(--line); position: relative; }
ul.caveats li:last-child { border-bottom: 1px solid var(--line); }
ul.caveats li::before { position: absolute; left: 0.35rem; font-weight: 700; }
ul.caveats .good::before { content: "\\2713"; color: var(--good); }
ul.caveats .note::before { content: "i"; color: var(--soft); font-style: italic; font-family: Georgia, serif; left: 0.5rem; }
ul.caveats .warning::before { content: "!"; color: var(--warning); left: 0.5rem; }
.table { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; font-size: 0.94rem; }
caption { text-align: left; color: var(--soft); padding-bottom: 0.35rem; font-size: 0.88rem; }
th, td { text-align: left; padding: 0.4rem 0.75rem 0.4rem 0; border-bottom: 1px solid var(--line); vertical-align: top; }
th { font-weight: 600; }
thead th { color: var(--soft); font-weight: 500; font-size: 0.85rem; vertical-align: bottom; }
.number { text-align: right; white-space: nowrap; }
td.bar { width: 32%; padding-right: 0; }
td.bar svg { display: block; width: 100%; height: 0.8rem; margin-top: 0.4rem; }
td.bar rect.all { fill: none; stroke: var(--line); stroke-width: 1; vector-effect: non-scaling-stroke; }
td.bar rect.part { fill: var(--bar); }
tr.total th, tr.total td { font-weight: 650; border-top: 2px solid var(--line); }
figure.chart { margin: 1rem 0; overflow-x: auto; }
figure.chart svg { display: block; max-width: 100%; height: auto; }
figure.chart svg > rect:first-child { fill: none; }
.table + .table { margin-top: 1.25rem; }
table.facts th { width: min(11rem, 35vw); font-weight: 500; color: var(--soft); }
.code { font: 0.86rem/1.5 ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; overflow-wrap: anywhere; }
pre { margin: 0.5rem 0; white-space: pre-wrap; overflow-wrap: anywhere; font: 0.86rem/1.5 ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; }
details { margin: 0.75rem 0; }
summary { cursor: pointer; color: var(--accent); }
footer { margin-top: 3rem; padding-top: 1rem; border-top: 1px solid var(--line); color: var(--soft); font-size: 0.88rem; }
@media print {
  :root { --ground: #fff; --card: #fff; --text: #000; --soft: #444; --line: #aaa; --accent: #000; --good: #000; --warning: #000; --bar: #444; }
  body { max-width: none; padding: 0; font-size: 10.5pt; }
  figure.chart svg { filter: none; max-width: 80%; }
  figure.chart, table, .figures, ul.caveats li { break-inside: avoid; }
  h2, h3 { break-after: avoid; }
  details::details-content { content-visibility: visible; block-size: auto; }
}
`;
