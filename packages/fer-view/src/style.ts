/** The look of the page: that of the report, and what charts, tables that one acts in and pictures need beside. */
import { STYLE as REPORT } from "@fer/core/html";

/** Colours of runs, told apart on both grounds and, in order, by colour-blind readers (after Okabe and Ito 2008). */
const LIGHT = ["#0b5a8f", "#b34700", "#00674f", "#8a3a72", "#6b5500", "#3d4c8f", "#7a2e2e", "#40505c"];
const DARK = ["#7bbdf0", "#ff9d5c", "#5fd3ae", "#e79bce", "#dcc34a", "#aab8ff", "#f2a0a0", "#b6c4cf"];

const colours = (list: readonly string[]): string => list.map((value, at) => `--run-${at}: ${value};`).join(" ");

export const STYLE = `${REPORT}
:root { ${colours(LIGHT)} --grid: #e4e8ec; --heat: 179, 71, 0; --cell: 11, 90, 143; }
@media (prefers-color-scheme: dark) { :root { ${colours(DARK)} --grid: #2a323a; --heat: 255, 157, 92; --cell: 90, 160, 215; } }
body { max-width: 76rem; padding-top: 1.25rem; }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; border-radius: 3px; }
.skip { position: absolute; left: -999rem; }
.skip:focus { left: 1rem; top: 0.5rem; background: var(--ground); padding: 0.5rem 1rem; z-index: 2; }
nav ol { display: flex; flex-wrap: wrap; gap: 0.25rem 0.5rem; list-style: none; margin: 0 0 0.75rem; padding: 0; }
nav ol li + li::before { content: "/"; color: var(--soft); margin-right: 0.5rem; }
h1 { overflow-wrap: anywhere; }
main > .lead { margin-top: 1rem; }
nav.sections ul { display: flex; flex-wrap: wrap; gap: 0.25rem 1.25rem; list-style: none; margin: 0.75rem 0 0; padding: 0; }
button, select, input { font: inherit; color: inherit; }
a.button { text-decoration: none; color: var(--text); }
button, .button, select {
  background: var(--card); border: 1px solid var(--soft); border-radius: 6px; padding: 0.35rem 0.8rem; cursor: pointer;
  min-height: 2.25rem;
}
button.main { background: var(--accent); border-color: var(--accent); color: var(--ground); }
button:disabled { opacity: 0.55; cursor: default; }
.row { display: flex; flex-wrap: wrap; gap: 0.5rem 1rem; align-items: center; margin: 0.75rem 0; }
.state { font-size: 0.85rem; white-space: nowrap; }
.state::before { content: ""; display: inline-block; width: 0.6em; height: 0.6em; border-radius: 50%; margin-right: 0.4em; background: var(--soft); }
.state.finished::before { background: var(--good); }
.state.at-work::before { background: var(--accent); }
.state.interrupted::before { background: none; border: 2px solid var(--warning); }
.state.unreadable::before { background: var(--warning); border-radius: 0; }
.error { border: 1px solid var(--warning); border-radius: 8px; padding: 0.75rem 1rem; background: var(--card); overflow-wrap: anywhere; }
.path { overflow-wrap: anywhere; }
th.path { min-width: 8rem; }
caption { max-width: calc(100vw - 2rem); }
th.path small { display: block; font-weight: 400; }
.plots { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 30rem), 1fr)); gap: 1.5rem; }
figure.plot { margin: 0; min-width: 0; }
figure.plot figcaption { font-weight: 600; margin-bottom: 0.25rem; }
figure.plot figcaption small { font-weight: 400; color: var(--soft); }
figure.plot > svg { display: block; width: 100%; height: auto; overflow: visible; }
figure.plot text { fill: var(--soft); font-size: 12px; font-variant-numeric: tabular-nums; }
figure.plot .grid { stroke: var(--grid); }
figure.plot .axis { stroke: var(--soft); }
figure.plot path { fill: none; stroke-width: 2; }
.legend { display: flex; flex-wrap: wrap; gap: 0.25rem 1rem; list-style: none; margin: 0.25rem 0 0; padding: 0; font-size: 0.85rem; }
.legend svg { flex: none; width: 1.75rem; height: 0.6rem; margin-right: 0.4rem; }
.legend li { overflow-wrap: anywhere; display: flex; align-items: center; }
button[aria-pressed="true"] { border-color: var(--accent); box-shadow: inset 0 0 0 1px var(--accent); }
button.link { background: none; border: 0; padding: 0; min-height: 1.5rem; color: var(--accent); text-decoration: underline; text-align: left; overflow-wrap: anywhere; }
.between { justify-content: space-between; flex-wrap: nowrap; align-items: start; }
.hidden { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
.faces { display: grid; grid-template-columns: repeat(auto-fill, minmax(7.5rem, 1fr)); gap: 0.75rem; list-style: none; padding: 0; }
.faces button, .faces li > img { width: 100%; }
.faces button { height: 100%; padding: 0.5rem; display: flex; flex-direction: column; gap: 0.25rem; text-align: left; font-size: 0.85rem; line-height: 1.3; }
.faces span, .faces small { overflow-wrap: anywhere; }
.faces li > span, .faces li > small { display: block; font-size: 0.85rem; }
small { color: var(--soft); }
.face { width: 100%; aspect-ratio: 1; image-rendering: pixelated; display: block; border-radius: 4px; background: var(--card); object-fit: contain; }
.face.none { border: 1px dashed var(--line); }
.near { display: grid; grid-template-columns: minmax(7rem, 14rem) minmax(0, 1fr); gap: 1.25rem; align-items: start; }
.layers { position: relative; }
.layers canvas { position: absolute; inset: 0; width: 100%; height: 100%; border-radius: 4px; }
dialog { width: min(44rem, calc(100vw - 1.5rem)); max-height: calc(100vh - 2rem); border: 1px solid var(--line); border-radius: 12px; background: var(--ground); color: var(--text); padding: 1rem 1.25rem; overflow-y: auto; }
dialog::backdrop { background: rgb(0 0 0 / 0.5); }
dialog h3 { margin: 0.25rem 0; }
h4 { margin: 1rem 0 0.5rem; font-size: 1rem; }
table.bars th, table.bars td { padding-top: 0.2rem; padding-bottom: 0.2rem; }
table.bars tr.truth th { font-weight: 700; }
table.bars th { font-weight: 400; }
table.confusion { width: auto; border-collapse: separate; border-spacing: 2px; }
table.confusion th, table.confusion td { border: 0; vertical-align: middle; }
table.confusion thead th { text-align: center; padding: 0.25rem; }
table.confusion thead th:first-child { text-align: left; }
table.confusion td { padding: 0; min-width: 3.6rem; text-align: center; background: rgba(var(--cell), calc(var(--share) * 0.42)); }
table.confusion td.hit { outline: 1px solid var(--soft); outline-offset: -1px; }
table.confusion td > * { display: block; width: 100%; background: none; border: 0; border-radius: 0; padding: 0.45rem 0.25rem; line-height: 1.15; text-align: center; }
table.confusion td small { display: block; color: var(--text); }
table.confusion button[aria-pressed="true"] { box-shadow: inset 0 0 0 3px var(--accent); }
figure.square { max-width: 24rem; }
.scrolls { max-height: 26rem; overflow-y: auto; }
.interval svg { display: block; width: 100%; min-width: 6rem; height: 0.7rem; }
.interval rect { fill: var(--line); }
.interval rect.at { fill: var(--accent); }
.interval line { stroke: var(--grid); vector-effect: non-scaling-stroke; }
.interval span { font-size: 0.8rem; color: var(--soft); white-space: nowrap; }
.pairs { display: grid; grid-template-columns: repeat(auto-fill, minmax(13rem, 1fr)); gap: 0.75rem; padding: 0; list-style: none; }
.pairs li { background: var(--card); border: 1px solid var(--line); border-radius: 8px; padding: 0.5rem; display: grid; grid-template-columns: 1fr 1fr; gap: 0.5rem; align-content: start; }
.pairs p { grid-column: 1 / -1; margin: 0; font-size: 0.8rem; }
.pairs figure { margin: 0; min-width: 0; }
.pairs figcaption { padding-top: 0.3rem; font-size: 0.75rem; line-height: 1.3; overflow-wrap: anywhere; }
.pairs li.conflict { border-color: var(--warning); }
@media (max-width: 30rem) {
  .near { grid-template-columns: 1fr; }
  .near > .face, .near > .layers { max-width: 14rem; }
  body { padding-left: 0.85rem; padding-right: 0.85rem; }
  h1 { font-size: 1.35rem; }
  figure.plot text { font-size: 17px; }
  figure.square text { font-size: 12px; }
  th, td { padding-right: 0.5rem; }
}
@media (prefers-reduced-motion: no-preference) {
  .state.at-work::before { animation: beat 1.6s ease-in-out infinite; }
  @keyframes beat { 50% { opacity: 0.3; } }
}
`;
