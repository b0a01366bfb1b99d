/**
 * The prediction of a model as a graph that is given away: for any number of rows, with its weights as constants.
 */
import type { LayersModel, Tensor } from "@tensorflow/tfjs";
import { capture } from "../capture/capture.js";
import { frozen } from "../capture/frozen.js";
import type { Graph, GraphNode } from "../capture/graph.js";
import { rebuild } from "../layers/rebuild.js";
import { refusal } from "../lowering/refusal.js";
import { holdsRows, ROWS } from "../lowering/rows.js";
import { tf } from "../tf.js";

export interface ModelGraphOptions {
  model: LayersModel;
  /** Shape of a row that is fed; that of the model where left out. */
  inputShape?: readonly number[];
  /** From rows as they are fed to rows as the model takes them; nothing where left out. */
  before?: (rows: Tensor) => Tensor;
  /** Probabilities are `softmax(logits / temperature)`. 1 where left out. */
  temperature?: number;
}

/** A graph of one input and one output whose first axis is the rows, as {@link modelGraph} makes it. */
export interface ModelGraph {
  graph: Graph;
  input: { name: string; shape: readonly number[] };
  output: { name: string; shape: readonly number[] };
}

/** Ops that hold the shape of what they make, and so would hold the number of rows. */
const SIZED = new Set(["BroadcastTo", "Fill", "OneHot", "UnsortedSegmentSum"]);

/**
 * Captures what a model that ends in softmax says of rows: input `image` `[N, ...]` float32, output `probabilities`
 * `[N, classes]`.
 *
 * @throws GraphError where the model cannot be captured, or only for a number of rows that is known.
 */
export async function modelGraph({
  model,
  inputShape,
  before = (rows) => rows,
  temperature = 1,
}: ModelGraphOptions): Promise<ModelGraph> {
  const backend = tf.getBackend();
  await tf.setBackend("cpu");
  try {
    const copy = await rebuild(model);
    try {
      const shape = [...(inputShape ?? copy.inputShape)];
      const run = (rows: Tensor) => {
        const logits = copy.model.apply(before(rows), { training: false }) as Tensor;
        return { probabilities: tf.softmax(temperature === 1 ? logits : logits.div(temperature)) };
      };
      const graph = capture(run as never, [{ name: "image", shape: [ROWS, ...shape], dtype: "float32" }]);
      for (const node of graph.nodes) checkRows(node);
      return {
        graph: frozen(graph),
        input: { name: "image", shape },
        output: { name: "probabilities", shape: [copy.classes] },
      };
    } finally {
      copy.dispose();
    }
  } finally {
    if (backend !== undefined) await tf.setBackend(backend);
  }
}

function checkRows(node: GraphNode): void {
  const sizes = node.outputs.flatMap(({ shape }) => [...shape]);
  const repeats = node.op === "Tile" && (node.attributes.reps as number[]).some((count) => holdsRows(count, ROWS));
  if (!repeats && !(SIZED.has(node.op) && sizes.some((size) => holdsRows(size, ROWS)))) return;
  throw refusal(node, { found: `the op ${node.op} needs the number of rows, which a file leaves open`, engines: [] });
}
