import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { AssembledSet } from "@fer/core/set";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { balancedWeights, BatchMaker, effectiveWeights, stepsPerEpoch } from "../../dist/data/batches.js";
import { carveValidation } from "../../dist/data/carve-validation.js";
import { foldSamples } from "../../dist/data/samples.js";
import { standardize } from "../../dist/data/pixels.js";
import { drawMix } from "../../dist/data/mixup.js";
import { scheduleOf } from "../../dist/train/schedule.js";
import { allOf, Subset } from "../../dist/data/subset.js";
import { keyedRandom, shuffle } from "@fer/core";
import { flip, shift } from "../../dist/data/augmentation.js";
import { tinySet } from "../tiny-set.ts";

let folder: string;
let set: AssembledSet;
let all: Subset;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "fer-samples-"));
  set = await tinySet(folder, { parts: { train: 60, test: 20 } });
  all = await Subset.of(set.part("train"), set.part("test"));
});
afterAll(async () => {
  set.close();
  await rm(folder, { recursive: true });
});

describe("Subset", () => {
  test("joins parts in order and reads images across them", async () => {
    expect(all.count).toBe(80);
    const [last, first] = [await set.part("train").read([59]), await set.part("test").read([0])];
    expect(await all.read([59, 60])).toEqual(Uint8Array.from([...last, ...first]));
    expect((await all.ids()).slice(59, 61)).toEqual(["face-59", "face-60"]);
  });

  test("a subset of a subset keeps labels, groups, ids and images together", async () => {
    const some = all.take([70, 3, 61]).take([2, 0]);
    expect([...some.labels]).toEqual([all.labels[61], all.labels[70]]);
    expect(await some.ids()).toEqual(["face-61", "face-70"]);
    expect(await some.read([1])).toEqual(await all.read([70]));
    const joined = some.with(all.take([5]));
    expect(await joined.ids()).toEqual(["face-61", "face-70", "face-5"]);
    expect(await joined.read([2])).toEqual(await all.read([5]));
  });
});

describe("foldSamples", () => {
  test("takes the rows of the fold, and carves validation out of train by group", async () => {
    const folded = await tinySet(join(folder, "folded"), { folds: 3, parts: { all: 60 } });
    const everything = await Subset.of(folded.part("all"));
    for (const fold of [1, 2, 3]) {
      const { train, val, test } = await foldSamples(folded, { fold, all: everything, seed: 1, valShare: 0.2 });
      const rows = await folded.fold(fold);
      expect(await test!.ids()).toEqual(await everything.take(rows.test).ids());
      expect([...(await train.ids()), ...(await val!.ids())].sort()).toEqual(
        (await everything.take(rows.train).ids()).sort(),
      );
      const groups = new Set(train.groups);
      expect([...val!.groups, ...test!.groups].filter((group) => groups.has(group))).toEqual([]);
    }
    folded.close();
  });
});

describe("carveValidation", () => {
  test("takes whole groups, about the share asked for, and leaves the rest", () => {
    const { train, val } = carveValidation(all, { share: 0.25, seed: 1 });
    expect([...train, ...val].sort((a, b) => a - b)).toEqual([...all.labels.keys()]);
    const groups = (positions: number[]) => new Set(positions.map((i) => all.groups[i]));
    expect([...groups(val)].filter((group) => groups(train).has(group!))).toEqual([]);
    expect(val.length).toBeGreaterThanOrEqual(16);
    expect(val.length).toBeLessThanOrEqual(24);
  });

  test("another seed takes other groups, the same seed the same ones", () => {
    const carve = (seed: number) => carveValidation(all, { share: 0.25, seed }).val;
    expect(carve(1)).toEqual(carve(1));
    expect(carve(1)).not.toEqual(carve(2));
  });
});

