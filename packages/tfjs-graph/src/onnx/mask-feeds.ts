/** Makes the dropout masks that a session is fed: one byte an element, 0 dropped, 1 kept. */
import type * as OnnxRuntime from "onnxruntime-node";
import type { Graph, GraphNode } from "../capture/graph.js";
import { dropoutBytes, dropoutThreshold } from "../ops/dropout-mask.js";
import { tf } from "../tf.js";
import type { MaskFeed } from "./lowering.js";
import type { HostData } from "./program.js";
import { refusal } from "./refusal.js";

export class MaskFeeds {
  readonly #runtime: typeof OnnxRuntime;
  /** Each mask with the name of the input that counts its steps. */
  readonly #masks: readonly (MaskFeed & { step: string })[];

  /** @throws GraphError where the step of a mask is not an input: masks are made before the session runs. */
  constructor(runtime: typeof OnnxRuntime, graph: Graph, masks: readonly MaskFeed[]) {
    this.#runtime = runtime;
    const inputs = new Map(graph.inputs.map(({ name, value }) => [value, name]));
    this.#masks = masks.map((mask) => ({ ...mask, step: stepInput(mask.node, inputs) }));
  }

  make(inputs: Readonly<Record<string, HostData>>): Record<string, OnnxRuntime.Tensor> {
    const feeds: Record<string, OnnxRuntime.Tensor> = {};
    for (const { name, options, step } of this.#masks) {
      const bytes = dropoutBytes({ ...options, step: inputs[step]![0]!, size: tf.util.sizeFromShape(options.shape) });
      const { threshold } = dropoutThreshold(options.rate);
      for (let i = 0; i < bytes.length; i++) bytes[i] = bytes[i]! < threshold ? 0 : 1;
      feeds[name] = new this.#runtime.Tensor("uint8", bytes, options.shape);
    }
    return feeds;
  }
}

function stepInput(node: GraphNode, inputs: ReadonlyMap<GraphNode["inputs"][string], string>): string {
  const name = inputs.get(node.inputs.step!);
  if (name === undefined) throw refusal(node, "its step is computed inside the function; pass it as an input");
  return name;
}
