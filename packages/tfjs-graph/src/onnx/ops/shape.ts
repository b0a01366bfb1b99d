/** Ops that move elements without changing them. */
import type { GraphNode, Value } from "../../capture/graph.js";
import { physicalAxis, physicalShape, type Layout } from "../layout.js";
import { attributesOf, type Lowering, type LoweringRule } from "../lowering.js";
import { ONNX_TYPES } from "../model.js";
import { refusal } from "../../lowering/refusal.js";

/** An op whose output has the layout of tfjs and the type of the first input. */
const plain =
  (expression: (node: GraphNode, lowering: Lowering) => string): LoweringRule =>
  (node, lowering) => {
    const name = expression(node, lowering);
    const input = Object.values(node.inputs)[0];
    const type = input === undefined ? undefined : lowering.value(input).type;
    lowering.set(node.outputs[0]!, { name, type });
  };

const reshape = plain((node, lowering) => {
  const x = Object.values(node.inputs)[0]!;
  return lowering.reshape(lowering.plain(x), node.outputs[0]!.shape);
});

const transpose: LoweringRule = (node, lowering) => {
  const { perm } = attributesOf<{ perm: number[] }>(node);
  const x = node.inputs.x!;
  const { name, layout, type } = lowering.value(x);
  // Nothing moves: the output is the same memory under another layout.
  const rank = x.shape.length;
  const source = layout ?? Array.from({ length: rank }, (_, i) => i);
  const renamed: Layout = source.map((axis) => perm.indexOf(axis));
  const isPlain = renamed.every((axis, i) => axis === i);
  lowering.set(node.outputs[0]!, { name, layout: isPlain ? null : renamed, type });
};

const concat: LoweringRule = (node, lowering) => {
  const { axis } = attributesOf<{ axis: number }>(node);
  const parts = Object.values(node.inputs);
  const { layout, type } = lowering.value(parts[0]!);
  const index = physicalAxis(axis, layout);
  const names = parts.map((part) => lowering.in(part, layout));
  lowering.set(node.outputs[0]!, { name: lowering.graph.op({ op: "Concat", axis: index }, names), layout, type });
};

const pack = plain((node, lowering) => {
  const { axis } = attributesOf<{ axis: number }>(node);
  const shape = node.outputs[0]!.shape.map((size, i) => (i === axis ? 1 : size));
  const names = Object.values(node.inputs).map((part) => lowering.reshape(lowering.plain(part), shape));
  return lowering.graph.op({ op: "Concat", axis }, names);
});

const slice: LoweringRule = (node, lowering) => {
  const { begin, size } = attributesOf<{ begin: number[]; size: number[] }>(node);
  const x = node.inputs.x!;
  const { name, layout, type } = lowering.value(x);
  const { graph } = lowering;
  const order = (values: number[]): string => graph.sizes(physicalShape(values, layout), 2 ** 31 - 1);
  const ends = begin.map((start, i) => start + size[i]!);
  const axes = graph.integers(x.shape.map((_, i) => i));
  lowering.set(node.outputs[0]!, { name: graph.op("Slice", [name, order(begin), order(ends), axes]), layout, type });
};

interface PadAttributes {
  paddings: [number, number][];
  value?: number;
  mode?: "reflect" | "symmetric";
}

const padding =
  (mode: "constant" | "reflect"): LoweringRule =>
  (node, lowering) => {
    const { paddings, value = 0, mode: mirror } = attributesOf<PadAttributes>(node);
    if (mirror === "symmetric") throw refusal(node, { found: 'ONNX pads by mode "reflect", not "symmetric"' });
    const { name, layout } = lowering.value(node.inputs.x!);
    const { graph } = lowering;
    const ordered = layout === null ? paddings : layout.map((axis) => paddings[axis]!);
    const pads = graph.integers([...ordered.map(([before]) => before), ...ordered.map(([, after]) => after)]);
    const inputs = value === 0 ? [name, pads] : [name, pads, graph.scalar(value)];
    lowering.set(node.outputs[0]!, { name: graph.op({ op: "Pad", mode }, inputs), layout });
  };

const tile = plain((node, lowering) => {
  const { reps } = attributesOf<{ reps: number[] }>(node);
  return lowering.graph.op("Tile", [lowering.plain(node.inputs.x!), lowering.graph.integers(reps)]);
});

