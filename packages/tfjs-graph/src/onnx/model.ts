/**
 * An ONNX model as plain data and its encoding as a `ModelProto`: what the lowering produces and what onnxruntime
 * loads. Shapes are static (one model per input signature).
 *
 * Field numbers: https://github.com/onnx/onnx/blob/main/onnx/onnx.proto
 */
import { bytes, concat, float, integer } from "../lowering/protobuf.js";

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

/** What a file says beside the graph. */
export interface EncodeOptions {
  /** What stands for a number of rows that is not known: sizes of inputs and outputs that hold it are called `N`. */
  rows?: number;
  /** Words of one's own. */
  metadata?: Readonly<Record<string, string>>;
}

/** Serialises a model; the bytes are what `InferenceSession.create` takes. */
export function encodeModel(
  { name, nodes, inputs, outputs, constants }: OnnxModel,
  { rows, metadata = {} }: EncodeOptions = {},
): Uint8Array {
  const graph = [
    ...nodes.map((node) => bytes(1, nodeProto(node))),
    bytes(2, name),
    ...constants.map((constant) => bytes(5, tensorProto(constant))),
    ...inputs.map((input) => bytes(11, valueInfoProto(input, rows))),
    ...outputs.map((output) => bytes(12, valueInfoProto(output, rows))),
  ];
  const own = new Set(nodes.map(({ domain }) => domain));
  own.delete("");
  return concat([
    integer(1, IR_VERSION),
    bytes(2, "@fer/tfjs-graph"),
    bytes(7, concat(graph)),
    bytes(8, concat([bytes(1, ""), integer(2, OPSET)])),
    ...[...own].sort().map((domain) => bytes(8, concat([bytes(1, domain), integer(2, 1)]))),
    ...Object.entries(metadata).map(([key, value]) => bytes(14, concat([bytes(1, key), bytes(2, value)]))),
  ]);
}

/** How often each op occurs. */
export function countOps({ nodes }: OnnxModel): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const op of nodes.map((node) => node.op).sort()) counts[op] = (counts[op] ?? 0) + 1;
  return counts;
}

function nodeProto({ op, domain, name, inputs, outputs, attributes }: OnnxNode): Uint8Array {
  return concat([
    ...inputs.map((input) => bytes(1, input)),
    ...outputs.map((output) => bytes(2, output)),
    bytes(3, name),
    bytes(4, op),
    ...Object.entries(attributes).map(([key, value]) => bytes(5, concat([bytes(1, key), ...attributeValue(value)]))),
    ...(domain === "" ? [] : [bytes(7, domain)]),
  ]);
}

function attributeValue(value: OnnxAttribute): Uint8Array[] {
  if (typeof value === "number") return [integer(3, value), integer(20, ATTRIBUTE_INT)];
  if (typeof value === "string") return [bytes(4, value), integer(20, ATTRIBUTE_STRING)];
  if ("float" in value) return [float(2, value.float), integer(20, ATTRIBUTE_FLOAT)];
  return [...value.map((element) => integer(8, element)), integer(20, ATTRIBUTE_INTS)];
}

const tensorProto = ({ name, type, shape, data }: OnnxConstant): Uint8Array =>
  concat([...shape.map((size) => integer(1, size)), integer(2, ONNX_TYPES[type]), bytes(8, name), bytes(9, data)]);

function valueInfoProto({ name, type, shape }: OnnxValueInfo, rows?: number): Uint8Array {
  const size = (value: number): Uint8Array => (value === rows ? bytes(2, "N") : integer(1, value));
  const dimensions = concat(shape.map((value) => bytes(1, size(value))));
  const tensor = concat([integer(1, ONNX_TYPES[type]), bytes(2, dimensions)]);
  return concat([bytes(1, name), bytes(2, bytes(1, tensor))]);
}
