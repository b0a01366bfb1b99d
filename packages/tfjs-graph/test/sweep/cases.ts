/**
 * Random convolutions and pools of real sizes, forward and backward: one case is one op. Every seed gives the same
 * cases on every machine.
 */
import { generator } from "../nets.ts";

export const KINDS = [
  "conv",
  "convInput",
  "convFilter",
  "depthwise",
  "depthwiseInput",
  "depthwiseFilter",
  "maxPool",
  "maxPoolGrad",
  "avgPool",
  "avgPoolGrad",
] as const;
export type Kind = (typeof KINDS)[number];

type Pair = [height: number, width: number];

export interface SweepCase {
  kind: Kind;
  batch: number;
  size: Pair;
  /** Of the input. */
  channels: number;
  kernel: Pair;
  strides: Pair;
  /** Above 1 in forward passes only: gradients of dilated convolutions are those of a filter with zeros in between. */
  dilations: Pair;
  /** Pads of a convolution by hand: `[[top, bottom], [left, right]]`. Pools have none. */
  pad: "same" | "valid" | [Pair, Pair];
  /** Filters of a convolution, multiplier of a depthwise one, 1 for pools. */
  filters: number;
}

/** What the op of a case computes from, as in tfjs. */
export interface Geometry {
  output: Pair;
  /** Rows of padding above, columns to the left. */
  before: Pair;
  after: Pair;
}

export function geometryOf({ size, kernel, strides, dilations, pad }: SweepCase): Geometry {
  const axes = ([0, 1] as const).map((i) => {
    const reach = (kernel[i] - 1) * dilations[i] + 1;
    if (pad === "valid") return { output: Math.floor((size[i] - reach) / strides[i]) + 1, before: 0, after: 0 };
    if (pad === "same") {
      const output = Math.ceil(size[i] / strides[i]);
      const whole = Math.max(0, (output - 1) * strides[i] + reach - size[i]);
      return { output, before: Math.floor(whole / 2), after: whole - Math.floor(whole / 2) };
    }
    const [before, after] = pad[i];
    return { output: Math.floor((size[i] + before + after - reach) / strides[i]) + 1, before, after };
  });
  const both = (key: "output" | "before" | "after"): Pair => [axes[0]![key], axes[1]![key]];
  return { output: both("output"), before: both("before"), after: both("after") };
}

/** Products that the reference has to compute: what bounds the time of a case. */
function products(example: SweepCase): number {
  const { batch, channels, kernel, filters, kind } = example;
  const [h, w] = geometryOf(example).output;
  const taps = batch * h * w * channels * kernel[0] * kernel[1];
  return kind.includes("Pool") ? taps : taps * filters;
}

export const isPool = (kind: Kind): boolean => kind.startsWith("maxPool") || kind.startsWith("avgPool");

/** Sizes that nets have, and some that they have not. */
const SIZES = [1, 2, 3, 5, 6, 7, 8, 11, 12, 14, 16, 20, 24, 28, 31, 32, 40, 47, 48, 56, 63, 64, 80, 96, 111, 112];
const CHANNELS = [1, 2, 3, 4, 5, 7, 8, 12, 15, 16, 17, 24, 31, 32, 48, 64, 96, 128, 256];
const BATCHES = [1, 1, 2, 3, 4, 8, 15, 16, 32, 64];
const LIMITS = { products: 40e6, elements: 4e6 };

interface Dice {
  pick<T>(choices: readonly T[]): T;
  chance(probability: number): boolean;
  between(low: number, high: number): number;
}

function dice(seed: number): Dice {
  const random = generator(seed);
  return {
    pick: (choices) => choices[Math.floor(random() * choices.length)]!,
    chance: (probability) => random() < probability,
    between: (low, high) => low + Math.floor(random() * (high - low + 1)),
  };
}

/** The case of a seed. Kinds take turns, so that `kinds.length` seeds in a row have one of each. */
export function caseOf(seed: number, kinds: readonly Kind[] = KINDS): SweepCase {
  const roll = dice(Math.imul(seed + 1, 2654435761));
  const kind = kinds[seed % kinds.length]!;
  for (;;) {
    const found = draw(kind, roll);
    if (found !== undefined) return found;
  }
}

function draw(kind: Kind, roll: Dice): SweepCase | undefined {
  const isSquare = roll.chance(0.7);
  const pair = (make: () => number): Pair => {
    const first = make();
    return isSquare ? [first, first] : [first, make()];
  };
  const size = pair(() => (roll.chance(0.8) ? roll.pick(SIZES) : roll.between(1, 112)));
  const kernel = pair(() => roll.pick([1, 1, 1, 2, 3, 3, 3, 4, 5, 7, 9]));
  const strides = pair(() => roll.pick([1, 1, 2, 2, 2, 3, 4]));
  const isDilated = (kind === "conv" || kind === "depthwise") && roll.chance(0.2);
  const dilations: Pair = isDilated ? pair(() => roll.between(1, 3)) : [1, 1];
  const pads = (): Pair => [roll.between(0, kernel[0] - 1), roll.between(0, kernel[0] - 1)];
  const pad =
    !isPool(kind) && roll.chance(0.15) ? ([pads(), pads()] as [Pair, Pair]) : roll.pick(["same", "valid"] as const);
  const filters = isPool(kind) ? 1 : kind.startsWith("depthwise") ? roll.pick([1, 1, 1, 2, 3]) : roll.pick(CHANNELS);
  const example = { kind, batch: roll.pick(BATCHES), size, channels: roll.pick(CHANNELS), kernel, strides, dilations };
  const whole: SweepCase = { ...example, pad, filters };
  // tfjs has neither strides nor dilations of a depthwise convolution that differ by axis; no dilation with a stride.
  if (kind.startsWith("depthwise") && strides[0] !== strides[1]) return undefined;
  if (isDilated && strides.some((stride) => stride > 1)) return undefined;
  const { output } = geometryOf(whole);
  if (output.some((length) => length < 1)) return undefined;
  const outputs = kind.startsWith("depthwise") ? whole.channels * filters : isPool(kind) ? whole.channels : filters;
  const elements = whole.batch * Math.max(size[0] * size[1] * whole.channels, output[0] * output[1] * outputs);
  return products(whole) <= LIMITS.products && elements <= LIMITS.elements ? whole : undefined;
}

/** The case in one line. */
export function describeCase(example: SweepCase): string {
  const { kind, batch, size, channels, kernel, strides, dilations, pad, filters } = example;
  const by = (pair: Pair): string => (pair[0] === pair[1] ? String(pair[0]) : pair.join("x"));
  const parts = [`${kind} [${batch}, ${size.join(", ")}, ${channels}]`, `kernel ${kernel.join("x")}`];
  parts.push(`stride ${by(strides)}`, typeof pad === "string" ? pad : `pads ${JSON.stringify(pad)}`);
  if (dilations.some((dilation) => dilation > 1)) parts.push(`dilation ${by(dilations)}`);
  if (!isPool(kind)) parts.push(`${filters} ${kind.startsWith("depthwise") ? "a channel" : "filters"}`);
  return parts.join(", ");
}
