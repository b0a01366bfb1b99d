/** Whatever is asked for: the same bytes with any number of threads, and after an interruption. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { AssembledSet } from "@fer/core/set";
import { FerTrainer } from "@fer/model";
import { afterAll, beforeAll, expect, test } from "vitest";
import { tinySet } from "../tiny-set.ts";
import { tree } from "../tree.ts";

type Options = NonNullable<ConstructorParameters<typeof FerTrainer>[0]>;

const base = {
  architecture: "tiny",
  engine: "cpu",
  epochs: 3,
  batchSize: 12,
  report: false,
  baselines: false,
} as const;

/** One or two options each; 12 steps in all. */
const CASES: Record<string, Options> = {
  "one-cycle": { schedule: { name: "one-cycle" }, optimizer: { name: "sgd" } },
  step: { schedule: { name: "step", at: [0.4] } },
  crop: { crop: 6 },
  swa: { swa: 0.3, optimizer: { name: "sgd" } },
  "sharpness-aware minimization": { sam: 0.05 },
  accumulation: { batchSize: 4, accumulate: 3 },
  "accumulation of uneven parts, averaged": { batchSize: 4, accumulate: 4, swa: 0.3, mixup: 0.4 },
  "images that grow": {
    architecture: "resnet",
    net: { width: 2, depth: 1 },
    sizes: [5, 6],
    sizesUntil: 0.7,
    mixup: 0.3,
    cutmix: 1,
    ema: 0.9,
  },
  "crops that grow": { crop: 7, sizes: [6], accumulate: 2, batchSize: 6 },
  muon: { optimizer: { name: "muon", steps: 3 }, ema: 0.9 },
  cutmix: { cutmix: 1 },
  "labels blended with calibrated votes": { labels: { name: "votes", share: 0.5, calibrated: true } },
  "cutmix and mixup": { cutmix: 1, mixup: 0.4, classWeights: "effective" },
  "focal loss": { focal: 2 },
  "oversampled labels of votes": { oversample: true, labels: { name: "votes" }, mixup: 0.2 },
  "labels of votes": { labels: { name: "votes" } },
  "labels blended with votes": { labels: { name: "votes", share: 0.4 }, cutmix: 1 },
  "an architecture's own options": {
    architecture: "resnet",
    net: { width: 2, depth: 1, squeezeExcitation: true, activation: "silu", dropout: 0.1 },
  },
};

let folder: string;
let set: AssembledSet;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "fer-options-"));
  set = await tinySet(join(folder, "set"), {
    parts: { train: 48, val: 12, test: 12 },
    votes: true,
    timesDrawn: (label) => 2 - (label & 1),
  });
});
afterAll(async () => {
  set.close();
  await rm(folder, { recursive: true });
});

test.each(Object.entries(CASES))("%s", { timeout: 120_000 }, async (name, options) => {
  const fit = (to: string, more: Options = {}) =>
    new FerTrainer({ ...base, ...options, ...more, to: join(folder, `${name} ${to}`) });
  const whole = await fit("whole", { workers: 0 }).fit(set);
  expect(whole.history.every(({ loss }) => Number.isFinite(loss))).toBe(true);
  const expected = await tree(whole.folder);
  expect(await tree((await fit("threads", { workers: 2 }).fit(set)).folder)).toEqual(expected);

  const interrupted = fit("interrupted", { workers: 1 });
  const controller = new AbortController();
  let steps = 0;
  const callbacks = [{ name: "abort", onStepEnd: () => void (++steps === 6 && controller.abort()) }];
  await expect(interrupted.fit(set, { callbacks, signal: controller.signal })).rejects.toMatchObject({
    code: "ABORTED",
  });
  expect(await tree((await interrupted.fit(set)).folder)).toEqual(expected);

  // It does something: without it other weights come out.
  const plain = await new FerTrainer({ ...base, to: join(folder, `${name} plain`) }).fit(set);
  expect((await tree(plain.folder))["last.h5"]).not.toEqual(expected["last.h5"]);
});

test.each([
  ["an epoch", 4],
  ["all", 12],
])("stopped after the last step of %s, before its validation", { timeout: 120_000 }, async (name, at) => {
  const fit = (to: string) => new FerTrainer({ ...base, workers: 1, to: join(folder, `${name}, ${to}`) });
  const expected = await tree((await fit("whole").fit(set)).folder);
  const stopped = fit("stopped");
  const controller = new AbortController();
  let steps = 0;
  const callbacks = [{ name: "abort", onStepEnd: () => void (++steps === at && controller.abort()) }];
  await expect(stopped.fit(set, { callbacks, signal: controller.signal })).rejects.toMatchObject({ code: "ABORTED" });
  expect(await tree((await stopped.fit(set)).folder)).toEqual(expected);
});

test("votes are asked for where the set has none", async () => {
  const without = await tinySet(join(folder, "without"));
  const trainer = new FerTrainer({ ...base, labels: { name: "votes" }, to: join(folder, "refused") });
  await expect(trainer.fit(without)).rejects.toThrowErrorMatchingInlineSnapshot(
    `[OptionsError: labels: votes, but the set has none. Expected a set of a dataset that has them, such as ferplus. Assemble it again from such a folder, or train on labels "classes".]`,
  );
  without.close();
});