const broadcastTo = plain((node, lowering) => {
  const shape = lowering.graph.integers(node.outputs[0]!.shape);
  return lowering.graph.op("Expand", [lowering.plain(node.inputs.x!), shape]);
});

const reverse = plain((node, lowering) => {
  const { axes } = attributesOf<{ axes: number[] }>(node);
  const { graph } = lowering;
  const all = (value: number): string => graph.integers(axes.map(() => value));
  const inputs = [lowering.plain(node.inputs.x!), all(-1), all(-(2 ** 31)), graph.integers(axes), all(-1)];
  return graph.op("Slice", inputs);
});

const fill: LoweringRule = (node, lowering) => {
  const { value } = attributesOf<{ value: number }>(node);
  const output = node.outputs[0]!;
  const { graph } = lowering;
  const scalar = graph.op({ op: "Cast", to: ONNX_TYPES[output.dtype] }, [graph.scalar(Number(value))]);
  lowering.set(output, { name: graph.op("Expand", [scalar, graph.integers(output.shape)]) });
};

const split: LoweringRule = (node, lowering) => {
  const { axis } = attributesOf<{ axis: number }>(node);
  const value = Object.values(node.inputs)[0]!;
  const { graph } = lowering;
  const keepsAxis = node.outputs[0]!.shape.length === value.shape.length;
  let start = 0;
  for (const output of node.outputs) {
    const end = start + (keepsAxis ? output.shape[axis]! : 1);
    const bounds = [graph.integers([start]), graph.integers([end]), graph.integers([axis])];
    const part = graph.op("Slice", [lowering.plain(value), ...bounds]);
    const name = keepsAxis ? part : lowering.reshape(part, output.shape);
    lowering.set(output, { name, type: lowering.value(value).type });
    start = end;
  }
};

const gather = plain((node, lowering) => {
  const { axis, batchDims } = attributesOf<{ axis: number; batchDims: number }>(node);
  if (batchDims !== 0) throw refusal(node, { found: `onnxruntime cannot gather with ${batchDims} batch axes` });
  const { x, indices } = node.inputs as Record<"x" | "indices", Value>;
  return lowering.graph.op({ op: "Gather", axis }, [lowering.plain(x), lowering.plain(indices)]);
});

/** The gradient of a gather: rows of x are added to the rows that `segmentIds` names. */
const unsortedSegmentSum: LoweringRule = (node, lowering) => {
  const { x, segmentIds } = node.inputs as Record<"x" | "segmentIds", Value>;
  const { graph } = lowering;
  const output = node.outputs[0]!;
  const ids = graph.op({ op: "Cast", to: ONNX_TYPES.int64 }, [lowering.plain(segmentIds)]);
  const zeros = graph.op("Expand", [graph.scalar(0), graph.integers(output.shape)]);
  const rows = lowering.reshape(ids, [...segmentIds.shape, 1]);
  lowering.set(output, { name: graph.op({ op: "ScatterND", reduction: "add" }, [zeros, rows, lowering.plain(x)]) });
};

const oneHot: LoweringRule = (node, lowering) => {
  const { depth, on, off } = attributesOf<{ depth: number; on: number; off: number }>(node);
  const { graph } = lowering;
  const values = graph.constant(Float32Array.of(off, on), { type: "float32", shape: [2] });
  const indices = graph.op({ op: "Cast", to: ONNX_TYPES.int64 }, [lowering.plain(node.inputs.indices!)]);
  const encoded = graph.op("OneHot", [indices, graph.integers([depth]), values]);
  const to = node.outputs[0]!.dtype;
  const name = to === "float32" ? encoded : graph.op({ op: "Cast", to: ONNX_TYPES[to] }, [encoded]);
  lowering.set(node.outputs[0]!, { name });
};

export const shapeOps: Record<string, LoweringRule> = {
  Reshape: reshape,
  Transpose: transpose,
  Concat: concat,
  Pack: pack,
  Slice: slice,
  PadV2: padding("constant"),
  MirrorPad: padding("reflect"),
  Tile: tile,
  BroadcastTo: broadcastTo,
  Reverse: reverse,
  Fill: fill,
  Unpack: split,
  SplitV: split,
  GatherV2: gather,
  UnsortedSegmentSum: unsortedSegmentSum,
  OneHot: oneHot,
};
