/**
 * The input pipeline: seeded order, images from the files of the set, augmentation, labels. Which samples a batch has
 * and what is done to them follows from the seed, the epoch and the step alone, so a batch can be made anywhere, in any
 * order. Memory stays at a few batches whatever the size of the set.
 */
import { keyedRandom, shuffle } from "@fer/core";
import { cropOf, PixelBench } from "@fer/core/inference";
import type { Batch } from "@fer/tfjs-graph";
import { type Augmentation, augmentOn } from "./augmentation.js";
import { drawPlace } from "./crop.js";
import { cutRows, drawCut, keptShare } from "./cutmix.js";
import { edgeIn, type Growth, Shrinker } from "./growing.js";
import { drawMix, drawPartners, type Mix, mixValues } from "./mixup.js";
import { allOf, type Subset } from "./subset.js";

export interface BatchOptions extends Growth {
  /** Most rows in a batch. */
  batchSize: number;
  seed: number;
  augmentations: readonly Augmentation[];
  /** `balanced`: every class has the same share of the loss; `effective`: as its effective number of samples. */
  classWeights: "none" | "balanced" | "effective";
  /** `[count]`: how much each sample counts in the loss, times the weight of its class; `null` where all count alike. */
  rowWeights: Float32Array | null;
  /** `[count, classes]`: what each sample is trained on; `null` where that is its class. */
  targets: Float32Array | null;
  /** Whether images are standardised before they are augmented. */
  standardize: boolean;
  /** Edge of the square that is cut out of each image after its augmentation, at random; `null` for all of it. */
  crop: number | null;
  /** Alpha of mixup; 0 for none. */
  mixup: number;
  /** Alpha of CutMix; 0 for none. With both, half of the batches are made by each. */
  cutmix: number;
}

/** Steps in an epoch over `count` samples. */
export const stepsPerEpoch = (count: number, batchSize: number): number => Math.ceil(count / batchSize);

/** Samples in the first `step` steps of an epoch over `count` samples in `steps` steps. */
export const rowsBefore = (step: number, { count, steps }: { count: number; steps: number }): number =>
  Math.floor((step * count) / steps);

/** Makes any batch of a training, from its place alone. */
export class BatchMaker {
  readonly #samples: Subset;
  readonly #options: BatchOptions;
  readonly #weights: Float32Array | null;
  /** For whole images. */
  readonly #bench: PixelBench;
  /** By the edge of what the network takes. */
  readonly #mixing = new Map<number, { bench: PixelBench; shrinker: Shrinker | null }>();
  #order: { epoch: number; positions: Uint32Array } = { epoch: 0, positions: new Uint32Array(0) };

  constructor(samples: Subset, options: BatchOptions) {
    this.#samples = samples;
    this.#options = options;
    const [size, , channels] = samples.shape;
    this.#bench = new PixelBench({ size, channels });
    this.#weights = weightsOf(options.classWeights, samples.support());
  }

