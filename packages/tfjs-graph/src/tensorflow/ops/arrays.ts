/** Ops that move elements; they keep the type that their input is stored in. */
import type { Value } from "../../capture/graph.js";
import { listOf } from "../../capture/shapes/rule.js";
import { attr } from "../graph-def.js";
import type { Lowering, Rule, Rules } from "../lowering.js";

const index = attr.type("int32");

/**
 * A rule for an op of one input `x` and int vectors, which are attributes of the captured op; `indexType` is what
 * TensorFlow's op calls their type.
 */
const moving =
  (op: string, { vectors: names, indexType }: { vectors: string[]; indexType: string }): Rule =>
  (node, to) => {
    const x = node.inputs.x!;
    const type = to.typeOf(x);
    const vectors = names.map((key) => to.builder.ints(node.attributes[key] as number[]));
    const ref = to.op({ op, type, attributes: { [indexType]: index } }, [to.ref(x), ...vectors]);
    to.set(node.outputs[0]!, { ref, type });
  };

function pairs(values: readonly (readonly number[])[], to: Lowering): string {
  return to.builder.constant(Int32Array.from(values.flat()), { type: "int32", shape: [values.length, 2] });
}

/** All parts in one type: that of the first full-precision part, or bfloat16 where all are. */
function sameType(parts: Value[], to: Lowering) {
  return parts.every((part) => to.typeOf(part) === "bfloat16") ? ("bfloat16" as const) : parts[0]!.dtype;
}

