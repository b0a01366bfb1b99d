/**
 * The input pipeline: seeded order, images from the files of the set, augmentation, labels. Which samples a batch has
 * and what is done to them follows from the seed, the epoch and the step alone, so a batch can be made anywhere, in any
 * order. Memory stays at a few batches whatever the size of the set.
 */
import { keyedRandom, shuffle } from "@fer/core";
import type { Batch } from "@fer/tfjs-graph";
import { augment, type Augmentation } from "./augmentation/index.js";
import { mixup } from "./mixup.js";
import { standardize } from "./standardize.js";
import { allOf, type Subset } from "./subset.js";

export interface BatchOptions {
  /** Most rows in a batch. */
  batchSize: number;
  seed: number;
  augmentations: readonly Augmentation[];
  /** `balanced`: every class has the same share of the loss. */
  classWeights: "none" | "balanced";
  /** Whether images are standardised before they are augmented. */
  standardize: boolean;
  /** Alpha of mixup; 0 for none. */
  mixup: number;
}

/** Steps in an epoch over `count` samples. */
export const stepsPerEpoch = (count: number, batchSize: number): number => Math.ceil(count / batchSize);

/** Makes batches of some samples. */
export class BatchMaker {
  readonly #samples: Subset;
  readonly #options: BatchOptions;
  readonly #weights: Float32Array | null;
  #order: { epoch: number; positions: Uint32Array } = { epoch: 0, positions: new Uint32Array(0) };

  constructor(samples: Subset, options: BatchOptions) {
    this.#samples = samples;
    this.#options = options;
    this.#weights = options.classWeights === "balanced" ? balancedWeights(samples.support()) : null;
  }

  /**
   * The batch of a step. Sizes differ by one at most: a last batch of two rows would give batch norm nothing to
   * measure, and a compiled step would be compiled for one size more.
   *
   * @param epoch 1-based; decides order and augmentation together with the seed.
   * @param step From 0.
   */
  async at(epoch: number, step: number): Promise<Batch> {
    const { count } = this.#samples;
    const steps = stepsPerEpoch(count, this.#options.batchSize);
    const from = Math.floor((step * count) / steps);
    const to = Math.floor(((step + 1) * count) / steps);
    return this.#batchOf(epoch, this.#orderOf(epoch).subarray(from, to));
  }

  #orderOf(epoch: number): Uint32Array {
    if (this.#order.epoch !== epoch) {
      const positions = shuffle(allOf(this.#samples), keyedRandom(this.#options.seed, "order", epoch));
      this.#order = { epoch, positions };
    }
    return this.#order.positions;
  }

  async #batchOf(epoch: number, positions: Uint32Array): Promise<Batch> {
    const samples = this.#samples;
    const { augmentations, seed } = this.#options;
    const [size, , channels] = samples.shape;
    const length = size * size * channels;
    const count = positions.length;
    const images = await samples.read(positions);
    if (this.#options.standardize) standardize(images, count);
    const inputs = augmentations.length === 0 ? images : new Uint8Array(images.length);
    const labels = new Float32Array(count * samples.classes.length);
    const weights = this.#weights === null ? undefined : new Float32Array(count);
    for (let row = 0; row < count; row++) {
      const position = positions[row]!;
      const label = samples.labels[position]!;
      labels[row * samples.classes.length + label] = 1;
      if (weights !== undefined) weights[row] = this.#weights![label]!;
      if (augmentations.length === 0) continue;
      const from = images.subarray(row * length, (row + 1) * length);
      const to = inputs.subarray(row * length, (row + 1) * length);
      augment(augmentations, from, to, { size, channels }, keyedRandom(seed, "augment", epoch, position));
    }
    const batch: Batch = { inputs, labels, count, ...(weights === undefined ? {} : { weights }) };
    const alpha = this.#options.mixup;
    return alpha > 0 ? mixup(batch, alpha, keyedRandom(seed, "mixup", epoch, positions[0]!)) : batch;
  }
}

/**
 * Weights that give every class the same share of the loss: `count / (classes with samples * samples of the class)`, as
 * scikit-learn's "balanced"; 0 for a class without any.
 *
 * @param support Samples of each class.
 */
export function balancedWeights(support: readonly number[]): Float32Array {
  const total = support.reduce((a, b) => a + b, 0);
  const present = support.filter((count) => count > 0).length;
  return Float32Array.from(support, (count) => (count === 0 ? 0 : total / (present * count)));
}
