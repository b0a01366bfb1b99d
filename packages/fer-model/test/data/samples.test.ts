import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { AssembledSet } from "@fer/core/set";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { balancedWeights, BatchMaker, effectiveWeights, stepsPerEpoch } from "../../dist/data/batches.js";
import { carveValidation } from "../../dist/data/carve-validation.js";
import { foldSamples } from "../../dist/data/samples.js";
import { drawCut } from "../../dist/data/cutmix.js";
import { drawMix } from "../../dist/data/mixup.js";
import { softLabels } from "../../dist/data/soft-labels.js";
import { scheduleOf } from "../../dist/train/schedule.js";
import { allOf, Subset } from "../../dist/data/subset.js";
import { keyedRandom, shuffle } from "@fer/core";
import { standardize } from "@fer/core/inference";
import { flip, shift } from "../../dist/data/augmentation.js";
import { tinySet } from "../tiny-set.ts";

/** Batches of the samples as they are. */
const PLAIN = {
  augmentations: [],
  classWeights: "none",
  rowWeights: null,
  targets: null,
  epochs: 1,
  sizes: null,
  sizesUntil: 0.5,
  standardize: false,
  crop: null,
  mixup: 0,
  cutmix: 0,
} as const;

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
      const { train, val, test } = await foldSamples(folded, {
        fold,
        all: everything,
        oversample: false,
        seed: 1,
        valShare: 0.2,
      });
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
  const options = { ...PLAIN, batchSize: 32, seed: 1 };
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

