/** The thread of `saveCharts`: draws charts. */
import { answer } from "../thread.js";
import { type Drawing, renderPng, renderSvg } from "./render.js";
import type { ChartSpec } from "./theme.js";

await answer(async (charts: Record<string, ChartSpec>): Promise<[string, Drawing][]> => {
  const drawings: [string, Drawing][] = [];
  for (const [name, spec] of Object.entries(charts)) {
    const svg = await renderSvg(spec);
    drawings.push([name, { svg, png: await renderPng(svg) }]);
  }
  return drawings;
});
