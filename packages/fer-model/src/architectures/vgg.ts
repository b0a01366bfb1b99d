/**
 * Plain networks by width `W` and depth (Simonyan and Zisserman 2015), with batch norm:
 *
 *     stages    W, 2 W, 4 W and 8 W channels: `depth` convolutions 3x3, then max pool 2
 *     head      flatten [, dropout], dense, softmax
 *
 * Every convolution is followed by batch norm and the activation. The running statistics keep 0.9 at a step. The head
 * looks at every place of the last map (3 x 3 for images of 48 x 48).
 */
import { defineArchitecture } from "./architecture.js";
import { netOptions } from "./net-options.js";

export const vgg = defineArchitecture({
  name: "vgg",
  title: "Plain network of 3x3 convolutions of any width and depth: for thousands of aligned faces",
  source: "Simonyan and Zisserman 2015 (VGG), Ioffe and Szegedy 2015 (batch norm)",
  minimumSize: 16,
  parameters: 302_743,
  net: {
    width: netOptions.width.default(16),
    depth: netOptions.depth.default(2),
    activation: netOptions.activation.default("relu"),
    dropout: netOptions.dropout.default(0.3),
  },
  build: ({ classes, width, depth, activation, dropout, ...shape }, layers) =>
    layers.sequential("vgg", {
      ...shape,
      layers: [
        ...[1, 2, 4, 8].flatMap((times) =>
          Array.from({ length: depth }, (_, index) => [
            layers.conv2d(times * width, { kernel: 3, useBias: false, initializer: "he" }),
            layers.batchNorm({ momentum: 0.9 }),
            layers.activation(activation),
            ...(index === depth - 1 ? [layers.maxPool()] : []),
          ]).flat(),
        ),
        layers.flatten(),
        ...(dropout === 0 ? [] : [layers.dropout(dropout)]),
        layers.dense(classes, { activation: "softmax" }),
      ],
    }),
});