test("weights of samples multiply those of their classes", async () => {
  const rowWeights = Float32Array.from({ length: all.count }, (_, row) => row / 10);
  const positions = shuffle(allOf(all), keyedRandom(4, "order", 1)).subarray(0, 16);
  const of = async (classWeights: "none" | "balanced") =>
    new BatchMaker(all, { ...PLAIN, batchSize: 16, seed: 4, rowWeights, classWeights }).at({ epoch: 1, step: 0 });
  expect([...(await of("none")).weights!]).toEqual([...positions].map((at) => rowWeights[at]));
  const balanced = balancedWeights(all.support());
  expect([...(await of("balanced")).weights!]).toEqual(
    [...positions].map((at) => Math.fround(balanced[all.labels[at]!]! * rowWeights[at]!)),
  );
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
  const mixup = { ...PLAIN, mixup: 0.4, batchSize: 16, seed: 4 };
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

describe("crop", () => {
  test("a batch has a square of each image, at places that are all alike likely", async () => {
    const options = { ...PLAIN, batchSize: 20, seed: 4 };
    const maker = new BatchMaker(all, { ...options, crop: 6 });
    const plain = new BatchMaker(all, options);
    const places = new Map<string, number>();
    for (let epoch = 1; epoch <= 20; epoch++) {
      const [cropped, whole] = [await maker.at({ epoch, step: 0 }), await plain.at({ epoch, step: 0 })];
      expect(cropped.inputs.length).toBe(20 * 36);
      expect(cropped.labels).toEqual(whole.labels);
      for (let row = 0; row < 20; row++) {
        const picture = whole.inputs.subarray(row * 64, row * 64 + 64) as Uint8Array;
        const found = cropped.inputs.subarray(row * 36, row * 36 + 36);
        const at = Array.from({ length: 9 }, (_, place): [number, number] => [place % 3, Math.floor(place / 3)]);
        const place = at.find(([left, top]) =>
          found.every((value, i) => value === picture[(top + Math.floor(i / 6)) * 8 + left + (i % 6)]),
        );
        places.set(String(place), (places.get(String(place)) ?? 0) + 1);
      }
    }
    // Nine places, 400 squares.
    expect(places.size).toBe(9);
    expect(Math.min(...places.values())).toBeGreaterThan(25);
  });

  test("mixup and CutMix work on the squares", async () => {
    const options = { ...PLAIN, batchSize: 20, seed: 4, crop: 5 };
    for (const more of [{ mixup: 0.4 }, { cutmix: 1 }]) {
      const { inputs, count } = await new BatchMaker(all, { ...options, ...more }).at({ epoch: 1, step: 1 });
      expect(inputs.length).toBe(count * 25);
    }
  });
});

describe("cutmix", () => {
  test("fills one rectangle of every picture with the partner's, and blends labels by its area", async () => {
    const options = { ...PLAIN, batchSize: 16, seed: 4 };
    const whole = await new BatchMaker(all, options).at({ epoch: 2, step: 1 });
    const mixed = await new BatchMaker(all, { ...options, cutmix: 1, classWeights: "balanced" }).at({
      epoch: 2,
      step: 1,
    });
    const first = shuffle(allOf(all), keyedRandom(4, "order", 2))[16]!;
    const next = keyedRandom(4, "mixup", 2, first);
    const cut = drawCut(8, { alpha: 1, next });
    const partner = shuffle(
      Uint32Array.from({ length: 16 }, (_, row) => row),
      next,
    );
    expect(cut.height * cut.width).toBeGreaterThan(0);
    const weights = balancedWeights(all.support());
    const kept = 1 - (cut.height * cut.width) / 64;
    for (let row = 0; row < 16; row++) {
      for (let y = 0; y < 8; y++) {
        for (let x = 0; x < 8; x++) {
          const isCut = y >= cut.top && y < cut.top + cut.height && x >= cut.left && x < cut.left + cut.width;
          const from = isCut ? partner[row]! : row;
          expect(mixed.inputs[row * 64 + y * 8 + x]).toBe(whole.inputs[from * 64 + y * 8 + x]);
        }
      }
      const of = (each: number) => [...whole.labels.subarray(each * 3, each * 3 + 3)];
      const [own, other] = [of(row), of(partner[row]!)];
      const blended = own.map((value, c) => Math.fround(value * kept + other[c]! * (1 - kept)));
      expect([...mixed.labels.subarray(row * 3, row * 3 + 3)]).toEqual(blended);
      const weight = weights[own.indexOf(1)]! * kept + weights[other.indexOf(1)]! * (1 - kept);
      expect(mixed.weights![row]).toBeCloseTo(weight, 6);
    }
  });

  test("rectangles stay in the picture, and cover half of it in the mean before they are cut off", () => {
    const next = keyedRandom(1, "cuts");
    const cuts = Array.from({ length: 4000 }, () => drawCut(48, { alpha: 1, next }));
    for (const { top, left, height, width } of cuts) {
      expect(Math.min(top, left, height, width)).toBeGreaterThanOrEqual(0);
      expect(Math.max(top + height, left + width)).toBeLessThanOrEqual(48);
    }
    // The mean of u (1 - sqrt(u) / 4)^2 over u in [0, 1], as a share of the picture.
    const area = cuts.reduce((sum, { height, width }) => sum + height * width, 0) / cuts.length / 48 ** 2;
    expect(area).toBeCloseTo(1 / 2 - 1 / 5 + 1 / 48, 1);
  });

  test("with mixup, batches are made by one or the other", async () => {
    const maker = new BatchMaker(all, { ...PLAIN, batchSize: 8, seed: 4, mixup: 0.4, cutmix: 1 });
    const plain = new BatchMaker(all, { ...PLAIN, batchSize: 8, seed: 4 });
    const kinds = new Set<boolean>();
    for (let step = 0; step < 10; step++) {
      const [mixed, whole] = [await maker.at({ epoch: 1, step }), await plain.at({ epoch: 1, step })];
      // Every pixel of a cut is one of those that are in that place of the batch.
      const isCut = mixed.inputs.every((value, at) =>
        Array.from({ length: 8 }, (_, row) => whole.inputs[row * 64 + (at % 64)]).includes(value),
      );
      kinds.add(isCut);
    }
    expect(kinds.size).toBe(2);
  });
});

describe("softLabels", () => {
  const classes = ["neutral", "anger", "happy"];
  const labels = Uint8Array.of(0, 1, 2, 2);
  const votes = Float32Array.of(3, 1, 0, 0, 0, 0, NaN, NaN, NaN, 0.2, 0.2, 0.4);

  test("are the normalised votes; where there are none for any class, the smoothed class", () => {
    const rows = softLabels({ labels, votes, classes }, { share: 1, labelSmoothing: 0.3 });
    expect([...rows]).toEqual([0.75, 0.25, 0, 0.1, 0.8, 0.1, 0.1, 0.1, 0.8, 0.25, 0.25, 0.5].map(Math.fround));
  });

  test("are (1 - a) * smoothed one-hot + a * votes", () => {
    const rows = softLabels({ labels, votes, classes }, { share: 0.4, labelSmoothing: 0.3 });
    const first = [0.6 * 0.8 + 0.4 * 0.75, 0.6 * 0.1 + 0.4 * 0.25, 0.6 * 0.1];
    expect([...rows.subarray(0, 3)]).toEqual(first.map(Math.fround));
    expect([...rows.subarray(3, 6)]).toEqual([0.1, 0.8, 0.1].map(Math.fround));
  });

  test("refuses votes that are none", () => {
    const bad = Float32Array.of(1, NaN, 0);
    expect(() =>
      softLabels({ labels: labels.subarray(0, 1), votes: bad, classes }, { share: 1, labelSmoothing: 0 }),
    ).toThrowErrorMatchingInlineSnapshot(
      `[FormatError: votes of training sample 0: [1, NaN, 0]. Expected numbers of 0 or more, or NaN throughout where there are no votes. Assemble the set again.]`,
    );
  });
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

  test("one-cycle is PyTorch's: up by half a cosine, and down to almost nothing", () => {
    // OneCycleLR(optimizer, 1, total_steps=10, pct_start=0.3, div_factor=25, final_div_factor=1e4)
    expect(rates({ name: "one-cycle", rise: 0.3, start: 1 / 25, end: 1 / 25 / 1e4 })).toEqual([
      0.04, 0.52, 1, 0.9505, 0.8117, 0.6113, 0.3887, 0.1883, 0.0495, 0,
    ]);
  });

  test("step drops at shares of all steps", () => {
    expect(rates({ name: "step", at: [0.5, 0.75], drop: 0.1 })).toEqual([1, 1, 1, 1, 1, 0.1, 0.1, 0.1, 0.01, 0.01]);
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
