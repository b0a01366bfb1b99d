/** A {@link ModelGraph} as files of TensorFlow: the `saved_model.pb` of a SavedModel, and a graph model of TensorFlow.js. */
import type { io } from "@tensorflow/tfjs";
import { ROWS } from "../lowering/rows.js";
import { Peepholes } from "../peepholes/index.js";
import { savedModel, type Signature } from "../tensorflow/graph-def.js";
import { lower } from "../tensorflow/lower.js";
import { graphDefJson } from "./graph-def-json.js";
import type { ModelGraph } from "./model-graph.js";

const SCOPE = "serve";

function graphDef({ graph }: ModelGraph): Uint8Array {
  const peepholes = new Peepholes("tensorflow");
  const functions = [{ name: SCOPE, graph, guard: null }];
  return lower({ functions, variables: new Map() }, { precision: "float32", peepholes, rows: ROWS }).graph;
}

function signatureOf({ input, output }: ModelGraph): Signature {
  const tensor = ({ name, shape }: ModelGraph["input"]) => ({
    node: `${SCOPE}/${name}`,
    type: "float32" as const,
    shape: [-1, ...shape],
  });
  return { inputs: { [input.name]: tensor(input) }, outputs: { [output.name]: tensor(output) } };
}

/**
 * Content of `saved_model.pb`: weights are constants, so that a folder with this file alone is a SavedModel.
 *
 * @throws GraphError for an op without a rule.
 */
export const savedModelFile = (graph: ModelGraph): Uint8Array => savedModel(graphDef(graph), signatureOf(graph));

/** What `tf.loadGraphModel` takes. @throws GraphError for an op without a rule. */
export function tfjsGraphModel(graph: ModelGraph): io.ModelArtifacts {
  const { topology, weightSpecs, weightData } = graphDefJson(graphDef(graph));
  const named = (tensors: Signature["inputs"]) =>
    Object.fromEntries(
      Object.entries(tensors).map(([name, { node, shape }]) => [
        name,
        { name: `${node}:0`, dtype: "DT_FLOAT", tensorShape: { dim: shape.map((size) => ({ size: String(size) })) } },
      ]),
    );
  const { inputs, outputs } = signatureOf(graph);
  return {
    format: "graph-model",
    generatedBy: "@fer/tfjs-graph",
    modelTopology: topology,
    signature: { inputs: named(inputs), outputs: named(outputs) },
    weightSpecs,
    weightData,
  };
}
