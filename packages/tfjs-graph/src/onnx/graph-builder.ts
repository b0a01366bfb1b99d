/**
 * Builds an ONNX graph node by node. Names are handed out here, equal constants are stored once, and equal nodes are
 * reused (every op in use is pure), so that lowering rules can ask for what they need without keeping books.
 */
import { holdsRows } from "../lowering/rows.js";
import type { OnnxAttribute, OnnxConstant, OnnxModel, OnnxNode, OnnxValueInfo } from "./model.js";

/** What a node does: the name of an op, or an op with its attributes. */
export type Operator = string | { readonly op: string; readonly [attribute: string]: OnnxAttribute };

export class GraphBuilder {
  readonly #nodes: OnnxNode[] = [];
  readonly #inputs: OnnxValueInfo[] = [];
  readonly #outputs: OnnxValueInfo[] = [];
  readonly #constants = new Map<string, OnnxConstant>();
  readonly #known = new Map<string, string>();
  readonly #rows: number | null;
  #count = 0;

  /** @param rows What stands for a number of rows that is not known. */
  constructor(rows: number | null = null) {
    this.#rows = rows;
  }

  /** Prefix of the names of nodes added from now on; says which captured op they came from. */
  scope = "";

  input(info: OnnxValueInfo): string {
    this.#inputs.push(info);
    return info.name;
  }

  output(info: OnnxValueInfo, value: string): void {
    const { name } = info;
    this.#nodes.push({ op: "Identity", domain: "", name, inputs: [value], outputs: [name], attributes: {} });
    this.#outputs.push(info);
  }

  /** One node of the standard operator set with one output; gives that output's name. */
  op(operator: Operator, inputs: readonly string[]): string {
    return this.#add(operator, { domain: "", inputs });
  }

  /** As `op`, for one of onnxruntime's own operators. */
  contrib(operator: Operator, inputs: readonly string[]): string {
    return this.#add(operator, { domain: "com.microsoft", inputs });
  }

  scalar(value: number): string {
    return this.constant(Float32Array.of(value), { type: "float32", shape: [] });
  }

  integers(values: readonly number[]): string {
    return this.constant(BigInt64Array.from(values, BigInt), { type: "int64", shape: [values.length] });
  }

  /** As `integers`, of sizes along axes, of which those that hold the rows become `open`. */
  sizes(values: readonly number[], open: number): string {
    return this.integers(values.map((value) => (holdsRows(value, this.#rows) ? open : value)));
  }

  constant(values: ArrayBufferView, { type, shape }: Omit<OnnxValueInfo, "name">): string {
    const data = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
    const small = data.byteLength <= 64;
    const key = small ? `${type}/${shape.join()}/${data.join()}` : `#${this.#constants.size}`;
    const known = this.#constants.get(key);
    if (known) return known.name;
    const name = `c${this.#constants.size}`;
    this.#constants.set(key, { name, type, shape, data });
    return name;
  }

  finish(name: string): OnnxModel {
    return {
      name,
      nodes: this.#nodes,
      inputs: this.#inputs,
      outputs: this.#outputs,
      constants: [...this.#constants.values()],
    };
  }

  #add(operator: Operator, { domain, inputs }: Pick<OnnxNode, "domain" | "inputs">): string {
    const { op, ...attributes } = typeof operator === "string" ? { op: operator } : operator;
    const key = `${domain}/${op}(${inputs.join()})${JSON.stringify(attributes)}`;
    const known = this.#known.get(key);
    if (known) return known;
    const output = `t${this.#count++}`;
    this.#nodes.push({ op, domain, name: `${this.scope}/${op}_${output}`, inputs, outputs: [output], attributes });
    this.#known.set(key, output);
    return output;
  }
}
