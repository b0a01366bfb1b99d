/** Image resizes (up-sampling layers), in float32. */
import type { GraphNode } from "../../capture/graph.js";
import { attr } from "../graph-def.js";
import type { Rules } from "../lowering.js";

const corners = (node: GraphNode): Record<string, Uint8Array> => ({
  align_corners: attr.bool(node.attributes.alignCorners as boolean),
  half_pixel_centers: attr.bool(node.attributes.halfPixelCenters as boolean),
});

const forward = (op: string): Rules => ({
  [op]: (node, to) => {
    const inputs = [to.ref(node.inputs.images!, "float32"), to.builder.ints(node.attributes.size as number[])];
    to.set(node.outputs[0]!, to.op({ op, type: "float32", attributes: corners(node) }, inputs));
  },
});

export const resizes: Rules = {
  ...forward("ResizeNearestNeighbor"),
  ...forward("ResizeBilinear"),
  ResizeNearestNeighborGrad: (node, to) => {
    const size = to.builder.ints(node.inputs.images!.shape.slice(1, 3));
    const inputs = [to.ref(node.inputs.dy!, "float32"), size];
    to.set(
      node.outputs[0]!,
      to.op({ op: "ResizeNearestNeighborGrad", type: "float32", attributes: corners(node) }, inputs),
    );
  },
  ResizeBilinearGrad: (node, to) => {
    const inputs = [to.ref(node.inputs.dy!, "float32"), to.ref(node.inputs.images!, "float32")];
    to.set(node.outputs[0]!, to.op({ op: "ResizeBilinearGrad", type: "float32", attributes: corners(node) }, inputs));
  },
};
