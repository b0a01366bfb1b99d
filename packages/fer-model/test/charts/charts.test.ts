import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  accuracyCurves,
  classCountsChart,
  confusionMatrixChart,
  lossCurves,
  renderPng,
  renderSvg,
  saveCharts,
  type ChartSpec,
} from "../../dist/charts/index.js";
import { compile } from "vega-lite";
import { describe, expect, test, vi } from "vitest";

const history = Array.from({ length: 12 }, (_, at) => ({
  epoch: at + 1,
  loss: 2 / (at + 1),
  val_loss: 2.2 / (at + 1),
  accuracy: 1 - 0.8 / (at + 1),
  val_accuracy: 1 - 0.85 / (at + 1),
}));
const unvalidated = history.map((row) => ({ ...row, val_loss: null, val_accuracy: null }));
const classes = ["neutral", "happy", "sad"];
const matrix = [
  [8, 1, 1],
  [0, 20, 0],
  [0, 0, 0],
];

const charts = {
  accuracy: accuracyCurves(history, 9),
  loss: lossCurves(history, 9),
  "loss-without-validation": lossCurves(unvalidated),
  "one-epoch": accuracyCurves(history.slice(0, 1), 1),
  "no-epoch": accuracyCurves([]),
  "confusion-matrix": confusionMatrixChart(matrix, { classes, subtitle: "subjects held out" }),
  "class-counts": classCountsChart(
    { train: { neutral: 80, happy: 160, sad: 0 }, test: { neutral: 10, happy: 20 } },
    classes,
  ),
} satisfies Record<string, ChartSpec>;

/** Text of an SVG, element by element. */
const texts = (svg: string): string[] => [...svg.matchAll(/<text[^>]*>([^<]*)<\/text>/g)].map(([, text]) => text!);

describe.each(Object.entries(charts))("%s", (_, spec) => {
  test("compiles without a warning", () => {
    const warn = vi.fn<(...messages: unknown[]) => void>();
    const logger = { warn, error: warn, info: () => logger, debug: () => logger, level: () => logger } as never;
    compile(spec, { logger });
    expect(warn.mock.calls).toEqual([]);
  });

  test("draws the same picture twice, with text on a machine without fonts", async () => {
    const svg = await renderSvg(spec);
    expect(await renderSvg(spec)).toBe(svg);
    const [png, again] = [await renderPng(svg), await renderPng(svg)];
    expect(Buffer.compare(png, again)).toBe(0);
    // System fonts are not loaded, so what the text changes was drawn with the font that comes along.
    const silent = await renderPng(svg.replaceAll(/<text[^>]*>[^<]*<\/text>/g, ""));
    expect(png.length).toBeGreaterThan(silent.length * 1.2);
  });

  test("holds its data, names its title to a screen reader and refers to nothing outside", async () => {
    expect(spec.description.length).toBeGreaterThan(10);
    const svg = await renderSvg(spec);
    expect(svg.replaceAll(/xmlns(:xlink)?="[^"]*"/g, "")).not.toMatch(/https?:|href=|url\(/);
  });
});

describe("curves", () => {
  test("name their lines at the ends and point out the kept epoch", async () => {
    const found = texts(await renderSvg(charts.accuracy));
    expect(found).toEqual(
      expect.arrayContaining(["training", "validation", "epoch 9 kept: validation 90.6%", "100%", "12"]),
    );
  });

  test("leave out a line that was never measured", async () => {
    expect(texts(await renderSvg(charts["loss-without-validation"]))).not.toContain("validation");
  });

  test("differ in dash and not only in colour", async () => {
    const svg = await renderSvg(charts.accuracy);
    const dashes = [...svg.matchAll(/aria-roledescription="line mark"[^>]*stroke-dasharray="([^"]*)"/g)].map(
      ([, dash]) => dash,
    );
    expect(dashes).toHaveLength(2);
    expect(new Set(dashes).size).toBe(2);
  });

  test("keep end labels apart where lines end together", async () => {
    const close = history.map(({ epoch }) => ({ epoch, accuracy: 0.9, val_accuracy: 0.9001 }));
    const svg = await renderSvg(accuracyCurves(close));
    const heights = [...svg.matchAll(/translate\(\d+,([\d.]+)\)"[^>]*>(?:training|validation)</g)].map(([, y]) =>
      Number(y),
    );
    expect(heights).toHaveLength(2);
    expect(Math.abs(heights[0]! - heights[1]!)).toBeGreaterThanOrEqual(14);
  });

  test("say their last values in words", () => {
    expect(charts.loss.description).toBe("Loss by epoch: training 0.167, validation 0.183 at epoch 12.");
    expect(charts["no-epoch"].description).toBe("Accuracy by epoch: no epoch yet.");
  });
});

describe("confusion matrix", () => {
  test("shows shares of rows and counts, and nothing for a class without images", async () => {
    const found = texts(await renderSvg(charts["confusion-matrix"]));
    expect(found).toEqual(
      expect.arrayContaining(["80%", "8", "10%", "100%", "20", "neutral (10)", "happy (20)", "sad (0)"]),
    );
    expect(found.filter((text) => text.endsWith("%"))).toHaveLength(4);
  });

  test("keeps the order of the classes on both axes", async () => {
    const found = texts(await renderSvg(charts["confusion-matrix"]));
    expect(found.filter((text) => classes.includes(text))).toEqual(classes);
    expect(found.filter((text) => /\(\d+\)$/.test(text))).toEqual(["neutral (10)", "happy (20)", "sad (0)"]);
  });

  test("darkens with the share, so that a grey print keeps the order", async () => {
    const svg = await renderSvg(
      confusionMatrixChart(
        [
          [10, 0],
          [5, 5],
        ],
        { classes: ["a", "b"] },
      ),
    );
    const fills = [...svg.matchAll(/aria-roledescription="rect mark"[^>]*fill="(rgb\([^"]*|#[^"]*)"/g)].map(
      ([, fill]) => fill!,
    );
    const grey = (fill: string) => {
      const [r, g, b] = fill.startsWith("#")
        ? [1, 3, 5].map((at) => parseInt(fill.slice(at, at + 2), 16))
        : fill.match(/\d+/g)!.map(Number);
      return 0.299 * r! + 0.587 * g! + 0.114 * b!;
    };
    const [full, none, half] = fills.map(grey);
    expect(fills).toHaveLength(4);
    expect(none! - half!).toBeGreaterThan(40);
    expect(half! - full!).toBeGreaterThan(40);
  });
});

test("class counts label every bar and total every part", async () => {
  const found = texts(await renderSvg(charts["class-counts"]));
  expect(found).toEqual(
    expect.arrayContaining(["80", "160", "0", "10", "20", "training 240 · test 30", "training", "test"]),
  );
});

test("saves spec, SVG and PNG of each chart", async () => {
  const folder = mkdtempSync(join(tmpdir(), "fer-charts-"));
  const svgs = await saveCharts(folder, { charts: { loss: charts.loss, accuracy: charts.accuracy } });
  expect((await readdir(folder)).sort()).toEqual(
    ["accuracy", "loss"].flatMap((name) => ["png", "svg", "vl.json"].map((ending) => `${name}.${ending}`)),
  );
  expect(readFileSync(join(folder, "loss.svg"), "utf8")).toBe(`${svgs.loss}\n`);
  expect(JSON.parse(readFileSync(join(folder, "loss.vl.json"), "utf8"))).toEqual(charts.loss);
  expect(readFileSync(join(folder, "loss.png")).subarray(1, 4).toString()).toBe("PNG");
  rmSync(folder, { recursive: true });
});
