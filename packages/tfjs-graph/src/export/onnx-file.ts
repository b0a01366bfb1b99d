/** A {@link ModelGraph} as the bytes of an `.onnx` file. */
import { expand } from "../capture/expand.js";
import { ROWS } from "../lowering/rows.js";
import { lower } from "../onnx/lower.js";
import { encodeModel } from "../onnx/model.js";
import { loweringRules } from "../onnx/ops/index.js";
import { Peepholes } from "../peepholes/index.js";
import type { ModelGraph } from "./model-graph.js";

/**
 * Ops of the standard operator set alone. The input is `[N, ...]`, as it is fed to the model (NHWC for images).
 *
 * @param metadata Words of one's own, kept as `metadata_props`.
 * @throws GraphError for an op without a rule.
 */
export function onnxFile({ graph }: ModelGraph, metadata: Readonly<Record<string, string>> = {}): Uint8Array {
  const peepholes = new Peepholes("onnx");
  const prepared = peepholes.rewrite(expand(graph, loweringRules));
  const results = prepared.outputs.map(({ name, value }) => ({ name, value, layout: null }));
  // The rules for the GPU keep to the standard operators.
  const options = { target: "webgpu", peepholes, results, layouts: new Map(), rows: ROWS } as const;
  return encodeModel(lower(prepared, options).model, { rows: ROWS, metadata });
}
