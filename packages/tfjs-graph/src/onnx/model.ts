/**
 * An ONNX model as plain data and its encoding as a `ModelProto`: what the lowering produces and what onnxruntime
 * loads. Shapes are static (one model per input signature).
 *
 * Field numbers: https://github.com/onnx/onnx/blob/main/onnx/onnx.proto
 */
import { WireWriter } from "./wire.js";

/** Element types in use, with their `TensorProto.DataType` numbers. */
export const ONNX_TYPES = { float32: 1, uint8: 2, int32: 6, int64: 7, bool: 9, uint32: 12 } as const;
export type OnnxType = keyof typeof ONNX_TYPES;

/** A whole number is an `INT`, an array an `INTS`; a real number says so, since JavaScript cannot tell 1 from 1.0. */
export type OnnxAttribute = number | string | readonly number[] | { float: number };

export interface OnnxNode {
  op: string;
  /** Operator set; empty for the standard one. */
  domain: "" | "com.microsoft" | "com.microsoft.nchwc";
  /** Names the captured op (and so the layer) that this node came from. */
  name: string;
  /** An empty name leaves an optional input out. */
  inputs: readonly string[];
  outputs: readonly string[];
  attributes: Readonly<Record<string, OnnxAttribute>>;
}

export interface OnnxValueInfo {
  name: string;
  type: OnnxType;
  shape: readonly number[];
}

export interface OnnxConstant extends OnnxValueInfo {
  /** Little-endian elements, row-major. */
  data: Uint8Array;
}

export interface OnnxModel {
  name: string;
  nodes: readonly OnnxNode[];
  inputs: readonly OnnxValueInfo[];
  outputs: readonly OnnxValueInfo[];
  constants: readonly OnnxConstant[];
}

const IR_VERSION = 10;
/** Version 21 is the newest whose kernels onnxruntime 1.20, the oldest supported, has complete. */
const OPSET = 21;

const ATTRIBUTE_FLOAT = 1;
const ATTRIBUTE_INT = 2;
const ATTRIBUTE_STRING = 3;
const ATTRIBUTE_INTS = 7;

/** Serialises a model; the bytes are what `InferenceSession.create` takes. */
export function encodeModel(model: OnnxModel): Uint8Array {
  return new WireWriter()
    .integer(1, IR_VERSION)
    .string(2, "@fer/tfjs-graph")
    .message(7, (graph) => {
      for (const node of model.nodes) graph.message(1, (w) => writeNode(w, node));
      graph.string(2, model.name);
      for (const constant of model.constants) graph.message(5, (w) => writeConstant(w, constant));
      for (const input of model.inputs) graph.message(11, (w) => writeValueInfo(w, input));
      for (const output of model.outputs) graph.message(12, (w) => writeValueInfo(w, output));
    })
    .message(8, (opset) => opset.string(1, "").integer(2, OPSET))
    .message(8, (opset) => opset.string(1, "com.microsoft").integer(2, 1))
    .message(8, (opset) => opset.string(1, "com.microsoft.nchwc").integer(2, 1))
    .finish();
}

function writeNode(writer: WireWriter, node: OnnxNode): void {
  for (const input of node.inputs) writer.string(1, input);
  for (const output of node.outputs) writer.string(2, output);
  writer.string(3, node.name).string(4, node.op);
  for (const [name, value] of Object.entries(node.attributes)) writer.message(5, (w) => writeAttribute(w, name, value));
  if (node.domain !== "") writer.string(7, node.domain);
}

function writeAttribute(writer: WireWriter, name: string, value: OnnxAttribute): void {
  writer.string(1, name);
  if (typeof value === "number") writer.integer(3, value).integer(20, ATTRIBUTE_INT);
  else if (typeof value === "string") writer.string(4, value).integer(20, ATTRIBUTE_STRING);
  else if ("float" in value) writer.float(2, value.float).integer(20, ATTRIBUTE_FLOAT);
  else {
    for (const element of value) writer.integer(8, element);
    writer.integer(20, ATTRIBUTE_INTS);
  }
}

function writeConstant(writer: WireWriter, constant: OnnxConstant): void {
  for (const dimension of constant.shape) writer.integer(1, dimension);
  writer.integer(2, ONNX_TYPES[constant.type]).string(8, constant.name).bytes(9, constant.data);
}

function writeValueInfo(writer: WireWriter, value: OnnxValueInfo): void {
  writer.string(1, value.name).message(2, (type) =>
    type.message(1, (tensor) =>
      tensor.integer(1, ONNX_TYPES[value.type]).message(2, (shape) => {
        for (const dimension of value.shape) shape.message(1, (d) => d.integer(1, dimension));
      }),
    ),
  );
}
