/**
 * Builds an ONNX graph node by node. Names are handed out here, equal constants are stored once, and equal nodes are
 * reused (every op in use is pure), so that lowering rules can ask for what they need without keeping books.
 */
import type { OnnxAttribute, OnnxConstant, OnnxModel, OnnxNode, OnnxType, OnnxValueInfo } from "./model.js";

type Attributes = Record<string, OnnxAttribute>;

export class GraphBuilder {
  readonly #nodes: OnnxNode[] = [];
  readonly #inputs: OnnxValueInfo[] = [];
  readonly #outputs: OnnxValueInfo[] = [];
  readonly #constants = new Map<string, OnnxConstant>();
  readonly #known = new Map<string, readonly string[]>();
  #count = 0;

  /** Prefix of the names of nodes added from now on; says which captured op they came from. */
  scope = "";

  input(name: string, type: OnnxType, shape: readonly number[]): string {
    this.#inputs.push({ name, type, shape });
    return name;
  }

  output(name: string, value: string, type: OnnxType, shape: readonly number[]): void {
    this.#nodes.push({ op: "Identity", domain: "", name, inputs: [value], outputs: [name], attributes: {} });
    this.#outputs.push({ name, type, shape });
  }

  /** One node of the standard operator set with one output; gives that output's name. */
  op(op: string, inputs: readonly string[], attributes: Attributes = {}): string {
    return this.#add("", op, inputs, attributes, 1)[0]!;
  }

  /** As `op`, for a node with several outputs. */
  ops(op: string, inputs: readonly string[], attributes: Attributes, outputs: number): readonly string[] {
    return this.#add("", op, inputs, attributes, outputs);
  }

  /** As `op`, for one of onnxruntime's own operators. */
  contrib(op: string, inputs: readonly string[], attributes: Attributes = {}): string {
    return this.#add("com.microsoft", op, inputs, attributes, 1)[0]!;
  }

  scalar(value: number): string {
    return this.constant("float32", [], Float32Array.of(value));
  }

  integers(values: readonly number[]): string {
    return this.constant("int64", [values.length], BigInt64Array.from(values, BigInt));
  }

  constant(type: OnnxType, shape: readonly number[], values: ArrayBufferView): string {
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

  #add(domain: OnnxNode["domain"], op: string, inputs: readonly string[], attributes: Attributes, outputs: number) {
    const key = `${domain}/${op}(${inputs.join()})${JSON.stringify(attributes)}`;
    const known = this.#known.get(key);
    if (known) return known;
    const names = Array.from({ length: outputs }, () => `t${this.#count++}`);
    this.#nodes.push({ op, domain, name: `${this.scope}/${op}_${names[0]}`, inputs, outputs: names, attributes });
    this.#known.set(key, names);
    return names;
  }
}
