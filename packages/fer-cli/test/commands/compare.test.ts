/** Several seeds, and what differs between runs: what the commands print. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Comparison } from "@fer/model";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { renderComparison } from "../../dist/render/comparison.js";
import { writeFaces } from "../fixtures/faces.js";
import { warmFer } from "../fixtures/warm-fer.js";

const estimate = (value: number, low: number, high: number) => ({ value, low, high });
const scores = (value: number) => ({
  accuracy: estimate(value, value - 0.02, value + 0.02),
  balancedAccuracy: estimate(value - 0.05, value - 0.08, value - 0.01),
  macroF1: estimate(value - 0.04, value - 0.07, value - 0.01),
});
const comparison: Comparison = {
  set: "mix_2",
  part: "test",
  images: 3589,
  units: "groups",
  unitCount: 1200,
  resamples: 10_000,
  runs: [
    { run: "runs/first", scores: scores(0.68), against: null },
    {
      run: "runs/sam_0.05",
      scores: scores(0.7),
      against: {
        differences: {
          accuracy: estimate(0.02, -0.001, 0.0391),
          balancedAccuracy: estimate(0.02, 0, 0.03),
          macroF1: estimate(0.02, 0, 0.03),
        },
        onlyRight: { first: 112, second: 184 },
        p: 0.00003,
        pHolm: 0.00003,
      },
    },
  ],
};

describe("renderComparison", () => {
  it("writes text", () => {
    expect(renderComparison(comparison, "text")).toMatchInlineSnapshot(`
      "mix_2, test part: 3,589 images. In brackets intervals of 95 % (paired bootstrap of 1,200 groups, 10,000 draws); p of McNemar's exact test.

      run            accuracy            balanced accuracy   macro-F1            accuracy, points against the first  only it / only the first right  p
      runs/first     68.0% [66.0, 70.0]  63.0% [60.0, 67.0]  64.0% [61.0, 67.0]  -                                   -                               -
      runs/sam_0.05  70.0% [68.0, 72.0]  65.0% [62.0, 69.0]  66.0% [63.0, 69.0]  +2.0 [-0.1, +3.9]                   184 / 112                       < 0.0001"
    `);
  });

  it("writes Markdown", () => {
    expect(renderComparison(comparison, "markdown")).toMatchInlineSnapshot(`
      "| run | accuracy | balanced accuracy | macro-F1 | accuracy, points against the first | only it / only the first right | p |
      | --- | --- | --- | --- | --- | --- | --- |
      | runs/first | 68.0% [66.0, 70.0] | 63.0% [60.0, 67.0] | 64.0% [61.0, 67.0] | - | - | - |
      | runs/sam_0.05 | 70.0% [68.0, 72.0] | 65.0% [62.0, 69.0] | 66.0% [63.0, 69.0] | +2.0 [-0.1, +3.9] | 184 / 112 | < 0.0001 |

      mix_2, test part: 3,589 images. In brackets intervals of 95 % (paired bootstrap of 1,200 groups, 10,000 draws); p of McNemar's exact test."
    `);
  });

  it("writes LaTeX", () => {
    expect(renderComparison(comparison, "latex")).toMatchInlineSnapshot(`
      "\\begin{table}
        \\centering
        \\begin{tabular}{lrrrrrr}
          \\toprule
          run & accuracy & balanced accuracy & macro-F1 & accuracy, points against the first & only it / only the first right & p \\\\
          \\midrule
          runs/first & 68.0\\% [66.0, 70.0] & 63.0\\% [60.0, 67.0] & 64.0\\% [61.0, 67.0] & - & - & - \\\\
          runs/sam\\_0.05 & 70.0\\% [68.0, 72.0] & 65.0\\% [62.0, 69.0] & 66.0\\% [63.0, 69.0] & +2.0 [$-$0.1, +3.9] & 184 / 112 & $<$ 0.0001 \\\\
          \\bottomrule
        \\end{tabular}
        \\caption{mix\\_2, test part: 3,589 images. In brackets intervals of 95 \\% (paired bootstrap of 1,200 groups, 10,000 draws); p of McNemar's exact test.}
      \\end{table}"
    `);
  });

  it("writes CSV, a row a run, with empty cells where the first would be held against itself", () => {
    const [header, first, second] = renderComparison(comparison, "csv")
      .split("\n")
      .map((line) => line.split(","));
    expect(header!.slice(0, 7)).toEqual(["set", "part", "images", "run", "accuracy", "accuracy_low", "accuracy_high"]);
    expect([first!.length, second!.length]).toEqual([header!.length, header!.length]);
    expect(first!.slice(13)).toEqual(Array.from({ length: header!.length - 13 }, () => ""));
    expect(second!.slice(-4)).toEqual(["184", "112", "0.00003", "0.00003"]);
  });
});

describe.sequential("on a tiny set", { timeout: 300_000 }, () => {
  let folder: string;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "fer-compare-"));
    writeFaces(join(folder, "faces"));
    await fer("extract", "ckplus", "--from", "faces", "--to", "data/faces");
    await fer("assemble", "data/faces", "--name", "faces", "--split", "subject", "--to", "features");
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  async function fer(...words: string[]): Promise<string> {
    const { code, stdout, stderr } = await warmFer(folder, ...words);
    expect({ code, stderr }).toMatchObject({ code: 0 });
    return stdout;
  }
  const train = [
    "train",
    "features/faces",
    "--architecture",
    "tiny",
    "--engine",
    "wasm",
    "--epochs",
    "1",
    "--no-report",
  ];

  it("fer train --seeds trains a run a seed and sums up", async () => {
    const text = await fer(...train, "--to", "runs/seeds", "--seeds", "1,2");
    expect(text).toContain("2 runs in runs/seeds: seed-1, seed-2");
    expect(text).toMatch(/^seed 1, \w+ epoch +\d/m);
    expect(text).toMatch(/^deviation +\d/m);
    const again = JSON.parse(await fer(...train, "--to", "runs/seeds", "--seeds", "1,2", "--json")) as object;
    expect(again).toMatchObject({ run: "runs/seeds", runs: ["runs/seeds/seed-1", "runs/seeds/seed-2"] });
    expect(again).toMatchObject({ seeds: JSON.parse(readFileSync(join(folder, "runs/seeds/seeds.json"), "utf8")) });
  });

  it("fer compare holds runs against the first", async () => {
    const runs = ["runs/seeds/seed-1", "runs/seeds/seed-2"];
    expect(await fer("compare", ...runs)).toContain("p of McNemar's exact test");
    const found = JSON.parse(await fer("compare", ...runs, "--set", "features/faces", "--json")) as Comparison;
    expect(found).toMatchObject({ units: "groups", resamples: 10_000, runs: [{ against: null }, { run: runs[1] }] });
    const { code, stderr } = await warmFer(folder, "compare", "runs/seeds", runs[0]!);
    expect({ code, stderr }).toMatchObject({ code: 1, stderr: expect.stringContaining("Pass one of them") });
  });
});
