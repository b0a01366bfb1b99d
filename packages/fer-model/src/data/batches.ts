/**
 * The input pipeline: seeded order, images from the files of the set, augmentation, labels. One batch at a time, so
 * memory stays at a batch whatever the size of the set.
 */
import type { Batch } from "@fer/tfjs-graph";
import { augment, type Augmentation } from "./augmentation/index.js";
import { keyedRandom, shuffle } from "@fer/core";
import { mixup } from "./mixup.js";
import { standardize } from "./standardize.js";
import { allOf, type Subset } from "./subset.js";

export interface BatchOptions {
  /** Most rows in a batch. */
  batchSize: number;
  seed: number;
  augmentations: readonly Augmentation[];
  /** Weight of each class in the loss, `null` for 1. */
  classWeights: Float32Array | null;
  /** Whether images are standardised before they are augmented. */
  standardize: boolean;
  /** Alpha of mixup; 0 for none. */
  mixup: number;
}

/** Steps in an epoch over `count` samples. */
export const stepsPerEpoch = (count: number, batchSize: number): number => Math.ceil(count / batchSize);

/**
 * The batches of one epoch. Sizes differ by one at most: a last batch of two rows would give batch norm nothing to
 * measure, and a compiled step would be compiled for one size more.
 *
 * @param epoch 1-based; decides order and augmentation together with the seed.
 */
export async function* epochBatches(samples: Subset, epoch: number, options: BatchOptions): AsyncGenerator<Batch> {
  const { batchSize, seed } = options;
  const order = shuffle(allOf(samples), keyedRandom(seed, "order", epoch));
  const steps = stepsPerEpoch(samples.count, batchSize);
  for (let step = 0; step < steps; step++) {
    const from = Math.floor((step * samples.count) / steps);
    const to = Math.floor(((step + 1) * samples.count) / steps);
    yield batchOf(samples, order.subarray(from, to), epoch, options);
  }
}

async function batchOf(samples: Subset, positions: Uint32Array, epoch: number, options: BatchOptions): Promise<Batch> {
  const { augmentations, classWeights, seed } = options;
  const [size, , channels] = samples.shape;
  const length = size * size * channels;
  const count = positions.length;
  const images = await samples.read(positions);
  if (options.standardize) standardize(images, count);
  const inputs = augmentations.length === 0 ? images : new Uint8Array(images.length);
  const labels = new Float32Array(count * samples.classes.length);
  const weights = classWeights ? new Float32Array(count) : undefined;
  for (let row = 0; row < count; row++) {
    const position = positions[row]!;
    const label = samples.labels[position]!;
    labels[row * samples.classes.length + label] = 1;
    if (weights) weights[row] = classWeights![label]!;
    if (augmentations.length === 0) continue;
    const from = images.subarray(row * length, (row + 1) * length);
    const to = inputs.subarray(row * length, (row + 1) * length);
    augment(augmentations, from, to, { size, channels }, keyedRandom(seed, "augment", epoch, position));
  }
  const batch: Batch = { inputs, labels, count, ...(weights ? { weights } : {}) };
  return options.mixup > 0 ? mixup(batch, options.mixup, keyedRandom(seed, "mixup", epoch, positions[0]!)) : batch;
}