export const arrays: Rules = {
  Reshape: moving("Reshape", { vectors: ["shape"], indexType: "Tshape" }),
  Transpose: moving("Transpose", { vectors: ["perm"], indexType: "Tperm" }),
  Tile: moving("Tile", { vectors: ["reps"], indexType: "Tmultiples" }),
  BroadcastTo: moving("BroadcastTo", { vectors: ["shape"], indexType: "Tidx" }),
  Slice: moving("Slice", { vectors: ["begin", "size"], indexType: "Index" }),
  Reverse: moving("ReverseV2", { vectors: ["axes"], indexType: "Tidx" }),
  Concat: (node, to) => {
    const parts = listOf({ ...node.inputs });
    const type = sameType(parts, to);
    const refs = [...parts.map((part) => to.ref(part, type)), to.builder.int(node.attributes.axis as number)];
    const attributes = { N: attr.int(parts.length), Tidx: index };
    to.set(node.outputs[0]!, { ref: to.op({ op: "ConcatV2", type, attributes }, refs), type });
  },
  Pack: (node, to) => {
    const parts = listOf({ ...node.inputs });
    const type = sameType(parts, to);
    const attributes = { N: attr.int(parts.length), axis: attr.int(node.attributes.axis as number) };
    const refs = parts.map((part) => to.ref(part, type));
    to.set(node.outputs[0]!, { ref: to.op({ op: "Pack", type, attributes }, refs), type });
  },
  Unpack: (node, to) => {
    const value = node.inputs.value!;
    const type = to.typeOf(value);
    const attributes = { num: attr.int(node.outputs.length), axis: attr.int(node.attributes.axis as number) };
    const first = to.op({ op: "Unpack", type, attributes }, [to.ref(value)]);
    node.outputs.forEach((output, i) => to.set(output, { ref: i === 0 ? first : `${first}:${i}`, type }));
  },
  SplitV: (node, to) => {
    const { axis, sizes } = node.attributes as unknown as { axis: number; sizes: number[] };
    const type = to.typeOf(node.inputs.x!);
    const inputs = [to.ref(node.inputs.x!), to.builder.ints(sizes), to.builder.int(axis)];
    const first = to.op({ op: "SplitV", type, attributes: { num_split: attr.int(sizes.length), Tlen: index } }, inputs);
    node.outputs.forEach((output, i) => to.set(output, { ref: i === 0 ? first : `${first}:${i}`, type }));
  },
  PadV2: (node, to) => {
    const { paddings, value } = node.attributes as unknown as { paddings: number[][]; value: number };
    const x = node.inputs.x!;
    const type = to.typeOf(x);
    const filler = x.dtype === "int32" ? to.builder.int(value) : to.builder.number(value, type);
    const attributes = { Tpaddings: index };
    to.set(node.outputs[0]!, {
      ref: to.op({ op: "PadV2", type, attributes }, [to.ref(x), pairs(paddings, to), filler]),
      type,
    });
  },
  MirrorPad: (node, to) => {
    const { paddings, mode } = node.attributes as unknown as { paddings: number[][]; mode: string };
    const type = node.outputs[0]!.dtype;
    const attributes = { Tpaddings: index, mode: attr.string(mode.toUpperCase()) };
    to.set(
      node.outputs[0]!,
      to.op({ op: "MirrorPad", type, attributes }, [to.ref(node.inputs.x!, type), pairs(paddings, to)]),
    );
  },
  GatherV2: (node, to) => {
    const { axis, batchDims } = node.attributes as { axis: number; batchDims: number };
    const type = to.typeOf(node.inputs.x!);
    const inputs = [to.ref(node.inputs.x!), to.ref(node.inputs.indices!, "int32"), to.builder.int(axis)];
    const attributes = { Tparams: attr.type(type), Tindices: index, Taxis: index, batch_dims: attr.int(batchDims) };
    to.set(node.outputs[0]!, { ref: to.op({ op: "GatherV2", attributes }, inputs), type });
  },
  UnsortedSegmentSum: (node, to) => {
    const type = node.outputs[0]!.dtype;
    const { x, segmentIds } = node.inputs;
    const inputs = [to.ref(x!, type), to.ref(segmentIds!), to.builder.int(node.attributes.segments as number)];
    const attributes = { Tindices: index, Tnumsegments: index };
    to.set(node.outputs[0]!, to.op({ op: "UnsortedSegmentSum", type, attributes }, inputs));
  },
  OneHot: (node, to) => {
    const { depth, on, off } = node.attributes as { depth: number; on: number; off: number };
    const type = node.outputs[0]!.dtype;
    const value = (of: number): string => (type === "int32" ? to.builder.int(of) : to.builder.number(of));
    const inputs = [to.ref(node.inputs.indices!), to.builder.int(depth), value(on), value(off)];
    to.set(node.outputs[0]!, to.op({ op: "OneHot", type, attributes: { TI: index, axis: attr.int(-1) } }, inputs));
  },
  Fill: (node, to) => {
    const { shape, value } = node.attributes as unknown as { shape: number[]; value: number };
    const type = node.outputs[0]!.dtype;
    const filler =
      type === "float32"
        ? to.builder.number(value)
        : to.builder.constant(type === "int32" ? Int32Array.of(value) : Uint8Array.of(value), { type, shape: [] });
    const attributes = { index_type: index };
    to.set(node.outputs[0]!, to.op({ op: "Fill", type, attributes }, [to.builder.ints(shape), filler]));
  },
  DepthToSpace: (node, to) => {
    const type = to.typeOf(node.inputs.x!);
    const attributes = { block_size: attr.int(node.attributes.blockSize as number), data_format: attr.string("NHWC") };
    to.set(node.outputs[0]!, { ref: to.op({ op: "DepthToSpace", type, attributes }, [to.ref(node.inputs.x!)]), type });
  },
  SpaceToBatchND: (node, to) => {
    const { blockShape, paddings } = node.attributes as unknown as { blockShape: number[]; paddings: number[][] };
    const type = to.typeOf(node.inputs.x!);
    const inputs = [to.ref(node.inputs.x!), to.builder.ints(blockShape), pairs(paddings, to)];
    const attributes = { Tblock_shape: index, Tpaddings: index };
    to.set(node.outputs[0]!, { ref: to.op({ op: "SpaceToBatchND", type, attributes }, inputs), type });
  },
  BatchToSpaceND: (node, to) => {
    const { blockShape, crops } = node.attributes as unknown as { blockShape: number[]; crops: number[][] };
    const type = to.typeOf(node.inputs.x!);
    const inputs = [to.ref(node.inputs.x!), to.builder.ints(blockShape), pairs(crops, to)];
    const attributes = { Tblock_shape: index, Tcrops: index };
    to.set(node.outputs[0]!, { ref: to.op({ op: "BatchToSpaceND", type, attributes }, inputs), type });
  },
};
