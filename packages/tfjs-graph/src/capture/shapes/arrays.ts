/**
 * Ops that move elements: `Reshape` {shape}, `Transpose` {perm}, `Tile` {reps}, `BroadcastTo` {shape}, `Concat` and
 * `Pack` {axis} of a list, `SplitV` {axis, sizes}, `Unpack` {axis}, `Slice` {begin, size}, `PadV2` {paddings, value},
 * `MirrorPad` {paddings, mode}, `Reverse` {axes}, `GatherV2` (x, indices) {axis, batchDims}, `UnsortedSegmentSum`
 * (x, segmentIds) {segments}, `OneHot` (indices) {depth, on, off, dtype}, `Fill` {shape, value, dtype},
 * `DepthToSpace` {blockSize}, `SpaceToBatchND` and `BatchToSpaceND`. `ExpandDims` becomes `Reshape`.
 */
import { tf } from "../../tf.js";
import { axisOf, listOf, one, type ShapeRules } from "./rule.js";

export const arrays: ShapeRules = {
  Reshape: ({ x }, { shape }) => {
    const known = tf.util.inferFromImplicitShape(shape, tf.util.sizeFromShape([...x!.shape]));
    return one({ shape: known, dtype: x!.dtype }, { shape: known });
  },
  Transpose: ({ x }, { perm }) =>
    one({ shape: (perm as number[]).map((axis) => x!.shape[axis]!), dtype: x!.dtype }, { perm }),
  Tile: ({ x }, { reps }) => one({ shape: x!.shape.map((size, i) => size * reps[i]), dtype: x!.dtype }, { reps }),
  BroadcastTo: ({ x }, { shape }) => one({ shape, dtype: x!.dtype }, { shape }),
  Concat: (inputs, raw) => {
    const parts = listOf(inputs);
    const axis = axisOf(raw.axis, parts[0]!.shape.length);
    const shape = [...parts[0]!.shape];
    shape[axis] = parts.reduce((sum, part) => sum + part.shape[axis]!, 0);
    return one({ shape, dtype: parts[0]!.dtype }, { axis });
  },
  Pack: (inputs, raw) => {
    const parts = listOf(inputs);
    const shape = [...parts[0]!.shape];
    const axis = axisOf(raw.axis, shape.length + 1);
    shape.splice(axis, 0, parts.length);
    return one({ shape, dtype: parts[0]!.dtype }, { axis });
  },
  Unpack: ({ value }, raw) => {
    const axis = axisOf(raw.axis, value!.shape.length);
    const shape = value!.shape.filter((_, i) => i !== axis);
    const outputs = Array.from({ length: value!.shape[axis]! }, () => ({ shape, dtype: value!.dtype }));
    return { outputs, attributes: { axis } };
  },
  SplitV: ({ x }, raw) => {
    const axis = axisOf(raw.axis, x!.shape.length);
    const sizes = tf.backend_util.prepareSplitSize({ shape: [...x!.shape] } as never, raw.numOrSizeSplits, axis);
    const outputs = sizes.map((size) => ({ shape: x!.shape.map((d, i) => (i === axis ? size : d)), dtype: x!.dtype }));
    return { outputs, attributes: { axis, sizes } };
  },
  Slice: ({ x }, raw) => {
    const [begin, size] = tf.slice_util.parseSliceParams({ shape: [...x!.shape] } as never, raw.begin, raw.size) as [
      number[],
      number[],
    ];
    return one({ shape: size, dtype: x!.dtype }, { begin, size });
  },
  PadV2: ({ x }, { paddings, constantValue }) =>
    one(
      { shape: x!.shape.map((size, i) => size + paddings[i][0] + paddings[i][1]), dtype: x!.dtype },
      { paddings, value: constantValue },
    ),
  MirrorPad: ({ x }, { paddings, mode }) =>
    one(
      { shape: x!.shape.map((size, i) => size + paddings[i][0] + paddings[i][1]), dtype: x!.dtype },
      { paddings, mode },
    ),
  Reverse: ({ x }, { dims }) => {
    const axes = tf.util.parseAxisParam(dims, [...x!.shape]);
    return one({ shape: x!.shape, dtype: x!.dtype }, { axes });
  },
  GatherV2: ({ x, indices }, raw) => {
    const axis = axisOf(raw.axis, x!.shape.length);
    const batchDims = raw.batchDims ?? 0;
    const shape = [...x!.shape.slice(0, axis), ...indices!.shape.slice(batchDims), ...x!.shape.slice(axis + 1)];
    return one({ shape, dtype: x!.dtype }, { axis, batchDims });
  },
  UnsortedSegmentSum: ({ x, segmentIds }, { numSegments }) =>
    one(
      { shape: [numSegments, ...x!.shape.slice(segmentIds!.shape.length)], dtype: x!.dtype },
      { segments: numSegments },
    ),
  OneHot: ({ indices }, { depth, onValue, offValue, dtype }) =>
    one(
      { shape: [...indices!.shape, depth], dtype: dtype ?? "int32" },
      { depth, on: onValue, off: offValue, dtype: dtype ?? "int32" },
    ),
  Fill: (_, { shape, value, dtype }) => {
    const type = dtype ?? "float32";
    return one({ shape, dtype: type }, { shape, value, dtype: type });
  },
  DepthToSpace: ({ x }, { blockSize }) => {
    const [n, h, w, c] = x!.shape as [number, number, number, number];
    return one({ shape: [n, h * blockSize, w * blockSize, c / blockSize ** 2], dtype: x!.dtype }, { blockSize });
  },
  SpaceToBatchND: ({ x }, { blockShape, paddings }) => {
    const shape = [...x!.shape];
    (blockShape as number[]).forEach((block, i) => {
      shape[0]! *= block;
      shape[i + 1] = (shape[i + 1]! + paddings[i][0] + paddings[i][1]) / block;
    });
    return one({ shape, dtype: x!.dtype }, { blockShape, paddings });
  },
  BatchToSpaceND: ({ x }, { blockShape, crops }) => {
    const shape = [...x!.shape];
    (blockShape as number[]).forEach((block, i) => {
      shape[0]! /= block;
      shape[i + 1] = shape[i + 1]! * block - crops[i][0] - crops[i][1];
    });
    return one({ shape, dtype: x!.dtype }, { blockShape, crops });
  },
};
