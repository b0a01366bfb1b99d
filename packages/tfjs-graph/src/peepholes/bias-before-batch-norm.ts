/**
 * Batch normalization subtracts the mean, so a constant added in front changes nothing, and the sum of its input
 * gradient over each channel is zero. Computing it costs a pass over the tensor and gives rounding noise, which Adam
 * scales up to full steps.
 */
import { producers, type Graph, type GraphNode } from "../capture/graph.js";

export function biasBeforeBatchNorm(graph: Graph): Graph {
  const producer = producers(graph);
  const nodes = graph.nodes.map((node): GraphNode => {
    const x = node.inputs.x;
    const from = x && producer.get(x);
    if (x === undefined || node.op !== "Sum" || from?.op !== "BatchNormTrainGrad" || from.outputs[0] !== x) return node;
    const { axes, keepDims } = node.attributes as { axes: readonly number[]; keepDims: boolean };
    if (keepDims || axes.length !== x.shape.length - 1 || axes.includes(x.shape.length - 1)) return node;
    const output = node.outputs[0]!;
    const attributes = { shape: output.shape, value: 0, dtype: output.dtype };
    return { ...node, op: "Fill", inputs: {}, attributes };
  });
  return { ...graph, nodes };
}