describe("BatchMaker", () => {
  const options = { batchSize: 32, seed: 1, augmentations: [], classWeights: "none", standardize: false, mixup: 0 };
  const collect = async (epoch: number, more = {}) => {
    const maker = new BatchMaker(all, { ...options, ...more } as ConstructorParameters<typeof BatchMaker>[1]);
    const batches = [];
    for (let step = 0; step < stepsPerEpoch(all.count, 32); step++) batches.push(await maker.at({ epoch, step }));
    return batches;
  };

  test("sizes differ by one at most, and every sample comes once", async () => {
    const batches = await collect(1);
    expect(batches.map(({ count }) => count)).toEqual([26, 27, 27]);
    expect(batches.length).toBe(stepsPerEpoch(80, 32));
    const rows = new Set<string>();
    for (const { inputs, count } of batches)
      for (let i = 0; i < count; i++) rows.add(inputs.subarray(i * 64, (i + 1) * 64).join());
    const images = await all.read(allOf(all));
    expect(rows.size).toBe(
      new Set(Array.from({ length: 80 }, (_, i) => images.subarray(i * 64, (i + 1) * 64).join())).size,
    );
  });

  test("a batch does not depend on which ones were made before it", async () => {
    const [, second] = await collect(3, { augmentations: [flip(), shift(0.1)], mixup: 0.2 });
    const maker = new BatchMaker(all, { ...options, augmentations: [flip(), shift(0.1)], mixup: 0.2 } as never);
    await maker.at({ epoch: 5, step: 2 });
    expect(await maker.at({ epoch: 3, step: 1 })).toEqual(second);
  });

  test("an epoch has its own order, and the same one again with the same seed", async () => {
    expect(await collect(1)).toEqual(await collect(1));
    expect((await collect(1))[0]!.inputs).not.toEqual((await collect(2))[0]!.inputs);
    expect((await collect(1))[0]!.inputs).not.toEqual((await collect(1, { seed: 2 }))[0]!.inputs);
  });

  test("class weights become sample weights", async () => {
    const classWeights = balancedWeights(all.support());
    const [batch] = await collect(1, { classWeights: "balanced" });
    for (let i = 0; i < batch!.count; i++) {
      const label = [0, 1, 2].find((c) => batch!.labels[i * 3 + c] === 1)!;
      expect(batch!.weights![i]).toBe(classWeights[label]);
    }
  });
});

test("balancedWeights give every class with samples the same sum", () => {
  expect([...balancedWeights([1, 3, 0])]).toEqual([2, Math.fround(2 / 3), 0]);
});

test("effectiveWeights are those of the paper: near balance for few samples, milder for many", () => {
  // numpy: w = (1 - .9999) / (1 - .9999 ** np.array([100, 10_000])); w / w.mean()
  expect([...effectiveWeights([100, 10_000, 0])]).toEqual([1.96900538, 0.03099462, 0].map((w) => expect.closeTo(w, 6)));
  const [few, many] = effectiveWeights([5, 10]);
  expect(few! / many!).toBeCloseTo(2, 2);
});

test("mixup keeps each label's mass and blends labels as it blends pixels", async () => {
  const mixup = {
    mixup: 0.4,
    batchSize: 16,
    seed: 4,
    augmentations: [],
    classWeights: "none",
    standardize: false,
  } as const;
  const mixed = await new BatchMaker(all, mixup).at({ epoch: 1, step: 0 });
  const whole = await new BatchMaker(all, { ...mixup, mixup: 0 }).at({ epoch: 1, step: 0 });
  const mix = drawMix(16, {
    alpha: 0.4,
    next: keyedRandom(4, "mixup", 1, shuffle(allOf(all), keyedRandom(4, "order", 1))[0]!),
  });
  for (let row = 0; row < 16; row++) {
    const other = mix.partner[row]!;
    expect(mixed.labels.subarray(row * 3, row * 3 + 3).reduce((a, b) => a + b)).toBeCloseTo(1, 6);
    for (let i = 0; i < 64; i++) {
      const exact = whole.inputs[row * 64 + i]! * mix.share + whole.inputs[other * 64 + i]! * (1 - mix.share);
      expect(mixed.inputs[row * 64 + i]).toBe(Math.floor(exact + 0.5));
    }
    const label = [0, 1, 2].map(
      (c) => whole.labels[row * 3 + c]! * mix.share + whole.labels[other * 3 + c]! * (1 - mix.share),
    );
    expect([...mixed.labels.subarray(row * 3, row * 3 + 3)]).toEqual(label.map(Math.fround));
  }
});

test("standardize gives every image mean 128 and deviation 56, and leaves a flat one flat", () => {
  const images = Uint8Array.of(100, 110, 120, 130, 7, 7, 7, 7);
  standardize(images, { size: 2, channels: 1 });
  const factor = 56 / Math.sqrt(125);
  expect([...images]).toEqual([-15, -5, 5, 15].map((d) => Math.round(128 + d * factor)).concat(128, 128, 128, 128));
});

describe("scheduleOf", () => {
  const rates = (schedule: Parameters<typeof scheduleOf>[0]["schedule"]) => {
    const at = scheduleOf({ learningRate: 1, schedule }, 10);
    return Array.from({ length: 10 }, (_, step) => Number(at(step).toFixed(4)));
  };

  test("cosine rises linearly and falls to nearly nothing", () => {
    expect(rates({ name: "cosine", warmup: 0.2 })).toEqual([
      0.5, 1, 1, 0.9619, 0.8536, 0.6913, 0.5, 0.3087, 0.1464, 0.0381,
    ]);
  });

  test("inverse-time is Keras 2's decay", () => {
    expect(rates({ name: "inverse-time", decay: 1 }).slice(0, 4)).toEqual([1, 0.5, 0.3333, 0.25]);
  });

  test("constant and plateau leave the rate to callbacks", () => {
    expect(
      new Set([...rates({ name: "constant" }), ...rates({ name: "plateau", factor: 0.5, patience: 1, floor: 0 })]),
    ).toEqual(new Set([1]));
  });
});
