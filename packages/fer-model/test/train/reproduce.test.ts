/** Runs that are trained again from their own record. */
import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { acceptDamages, artifactAt } from "@fer/core";
import { readFile } from "node:fs/promises";
import type { AssembledSet } from "@fer/core/set";
import { FerTrainer, reproduceRun, selectEngine } from "@fer/model";
import { tf } from "@fer/tfjs-graph";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { tinySet } from "../tiny-set.ts";
import { tree } from "../tree.ts";

type Options = NonNullable<ConstructorParameters<typeof FerTrainer>[0]>;

const base = {
  architecture: "tiny",
  engine: "cpu",
  epochs: 2,
  batchSize: 12,
  report: false,
  baselines: false,
} as const;

let folder: string;
let set: AssembledSet;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "fer-reproduce-"));
  set = await tinySet(join(folder, "set"), { parts: { train: 48, val: 12, test: 12 } });
  await trained("first");
});
afterAll(async () => {
  set.close();
  await rm(folder, { recursive: true });
});

const at = (name: string): string => join(folder, name);
const trained = (name: string, more: Options = {}) => new FerTrainer({ ...base, ...more, to: at(name) }).fit(set);
const refused = (name: string, more: Partial<Parameters<typeof reproduceRun>[1]> = {}): Promise<string> =>
  reproduceRun(at(name), { set, ...more }).then(
    ({ verdict }) => verdict,
    (error: Error) => error.message.replaceAll(folder, "<folder>").replaceAll(/[0-9a-f]{12,64}/g, "<hash>"),
  );

test("the same bytes come out, and the second run is kept where that is asked for", async () => {
  const before = await tree(at("first"));
  const { metrics } = await trained("first");
  const found = await reproduceRun(at("first"), { set, to: at("again") });
  expect(found).toEqual({
    run: at("first"),
    again: at("again"),
    verdict: "identical",
    files: ["best.h5", "last.h5", "history.jsonl", "predictions.csv"].map((file) => ({ file, isEqual: true })),
    otherwise: [],
    scores: [
      { name: "accuracy", there: metrics!.accuracy, here: metrics!.accuracy },
      { name: "macro-F1", there: metrics!.macroF1, here: metrics!.macroF1 },
    ],
    tolerance: 0.02,
  });
  expect(await tree(at("first"))).toEqual(before);

  const kept = (await readdir(tmpdir())).filter((name) => name.startsWith("fer-again-"));
  expect(await reproduceRun(at("first"), { set })).toMatchObject({ verdict: "identical", again: null });
  expect((await readdir(tmpdir())).filter((name) => name.startsWith("fer-again-"))).toEqual(kept);
});

describe.each<[string, Options]>([
  [
    "a budget: the number of steps that it came to",
    { budget: "60s", patience: 1, monitor: "loss", learningRate: 1e-12 },
  ],
  ["steps that are no whole epochs", { steps: 6 }],
  ["a recipe", { recipe: "original", architecture: "tiny", epochs: 3, standardize: false }],
  ["a network that another one was trained on from", { from: "first", freeze: ["body"], epochs: 1 }],
])("from the record of %s", (name, options) => {
  test("the same bytes come out", async () => {
    await trained(name, { ...options, ...(options.from === undefined ? {} : { from: at("first") }) });
    expect(await refused(name)).toBe("identical");
  });
});

test("folds are compared each", async () => {
  const folds = await tinySet(at("folded"), { name: "folded", folds: 2 });
  await new FerTrainer({ ...base, epochs: 1, to: at("folds") }).fit(folds);
  const { verdict, files } = await reproduceRun(at("folds"), { set: folds });
  expect({ verdict, files: files.map(({ file }) => file) }).toEqual({
    verdict: "identical",
    files: [
      "predictions.csv",
      ...["fold-01", "fold-02"].flatMap((fold) =>
        ["best.h5", "last.h5", "history.jsonl", "predictions.csv"].map((file) => `${fold}/${file}`),
      ),
    ],
  });
  expect(await reproduceRun(at("folds/fold-01"), { set: folds }).catch((error: Error) => error.message)).toContain(
    "fold-01: fold 1 of a run. Expected a run of its own, or of folds. Pass ",
  );
  folds.close();
});

test("elsewhere scores are compared; in the same place bytes must be equal", async () => {
  const { name } = (await selectEngine("wasm").catch(() => selectEngine("cpu"))).engine;
  const found = await reproduceRun(at("first"), { set, engine: name, tolerance: 0.5 });
  expect(["identical", "close"]).toContain(found.verdict);
  expect(found.otherwise.length > 0).toBe(name === "wasm");

  // somebody has edited what was predicted, and the history
  await trained("edited");
  const history = await readFile(join(at("edited"), "history.jsonl"), "utf8");
  await writeFile(join(at("edited"), "history.jsonl"), history.replace(/"loss":[\d.]+/, '"loss":9'));
  await acceptDamages(await artifactAt(at("edited")));
  expect(await reproduceRun(at("edited"), { set })).toMatchObject({
    verdict: "different",
    otherwise: [],
    files: [
      { file: "best.h5", isEqual: true },
      { file: "last.h5", isEqual: true },
      { file: "history.jsonl", isEqual: false },
      { file: "predictions.csv", isEqual: true },
    ],
  });
});

test("what the record does not hold is asked for, and held against it", async () => {
  await trained("taught", { epochs: 1, teacher: [at("first")] });
  expect(await refused("taught")).toMatchInlineSnapshot(
    `"teacher: nothing is named, and where it was is not recorded. Expected what the run was trained with, sha256 <hash>. Name it with teacher."`,
  );
  expect(await refused("taught", { teacher: [at("again")] })).toBe("identical");
  await trained("other", { epochs: 1, seed: 5 });
  expect(await refused("taught", { teacher: [at("other")] })).toMatchInlineSnapshot(
    `"teacher: sha256 <hash>. Expected what the run was trained with, sha256 <hash>. Name it with teacher."`,
  );
  expect(await refused("first", { teacher: [at("other")] })).toMatchInlineSnapshot(
    `"teacher: sha256 <hash>. Expected none: the run was trained without. Leave it out."`,
  );

  await trained("tuned", { epochs: 1, from: at("other") });
  await rm(at("other"), { recursive: true });
  await trained("other", { epochs: 1, seed: 6 });
  expect(await refused("tuned")).toMatchInlineSnapshot(
    `"from: <hash>. Expected what the run was trained with, <hash>. Name it with from."`,
  );
});

test("refuses another set, what was passed by value, and its own folder", async () => {
  const other = await tinySet(at("other-set"), { parts: { train: 24, val: 12, test: 12 } });
  expect(await refused("first", { set: other })).toMatchInlineSnapshot(
    `"set tiny: it is not the one that <folder>/first was trained on (fingerprint <hash>). Expected tiny, fingerprint <hash>. Assemble it as it was then, of the same images."`,
  );
  other.close();
  const layers = [
    tf.layers.flatten({ name: "flat", inputShape: [8, 8, 1] }),
    tf.layers.dense({ name: "out", units: 3, activation: "softmax" }),
  ];
  const own = new FerTrainer({ ...base, epochs: 1, to: at("own") });
  await own.fit(set, { model: tf.sequential({ name: "own", layers }) });
  expect(await refused("own")).toMatchInlineSnapshot(
    `"<folder>/own: its network was passed by value. Expected a run whose record holds all of it. Run the program that trained it."`,
  );
  expect(await refused("first", { to: at("first") })).toMatchInlineSnapshot(
    `"<folder>/first: the second run would go into the same folder. Expected another one. Name it with to."`,
  );
});
