/**
 * The original framework's smaller network, also the one of its published weights.
 *
 *     [conv 3x3 f relu, conv 3x3 f relu, BN, max pool 3 stride 2] for f = 32, 64, 128, without padding
 *     dense 1024 relu, dropout 0.5, dense classes softmax
 */
import { defineArchitecture } from "./architecture.js";

export const ferCnnSmall = defineArchitecture({
  name: "fer-cnn-small",
  title: "The original framework's smaller network: six unpadded 3x3 convolutions, one dense layer",
  source: "The original FER framework (anas2020deep)",
  minimumSize: 46,
  parameters: 426_599,
  build: ({ classes, ...shape }, layers) =>
    layers.sequential("fer-cnn-small", {
      ...shape,
      layers: [
        ...[32, 64, 128].flatMap((filters) => [
          layers.conv2d(filters, { kernel: 3, padding: "valid", activation: "relu" }),
          layers.conv2d(filters, { kernel: 3, padding: "valid", activation: "relu" }),
          layers.batchNorm(),
          layers.maxPool({ size: 3, strides: 2 }),
        ]),
        layers.flatten(),
        layers.dense(1024, { activation: "relu" }),
        layers.dropout(0.5),
        layers.dense(classes, { activation: "softmax" }),
      ],
    }),
});
