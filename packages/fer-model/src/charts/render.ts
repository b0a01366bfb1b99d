/**
 * Specs to pictures, without a browser: Vega-Lite -> Vega -> SVG -> PNG (resvg). The libraries are loaded at first
 * use. PNG text is set in Lato, which comes along as a package, so that a machine without fonts draws the same
 * picture; only text beyond Latin, Greek and symbols asks the system for fonts.
 */
import { createRequire } from "node:module";
import { join } from "node:path";
import type { Spec } from "vega";
import { writeAtomic } from "@fer/core";
import { inThread } from "../thread.js";
import type { ChartSpec } from "./theme.js";

/** Pixels of a PNG per unit of the SVG. */
const ZOOM = 2;

/**
 * SVG text of a chart. Equal specs give equal text.
 *
 * @example
 * ```ts
 * import { lossCurves, renderSvg } from "@fer/model";
 *
 * const svg = await renderSvg(lossCurves([{ epoch: 1, loss: 1.9, val_loss: null }]));
 * console.log(svg.slice(0, 4)); // <svg
 * ```
 */
export async function renderSvg(spec: ChartSpec): Promise<string> {
  const [vega, vegaLite] = await Promise.all([import("vega"), import("vega-lite")]);
  // Vega writes ids into the data that it is given.
  const { spec: compiled } = vegaLite.compile(structuredClone(spec), { logger: silent(vega) });
  // Ids of clips and gradients count up per process otherwise.
  (vega as unknown as { resetSVGDefIds(): void }).resetSVGDefIds();
  // An installed `canvas` would measure text with the fonts of this machine, and charts would differ between machines.
  const { textMetrics } = vega as unknown as { textMetrics: { canvas(use: boolean): void } };
  textMetrics.canvas(false);
  const view = new vega.View(vega.parse(compiled as Spec), { renderer: "none", logger: silent(vega) });
  try {
    return await view.toSVG();
  } finally {
    view.finalize();
    textMetrics.canvas(true);
  }
}

/**
 * PNG of an SVG text, twice its size.
 *
 * @example
 * ```ts
 * import { lossCurves, renderPng, renderSvg } from "@fer/model";
 *
 * const png = await renderPng(await renderSvg(lossCurves([{ epoch: 1, loss: 1.9, val_loss: null }])));
 * console.log(Buffer.from(png.subarray(1, 4)).toString()); // PNG
 * ```
 */
export async function renderPng(svg: string): Promise<Uint8Array> {
  const { Resvg } = await import("@resvg/resvg-js");
  const image = new Resvg(svg, {
    fitTo: { mode: "zoom", value: ZOOM },
    background: "white",
    font: {
      loadSystemFonts: needsSystemFonts(svg),
      fontFiles: latoFiles(),
      defaultFontFamily: "Lato",
      sansSerifFamily: "Lato",
    },
  });
  return image.render().asPng();
}

export interface SaveChartsOptions<Name extends string> {
  charts: Readonly<Partial<Record<Name, ChartSpec>>>;
  signal?: AbortSignal | undefined;
}

/** One chart as it is drawn. */
export interface Drawing {
  svg: string;
  png: Uint8Array;
}

/**
 * Writes `<name>.vl.json`, `<name>.svg` and `<name>.png` for each chart; returns the SVG texts by name. Drawing takes a
 * second or two, in a thread of its own.
 */
export async function saveCharts<Name extends string>(
  folder: string,
  { charts, signal }: SaveChartsOptions<Name>,
): Promise<Partial<Record<Name, string>>> {
  const module = new URL("./chart-thread.js", import.meta.url);
  const drawings = await inThread<[Name, Drawing][]>(module, { input: charts, signal });
  for (const [name, { svg, png }] of drawings) {
    await writeAtomic(join(folder, `${name}.vl.json`), `${JSON.stringify(charts[name], null, 2)}\n`);
    await writeAtomic(join(folder, `${name}.svg`), `${svg}\n`);
    await writeAtomic(join(folder, `${name}.png`), png);
  }
  return Object.fromEntries(drawings.map(([name, { svg }]) => [name, svg])) as Partial<Record<Name, string>>;
}

function latoFiles(): string[] {
  const require = createRequire(import.meta.url);
  return ["400Regular/Lato_400Regular.ttf", "700Bold/Lato_700Bold.ttf"].map((file) =>
    require.resolve(`@expo-google-fonts/lato/${file}`),
  );
}

/** Lato has Latin and common symbols. */
const needsSystemFonts = (svg: string): boolean => /[\u0250-\u1fff\u2300-\uffff]/.test(svg);

/** Libraries do not print: warnings about a spec are for its author, who has the tests. */
function silent(vega: typeof import("vega")) {
  return vega.logger(vega.None, undefined, () => {});
}
