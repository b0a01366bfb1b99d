/**
 * The network the original framework used: four blocks of a 3x1 and a 1x3 convolution, two dense layers.
 *
 *     [conv 3x1 f, conv 1x3 f, BN, relu, max pool 2, dropout 0.25] for f = 64, 128, 256, 512
 *     [dense u, BN, relu, dropout 0.25] for u = 512, 256
 *     dense classes, softmax
 */
import { defineArchitecture } from "./architecture.js";

export const ferCnn = defineArchitecture({
  name: "fer-cnn",
  title: "The original framework's network: separable 3x1 and 1x3 convolutions, two dense layers",
  source: "The original FER framework (anas2020deep)",
  minimumSize: 16,
  parameters: 4_062_535,
  build: ({ classes, ...shape }, layers) =>
    layers.sequential("fer-cnn", {
      ...shape,
      layers: [
        ...[64, 128, 256, 512].flatMap((filters) => [
          layers.conv2d(filters, { kernel: [3, 1] }),
          layers.conv2d(filters, { kernel: [1, 3] }),
          layers.batchNorm(),
          layers.relu(),
          layers.maxPool(),
          layers.dropout(0.25),
        ]),
        layers.flatten(),
        ...[512, 256].flatMap((units) => [
          layers.dense(units),
          layers.batchNorm(),
          layers.relu(),
          layers.dropout(0.25),
        ]),
        layers.dense(classes, { activation: "softmax" }),
      ],
    }),
});
