/**
 * Dropout masks: the random numbers are made on the host (a counter-based generator over integers is slow as a
 * graph of 32-bit ops, and must give the same bytes on every engine) and fed as one byte an element: 0 dropped,
 * 1 kept.
 */
import { dropoutThreshold } from "../../ops/dropout-bytes.js";
import type { DropoutMaskOptions } from "../../ops/dropout-mask.js";
import { NCHW } from "../layout.js";
import { attributesOf, type LoweringRule } from "../lowering.js";
import { ONNX_TYPES } from "../model.js";

export const dropoutMask: LoweringRule = (node, lowering) => {
  const { graph } = lowering;
  const options = attributesOf<DropoutMaskOptions>(node);
  const { shape } = options;
  const name = graph.input({ name: `mask${lowering.masks.length}`, type: "uint8", shape });
  lowering.masks.push({ name, node, options });
  const layout = shape.length === 4 ? NCHW : null;
  const kept = graph.op({ op: "Cast", to: ONNX_TYPES.float32 }, [
    lowering.relayout({ name, shape, layout: null }, layout),
  ]);
  const { scale } = dropoutThreshold(options.rate);
  lowering.set(node.outputs[0]!, { name: graph.op("Mul", [kept, graph.scalar(scale)]), layout });
};
