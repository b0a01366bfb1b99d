/**
 * Where the axes of a value lie in memory. tfjs is NHWC; onnxruntime's convolutions and pools want NCHW, and
 * transposing around each of them costs more than most ops. So every value carries its own order of axes, ops pass
 * it on, and a transpose is written only where two orders meet.
 */

/** Axis i in memory is axis `layout[i]` of the tfjs value. `null` is the order of tfjs. */
export type Layout = readonly number[] | null;

/** `[n, h, w, c]` as NCHW. */
export const NCHW: Layout = [0, 3, 1, 2];
/** A filter `[h, w, in, out]` as OIHW. */
export const OIHW: Layout = [3, 2, 0, 1];
/** A depthwise filter `[h, w, channels, multiplier]` with the channels first. */
export const DEPTHWISE: Layout = [2, 3, 0, 1];

export const sameLayout = (a: Layout, b: Layout): boolean => a?.join() === b?.join();

/** The shape in memory of a value of tfjs shape `shape`. */
export function physicalShape(shape: readonly number[], layout: Layout): number[] {
  return layout === null ? [...shape] : layout.map((axis) => shape[axis]!);
}

/** Position in memory of tfjs axis `axis`. */
export const physicalAxis = (axis: number, layout: Layout): number => (layout === null ? axis : layout.indexOf(axis));

/** `perm` of a Transpose node that takes a value of `rank` from one layout to another. */
export function permutation(rank: number, { from, to }: { from: Layout; to: Layout }): number[] {
  const source = from ?? Array.from({ length: rank }, (_, i) => i);
  const target = to ?? Array.from({ length: rank }, (_, i) => i);
  return target.map((axis) => source.indexOf(axis));
}

/** True when moving `shape` (in memory) by `perm` keeps the order of all elements: only axes of 1 change places. */
export function isReshape(shape: readonly number[], perm: readonly number[]): boolean {
  const moved = perm.filter((axis) => shape[axis] !== 1);
  return moved.every((axis, i) => i === 0 || axis > moved[i - 1]!);
}

/** Values in host memory, in the order of their layout. */
export interface HostValues {
  data: Float32Array;
  /** tfjs shape. */
  shape: readonly number[];
  layout: Layout;
}

/** Reorders host values into another layout. */
export function relayout({ data, shape, layout: from }: HostValues, to: Layout): Float32Array {
  if (sameLayout(from, to)) return data.slice();
  const source = physicalShape(shape, from);
  const perm = permutation(shape.length, { from, to });
  const strides = source.map((_, axis) => source.slice(axis + 1).reduce((a, b) => a * b, 1));
  const target = perm.map((axis) => source[axis]!);
  const steps = perm.map((axis) => strides[axis]!);
  const out = new Float32Array(data.length);
  const index = target.map(() => 0);
  let offset = 0;
  for (let i = 0; i < out.length; i++) {
    out[i] = data[offset]!;
    for (let axis = target.length - 1; axis >= 0; axis--) {
      offset += steps[axis]!;
      if (++index[axis]! < target[axis]!) break;
      offset -= steps[axis]! * target[axis]!;
      index[axis] = 0;
    }
  }
  return out;
}