  /**
   * The batch of a step. Sizes differ by one at most: a last batch of two rows would give batch norm nothing to
   * measure, and a compiled step would be compiled for one size more.
   *
   * @param place The epoch, from 1, decides order and augmentation together with the seed; steps count from 0.
   */
  async at({ epoch, step }: { epoch: number; step: number }): Promise<Batch> {
    const { count } = this.#samples;
    const steps = stepsPerEpoch(count, this.#options.batchSize);
    const [from, to] = [rowsBefore(step, { count, steps }), rowsBefore(step + 1, { count, steps })];
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
    const { labels: labelOf, classes } = this.#samples;
    const count = positions.length;
    const images = await this.#samples.read(positions);
    const { crop } = this.#options;
    const [size, , channels] = this.#samples.shape;
    const whole = crop ?? size;
    const inputs = crop === null ? images : new Uint8Array(count * whole * whole * channels);
    const width = classes.length;
    const labels = new Float32Array(count * width);
    const { rowWeights, targets } = this.#options;
    const weights = this.#weights === null && rowWeights === null ? undefined : new Float32Array(count);
    for (let row = 0; row < count; row++) {
      const position = positions[row]!;
      const label = labelOf[position]!;
      if (targets === null) labels[row * width + label] = 1;
      else labels.set(targets.subarray(position * width, (position + 1) * width), row * width);
      if (weights !== undefined) weights[row] = (this.#weights?.[label] ?? 1) * (rowWeights?.[position] ?? 1);
      const image = rowOf(images, { row, count });
      this.#change(image, { epoch, position });
      if (crop !== null) rowOf(inputs, { row, count }).set(this.#cropped(image, { epoch, position }));
    }
    const edge = edgeIn(epoch, this.#options) ?? whole;
    const { shrinker } = this.#at({ edge, whole });
    const batch = {
      inputs: shrinker === null ? inputs : shrinker.shrunk(inputs),
      labels,
      count,
      ...(weights === undefined ? {} : { weights }),
    };
    return this.#mixed({ ...batch, edge }, keyedRandom(this.#options.seed, "mixup", epoch, positions[0]!));
  }

  /** Standardises and augments an image in place. */
  #change(image: Uint8Array, { epoch, position }: { epoch: number; position: number }): void {
    const { augmentations, seed, standardize } = this.#options;
    if (!standardize && augmentations.length === 0) return;
    const bench = this.#bench;
    const [size, , channels] = this.#samples.shape;
    bench.source.set(image);
    if (standardize) bench.standardize();
    if (augmentations.length > 0) {
      const next = keyedRandom(seed, "augment", epoch, position);
      augmentOn(bench, { augmentations, next, size, channels });
    }
    image.set(augmentations.length > 0 ? bench.out : bench.source);
  }

  #cropped(pixels: Uint8Array, { epoch, position }: { epoch: number; position: number }): Uint8Array {
    const [size, , channels] = this.#samples.shape;
    const crop = this.#options.crop!;
    const place = drawPlace({ size, crop }, keyedRandom(this.#options.seed, "crop", epoch, position));
    return cropOf({ pixels, size, channels }, { place, crop });
  }

  /** What images of an edge are made and mixed with. */
  #at({ edge, whole }: { edge: number; whole: number }): { bench: PixelBench; shrinker: Shrinker | null } {
    const known = this.#mixing.get(edge);
    if (known !== undefined) return known;
    const [size, , channels] = this.#samples.shape;
    const shrinker = edge === whole ? null : new Shrinker({ from: whole, to: edge, channels });
    const bench = edge === size ? this.#bench : new PixelBench({ size: edge, channels });
    const made = { bench, shrinker };
    this.#mixing.set(edge, made);
    return made;
  }

  #mixed({ edge, ...batch }: EdgedBatch, next: () => number): Batch {
    const { mixup, cutmix } = this.#options;
    if (mixup === 0 && cutmix === 0) return batch;
    const isCut = cutmix > 0 && (mixup === 0 || next() < 0.5);
    const { inputs, mix } = isCut ? this.#cut({ ...batch, edge }, next) : this.#blended({ ...batch, edge }, next);
    const { labels, weights, count } = batch;
    return {
      inputs,
      labels: mixValues(labels, mix),
      count,
      ...(weights === undefined ? {} : { weights: mixValues(weights, mix) }),
    };
  }

  #cut({ inputs, count, edge: size }: EdgedBatch, next: () => number): { inputs: Uint8Array; mix: Mix } {
    const cut = drawCut(size, { alpha: this.#options.cutmix, next });
    const partner = drawPartners(count, next);
    return { inputs: cutRows(inputs, { cut, partner, size }), mix: { share: keptShare(cut, size), partner } };
  }

  #blended({ inputs, count, edge }: EdgedBatch, next: () => number): { inputs: Uint8Array; mix: Mix } {
    const mix = drawMix(count, { alpha: this.#options.mixup, next });
    const mixed = new Uint8Array(inputs.length);
    const { bench } = this.#mixing.get(edge)!;
    for (let row = 0; row < count; row++) {
      bench.source.set(rowOf(inputs, { row, count }));
      bench.out.set(rowOf(inputs, { row: mix.partner[row]!, count }));
      bench.blend(mix.share);
      mixed.set(bench.out, (row * inputs.length) / count);
    }
    return { inputs: mixed, mix };
  }
}

type PixelBatch = Batch & { inputs: Uint8Array };
/** With the edge of its images. */
type EdgedBatch = PixelBatch & { edge: number };

const rowOf = (rows: Uint8Array, { row, count }: { row: number; count: number }): Uint8Array =>
  rows.subarray((row * rows.length) / count, ((row + 1) * rows.length) / count);

function weightsOf(classWeights: BatchOptions["classWeights"], support: readonly number[]): Float32Array | null {
  if (classWeights === "none") return null;
  return classWeights === "balanced" ? balancedWeights(support) : effectiveWeights(support);
}

/**
 * Weights by the effective number of samples (Cui et al., Class-Balanced Loss Based on Effective Number of Samples, CVPR
 * 2019): `(1 - beta) / (1 - beta^n)`, scaled to a mean of 1 over the classes with samples; 0 for a class without any. Less
 * strong than {@link balancedWeights} for large classes, each further sample of which says less.
 *
 * @param support Samples of each class.
 */
export function effectiveWeights(support: readonly number[], beta = 0.9999): Float32Array {
  const raw = support.map((count) => (count === 0 ? 0 : (1 - beta) / (1 - beta ** count)));
  const mean = raw.reduce((a, b) => a + b, 0) / support.filter((count) => count > 0).length;
  return Float32Array.from(raw, (weight) => weight / mean);
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
