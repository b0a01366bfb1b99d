/** Batches made in threads are those that the caller would have made. */
import { mkdtemp, rm, truncate } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { AssembledSet } from "@fer/core/set";
import { FerTrainer } from "@fer/model";
import type { Batch } from "@fer/tfjs-graph";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { AugmentationOptions } from "../../dist/data/augmentation.js";
import { type BatchPlace, openBatches, type PipelineOptions } from "../../dist/data/pipeline.js";
import { Subset } from "../../dist/data/subset.js";
import { tinySet } from "../tiny-set.ts";
import { tree } from "../tree.ts";

let folder: string;
let set: AssembledSet;
let samples: Subset;
const options: Omit<PipelineOptions, "from"> = {
  batchSize: 16,
  seed: 3,
  epochs: 3,
  workers: 0,
  classWeights: "balanced",
  standardize: true,
  crop: 7,
  mixup: 0.3,
  cutmix: 1,
  rowWeights: Float32Array.from({ length: 110 }, (_, row) => row / 50),
  targets: Float32Array.from({ length: 110 * 3 }, (_, at) => ((at * 7) % 11) / 11),
  sizes: [5],
  sizesUntil: 0.5,
  augmentation: AugmentationOptions.parse({}),
  own: [],
};

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "fer-pipeline-"));
  set = await tinySet(join(folder, "set"), { parts: { train: 100, val: 20, test: 20 }, votes: true });
  samples = (await Subset.of(set.part("train"), set.part("val"))).take([...Array(110).keys()].toReversed());
});
afterAll(async () => {
  set.close();
  await rm(folder, { recursive: true });
});

/** All batches of a training, from a place on. */
async function collect(more: Partial<PipelineOptions>, first: BatchPlace = { epoch: 1, step: 0 }): Promise<Batch[]> {
  const batches = openBatches(samples, { ...options, ...more, from: first });
  const found: Batch[] = [];
  for (let { epoch, step } = first; epoch <= options.epochs; epoch++, step = 0) {
    for (; step < 7; step++) found.push(await batches.at({ epoch, step }));
  }
  batches.close();
  return found;
}

describe("openBatches", () => {
  test.each([1, 2, 3])("%i threads give the bytes of none", async (workers) => {
    expect(await collect({ workers })).toEqual(await collect({}));
  });

  test("begins anywhere", async () => {
    expect(await collect({ workers: 2 }, { epoch: 2, step: 4 })).toEqual((await collect({})).slice(11));
  });

  test("augmentations of one's own are done by the caller, with threads or without", async () => {
    const own = [{ name: "own", paint: ({ pixels }: { pixels: Uint8Array }) => void pixels.fill(7, 0, 3) }];
    expect(await collect({ workers: 2, own })).toEqual(await collect({ own }));
  });

  test("what a thread cannot read fails as it does without threads, by name", async () => {
    const broken = await tinySet(join(folder, "broken"), { parts: { train: 64, test: 16 } });
    const of = await Subset.of(broken.part("train"));
    await truncate(join(folder, "broken/tiny_train_images.npy"), 1000);
    const batches = openBatches(of, { ...options, workers: 1, from: { epoch: 1, step: 0 } });
    await expect(batches.at({ epoch: 1, step: 0 })).rejects.toMatchObject({ name: "FormatError", code: "TRUNCATED" });
    batches.close();
    broken.close();
  });
});

test("a training has the same bytes with any number of threads", async () => {
  const runs = await Promise.all(
    [0, 1, 2].map(async (workers) => {
      const to = join(folder, `workers-${workers}`);
      const fast = { architecture: "tiny", engine: "cpu", epochs: 2, batchSize: 16, report: false } as const;
      await new FerTrainer({ ...fast, workers, to }).fit(set);
      return tree(to);
    }),
  );
  expect(runs[1]).toEqual(runs[0]);
  expect(runs[2]).toEqual(runs[0]);
});
