/**
 * Convolutions and pools in float64, by their definition: what engines are compared with. Images are NHWC, filters
 * `[kh, kw, in, out]`, depthwise ones `[kh, kw, in, multiplier]`.
 */
import { geometryOf, type SweepCase } from "./cases.ts";

export interface Operands {
  /** The input of the op, or of the op that the gradient is of. */
  x: Float32Array;
  filter: Float32Array;
  /** Gradient of the output. */
  dy: Float32Array;
}

/** Each element of the result, and the sum of the squared products behind it: rounding scales with its root. */
export interface Exact {
  values: Float64Array;
  squares: Float64Array;
}

type Visit = (input: number, output: number, tap: number) => void;

/** Calls `visit` for each pair of an input pixel and an output pixel that a tap connects; indices count pixels. */
function visitTaps(example: SweepCase, visit: Visit): void {
  const { batch, size, kernel, strides, dilations } = example;
  const { output, before } = geometryOf(example);
  for (let n = 0; n < batch; n++) {
    for (let oy = 0; oy < output[0]; oy++) {
      for (let ox = 0; ox < output[1]; ox++) {
        const out = (n * output[0] + oy) * output[1] + ox;
        for (let ky = 0; ky < kernel[0]; ky++) {
          const y = oy * strides[0] + ky * dilations[0] - before[0];
          if (y < 0 || y >= size[0]) continue;
          for (let kx = 0; kx < kernel[1]; kx++) {
            const x = ox * strides[1] + kx * dilations[1] - before[1];
            if (x >= 0 && x < size[1]) visit((n * size[0] + y) * size[1] + x, out, ky * kernel[1] + kx);
          }
        }
      }
    }
  }
}

class Sums implements Exact {
  readonly values: Float64Array;
  readonly squares: Float64Array;
  constructor(size: number) {
    this.values = new Float64Array(size);
    this.squares = new Float64Array(size);
  }
  add(index: number, value: number): void {
    this.values[index]! += value;
    this.squares[index]! += value * value;
  }
}

export function exact(example: SweepCase, { x, filter, dy }: Operands): Exact {
  const { kind, batch, size, channels, kernel, filters } = example;
  const { output } = geometryOf(example);
  const [pixels, taps] = [batch * size[0] * size[1], kernel[0] * kernel[1]];
  const outPixels = batch * output[0] * output[1];
  if (kind === "conv" || kind === "convInput" || kind === "convFilter") {
    const length = { conv: outPixels * filters, convInput: pixels * channels, convFilter: taps * channels * filters };
    const sums = new Sums(length[kind]);
    visitTaps(example, (input, out, tap) => {
      for (let c = 0; c < channels; c++) {
        const [row, at] = [(tap * channels + c) * filters, input * channels + c];
        for (let f = 0; f < filters; f++) {
          const to = out * filters + f;
          if (kind === "conv") sums.add(to, x[at]! * filter[row + f]!);
          else if (kind === "convInput") sums.add(at, dy[to]! * filter[row + f]!);
          else sums.add(row + f, x[at]! * dy[to]!);
        }
      }
    });
    return sums;
  }
  if (kind === "depthwise" || kind === "depthwiseInput" || kind === "depthwiseFilter") {
    const all = channels * filters;
    const length = { depthwise: outPixels * all, depthwiseInput: pixels * channels, depthwiseFilter: taps * all };
    const sums = new Sums(length[kind]);
    visitTaps(example, (input, out, tap) => {
      for (let k = 0; k < all; k++) {
        const [at, to, weight] = [input * channels + Math.floor(k / filters), out * all + k, tap * all + k];
        if (kind === "depthwise") sums.add(to, x[at]! * filter[weight]!);
        else if (kind === "depthwiseInput") sums.add(at, dy[to]! * filter[weight]!);
        else sums.add(weight, x[at]! * dy[to]!);
      }
    });
    return sums;
  }
  return kind.startsWith("maxPool") ? maxPool(example, x, dy) : averagePool(example, x, dy);
}

/** The gradient of a window goes to its first maximum in row-major order. */
function maxPool(example: SweepCase, x: Float32Array, dy: Float32Array): Exact {
  const { kind, batch, size, channels } = example;
  const { output } = geometryOf(example);
  const length = batch * output[0] * output[1] * channels;
  const best = new Float64Array(length).fill(-Infinity);
  const from = new Int32Array(length);
  visitTaps(example, (input, out) => {
    for (let c = 0; c < channels; c++) {
      const [at, to] = [input * channels + c, out * channels + c];
      if (x[at]! <= best[to]!) continue;
      best[to] = x[at]!;
      from[to] = at;
    }
  });
  if (kind === "maxPool") return { values: best, squares: best.map((value) => value * value) };
  const sums = new Sums(batch * size[0] * size[1] * channels);
  from.forEach((at, to) => sums.add(at, dy[to]!));
  return sums;
}

/** Averages do not count padding. */
function averagePool(example: SweepCase, x: Float32Array, dy: Float32Array): Exact {
  const { kind, batch, size, channels } = example;
  const { output } = geometryOf(example);
  const counts = new Float64Array(batch * output[0] * output[1]);
  visitTaps(example, (_, out) => counts[out]!++);
  const isForward = kind === "avgPool";
  const sums = new Sums((isForward ? counts.length : batch * size[0] * size[1]) * channels);
  visitTaps(example, (input, out) => {
    for (let c = 0; c < channels; c++) {
      const [at, to] = [input * channels + c, out * channels + c];
      if (isForward) sums.add(to, x[at]! / counts[out]!);
      else sums.add(at, dy[to]! / counts[out]!);
    }
  });
  return sums;
}
