/** Labels that look wrong: by hand, and as cleanlab finds them (FER_PYTHON with cleanlab). */
import { spawnSync } from "node:child_process";
import { splitRandom } from "@fer/core";
import { findMislabelled } from "@fer/model";
import { describe, expect, it } from "vitest";

const python = process.env["FER_PYTHON"];
const hasCleanlab = python !== undefined && spawnSync(python, ["-c", "import cleanlab"]).status === 0;

/** Predictions that are right about as often as a network is, and labels of which some were changed. */
function made(count: number, { classes, seed }: { classes: number; seed: number }) {
  const next = splitRandom(seed, "made");
  const labels: number[] = [];
  const probabilities: number[] = [];
  for (let i = 0; i < count; i++) {
    const truth = Math.floor(next() * classes);
    const scores = Array.from({ length: classes }, (_, k) => Math.exp(3 * next() + (k === truth ? 2 * next() : 0)));
    const sum = scores.reduce((total, score) => total + score, 0);
    labels.push(next() < 0.1 ? Math.floor(next() * classes) : truth);
    // as predictions.csv has them
    for (const score of scores) probabilities.push(Number((score / sum).toFixed(6)));
  }
  return { labels, probabilities, classes };
}

describe("findMislabelled", () => {
  it("flags samples of another class whose probability reaches what its own samples have", () => {
    const labels = [0, 0, 0, 1, 1, 1];
    const probabilities = [0.9, 0.1, 0.8, 0.2, 0.1, 0.9, 0.2, 0.8, 0.3, 0.7, 0.55, 0.45];
    // thresholds: 0.6 and 0.65; the last reaches neither
    expect(findMislabelled({ labels, probabilities, classes: 2 }, { odds: 1 })).toEqual([
      { sample: 2, given: 0, suggested: 1, confidence: 0.1, margin: expect.closeTo(0.1, 12) },
    ]);
  });

  it("flags only what is by the odds more probable than the label, 15 times unless told", () => {
    const labels = [0, 0, 0, 1, 1, 1];
    const probabilities = [0.95, 0.05, 0.08, 0.92, 0.05, 0.95, 0.1, 0.9, 0.1, 0.9, 0.1, 0.9];
    const flagged = (odds?: number) =>
      findMislabelled({ labels, probabilities, classes: 2 }, { odds }).map(({ sample }) => sample);
    expect([flagged(1), flagged(4), flagged(5), flagged(), flagged(20)]).toEqual([[2, 1], [2, 1], [2, 1], [2], []]);
    expect(() => flagged(0)).toThrowErrorMatchingInlineSnapshot(
      `[OptionsError: findMislabelled: odds of 0. Expected 1 or more.]`,
    );
  });

  it("flags nothing where the labels are what is predicted, and in no samples", () => {
    expect(findMislabelled({ labels: [0, 1], probabilities: [0.9, 0.1, 0.1, 0.9], classes: 2 })).toEqual([]);
    expect(findMislabelled({ labels: [], probabilities: [], classes: 7 })).toEqual([]);
  });

  it("never takes a class without samples for one that is reached", () => {
    const probabilities = [0.1, 0, 0.9, 0.2, 0.8, 0];
    expect(findMislabelled({ labels: [0, 1], probabilities, classes: 3 })).toEqual([]);
  });

  it("refuses arrays that do not fit", () => {
    expect(() => findMislabelled({ labels: [0], probabilities: [1], classes: 2 })).toThrowErrorMatchingInlineSnapshot(
      `[OptionsError: findMislabelled: 1 probabilities of 1 samples and 2 classes. Expected 2.]`,
    );
  });

  it.skipIf(!hasCleanlab)("finds and orders what cleanlab does", { timeout: 120_000 }, () => {
    const script = `
import json, sys
import numpy as np
from cleanlab.filter import find_label_issues
out = []
for case in json.load(sys.stdin):
    labels = np.array(case["labels"])
    probabilities = np.array(case["probabilities"]).reshape(len(labels), -1)
    out.append({by: find_label_issues(labels, probabilities, filter_by="confident_learning", return_indices_ranked_by=method, n_jobs=1).tolist()
                for by, method in (("confidence", "self_confidence"), ("margin", "normalized_margin"))})
print(json.dumps(out))`;
    const cases = [
      made(2000, { classes: 7, seed: 1 }),
      made(2000, { classes: 8, seed: 2 }),
      made(300, { classes: 2, seed: 3 }),
      made(40, { classes: 7, seed: 4 }),
    ];
    const { stdout, status } = spawnSync(python!, ["-c", script], { input: JSON.stringify(cases), encoding: "utf8" });
    expect(status).toBe(0);
    for (const [i, expected] of (JSON.parse(stdout) as Record<"confidence" | "margin", number[]>[]).entries()) {
      for (const by of ["confidence", "margin"] as const) {
        const found = findMislabelled(cases[i]!, { by, odds: 1 });
        const scores = new Map(found.map((each) => [each.sample, each[by]]));
        expect(found.map(({ sample }) => sample).sort((a, b) => a - b)).toEqual(expected[by].toSorted((a, b) => a - b));
        // cleanlab's order of equal scores is that of an unstable sort
        expect(expected[by].map((sample) => scores.get(sample))).toEqual(found.map((each) => each[by]));
        expect(found.length).toBeGreaterThan(0);
      }
    }
  });
});
