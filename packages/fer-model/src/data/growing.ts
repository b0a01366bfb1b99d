/**
 * Images that grow in the course of a training (Howard 2018; Tan and Le 2021): the first epochs see them smaller, and cost
 * as much less as their area is. The last epochs see them as they are.
 */

/** When images are how large. */
export interface Growth {
  /** Edges in pixels, one after another, each for as many epochs; `null`: whole images throughout. */
  sizes: readonly number[] | null;
  /** Share of the epochs that they take. */
  sizesUntil: number;
  epochs: number;
}

/** Epochs with smaller images; those after them have whole ones. */
export const smallEpochs = ({ sizes, sizesUntil, epochs }: Growth): number =>
  sizes === null ? 0 : Math.floor(sizesUntil * epochs);

/** Edge of the images in an epoch (from 1); `null` where they are whole. */
export function edgeIn(epoch: number, growth: Growth): number | null {
  const small = smallEpochs(growth);
  if (growth.sizes === null || epoch > small) return null;
  return growth.sizes[Math.floor(((epoch - 1) * growth.sizes.length) / small)]!;
}

/** How many epochs have images of each edge; `null`: whole ones. */
export function epochsByEdge(growth: Growth): Map<number | null, number> {
  const small = smallEpochs(growth);
  const { sizes, epochs } = growth;
  const counts = new Map<number | null, number>([[null, epochs - small]]);
  for (const [index, edge] of (sizes ?? []).entries()) {
    const [from, to] = [index, index + 1].map((at) => Math.ceil((at * small) / sizes!.length)) as [number, number];
    counts.set(edge, (counts.get(edge) ?? 0) + to - from);
  }
  return counts;
}

/**
 * Work of the first epochs, whole or in part, in epochs of whole images: an image costs as much as its area is.
 *
 * @param whole Edge of images that are not shrunk.
 */
export function workOf(epochs: number, growth: Growth & { whole: number }): number {
  let work = 0;
  for (let epoch = 1; epoch - 1 < epochs; epoch++) {
    const edge = edgeIn(epoch, growth) ?? growth.whole;
    work += (edge / growth.whole) ** 2 * Math.min(1, epochs - (epoch - 1));
  }
  return work;
}

/** Smaller pictures: each pixel is the mean of the area that it covers, rounded. */
export class Shrinker {
  readonly #from: number;
  readonly #to: number;
  readonly #channels: number;
  /** For each position of the result those of the source, and the share of each. */
  readonly #taps: readonly (readonly (readonly [at: number, share: number])[])[];

  /** @param edges In pixels; `to` is less than `from`. */
  constructor({ from, to, channels }: { from: number; to: number; channels: number }) {
    this.#from = from;
    this.#to = to;
    this.#channels = channels;
    const scale = from / to;
    this.#taps = Array.from({ length: to }, (_, position) => {
      const [start, end] = [position * scale, Math.min(from, (position + 1) * scale)];
      const length = Math.ceil(end - 1e-9) - Math.floor(start);
      return Array.from({ length }, (_each, offset) => {
        const at = Math.floor(start) + offset;
        return [at, (Math.min(end, at + 1) - Math.max(start, at)) / scale] as const;
      });
    });
  }

  /** @param images `[n, from, from, channels]`, 0..255. @returns `[n, to, to, channels]` */
  shrunk(images: Uint8Array): Uint8Array {
    const [from, to, channels] = [this.#from, this.#to, this.#channels];
    const count = images.length / (from * from * channels);
    const out = new Uint8Array(count * to * to * channels);
    // Across first: `[from, to, channels]` of one picture.
    const rows = new Float64Array(from * to * channels);
    for (let image = 0; image < count; image++) {
      const source = image * from * from * channels;
      rows.fill(0);
      for (let y = 0; y < from; y++) {
        for (let x = 0; x < to; x++) {
          for (const [at, share] of this.#taps[x]!)
            for (let c = 0; c < channels; c++)
              rows[(y * to + x) * channels + c]! += share * images[source + (y * from + at) * channels + c]!;
        }
      }
      const width = to * channels;
      for (let y = 0; y < to; y++) {
        for (let x = 0; x < width; x++) {
          let sum = 0;
          for (const [at, share] of this.#taps[y]!) sum += share * rows[at * width + x]!;
          out[(image * to + y) * width + x] = Math.round(sum);
        }
      }
    }
    return out;
  }
}
