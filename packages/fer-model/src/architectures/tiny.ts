/** One of each kind of layer and a few hundred weights: for tests and smoke runs, not for results. */
import { defineArchitecture } from "./architecture.js";

export const tiny = defineArchitecture({
  name: "tiny",
  title: "A few hundred weights, for tests and smoke runs",
  source: "@fer",
  minimumSize: 4,
  parameters: 411,
  build: ({ classes, ...shape }, layers) =>
    layers.sequential("tiny", {
      ...shape,
      layers: [
        layers.conv2d(4, { kernel: 3, strides: 2, useBias: false }),
        layers.batchNorm({ momentum: 0.9 }),
        layers.relu(),
        layers.maxPool(),
        layers.conv2d(8, { kernel: 3, activation: "relu" }),
        layers.globalAveragePool(),
        layers.dropout(0.1),
        layers.dense(classes, { activation: "softmax" }),
      ],
    }),
});
