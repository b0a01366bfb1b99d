/**
 * A `GraphDef` as TensorFlow.js has it: JSON of its nodes (as protobuf's JSON mapping writes them), with the values of
 * constants as weights beside it.
 */
import type { io } from "@tensorflow/tfjs";
import { concat } from "../lowering/protobuf.js";
import { fieldsOf, type Field } from "./read-protobuf.js";

export interface GraphDefJson {
  topology: { node: object[]; versions: { producer: number } };
  weightSpecs: io.WeightsManifestEntry[];
  weightData: ArrayBuffer;
}

/** By number of `DataType`. */
const TYPES: Readonly<Record<number, { json: string; weight?: "float32" | "int32" | "bool" }>> = {
  1: { json: "DT_FLOAT", weight: "float32" },
  3: { json: "DT_INT32", weight: "int32" },
  4: { json: "DT_UINT8" },
  9: { json: "DT_INT64" },
  10: { json: "DT_BOOL", weight: "bool" },
};

interface Tensor {
  type: number;
  shape: number[];
  data: Uint8Array;
}

/** Reads a graph that `GraphDefBuilder` wrote. */
export function graphDefJson(graph: Uint8Array): GraphDefJson {
  const weightSpecs: io.WeightsManifestEntry[] = [];
  const data: Uint8Array[] = [];
  const node: object[] = [];
  let producer = 0;
  for (const field of fieldsOf(graph)) {
    if (field.number === 4) producer = Number(fieldsOf(field.bytes)[0]?.value ?? 0);
    if (field.number !== 1) continue;
    const { json, tensor } = nodeJson(fieldsOf(field.bytes));
    node.push(json);
    if (tensor === undefined) continue;
    const dtype = TYPES[tensor.type]!.weight!;
    weightSpecs.push({ name: json.name, shape: tensor.shape, dtype });
    data.push(tensor.data);
  }
  const bytes = concat(data);
  return { topology: { node, versions: { producer } }, weightSpecs, weightData: bytes.buffer as ArrayBuffer };
}

function nodeJson(fields: readonly Field[]): { json: { name: string; op: string }; tensor?: Tensor } {
  const texts = (number: number): string[] => fields.filter((each) => each.number === number).map(textOf);
  const attributes: Record<string, object> = {};
  let tensor: Tensor | undefined;
  for (const field of fields.filter(({ number }) => number === 5)) {
    const [key, value] = fieldsOf(field.bytes);
    const [content] = fieldsOf(value!.bytes);
    // The value of a constant is a weight.
    if (content?.number === 8) tensor = tensorOf(fieldsOf(content.bytes));
    else attributes[textOf(key!)] = attributeJson(content);
  }
  const json = { name: texts(1)[0]!, op: texts(2)[0]!, input: texts(3), attr: attributes };
  return tensor === undefined ? { json } : { json, tensor };
}

function attributeJson(content: Field | undefined): object {
  switch (content?.number) {
    case 1: {
      const [list] = fieldsOf(content.bytes);
      return { list: list === undefined ? {} : { i: list.varints().map(String) } };
    }
    case 2:
      return { s: Buffer.from(content.bytes).toString("base64") };
    case 3:
      return { i: String(content.value) };
    case 4:
      return { f: content.float() };
    case 5:
      return { b: content.value !== 0n };
    case 6:
      return { type: TYPES[Number(content.value)]!.json };
    case 7:
      return { shape: { dim: shapeOf(content.bytes).map((size) => ({ size: String(size) })) } };
    default:
      return {};
  }
}

function tensorOf(fields: readonly Field[]): Tensor {
  const only = (number: number): Field | undefined => fields.find((field) => field.number === number);
  return { type: Number(only(1)!.value), shape: shapeOf(only(2)!.bytes), data: only(4)!.bytes };
}

const shapeOf = (bytes: Uint8Array): number[] =>
  fieldsOf(bytes).map(({ bytes: dimension }) => Number(fieldsOf(dimension)[0]?.value ?? 0n));

const textOf = ({ bytes }: Field): string => new TextDecoder().decode(bytes);
