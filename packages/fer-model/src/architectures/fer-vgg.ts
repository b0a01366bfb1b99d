/**
 * A small plain network: stacks of 3x3 convolutions at full stride with 2x2 pools between, as VGG has them (Simonyan
 * and Zisserman 2015), with batch norm. The head looks at every place of the last map, since faces are aligned: where
 * a wrinkle is says what it means, and a global pool would lose that.
 *
 *     stem     conv 3x3, 16 channels, pool 2       48 -> 24
 *     low      2 x conv 3x3, 32 channels, pool 2   24 -> 12
 *     middle   2 x conv 3x3, 64 channels, pool 2   12 -> 6
 *     high     2 x conv 3x3, 128 channels
 *     head     flatten, dropout 0.3, dense, softmax
 *
 * Every convolution is followed by batch norm and relu. The running statistics keep 0.9 at a step: with few hundred
 * images there are too few steps for 0.99. 24 million multiply-adds an image of 48 x 48.
 */
import { defineArchitecture } from "./architecture.js";
import type { SeededLayers } from "./seeded-layers.js";

export const ferVgg = defineArchitecture({
  name: "fer-vgg",
  title: "Small plain network of 3x3 convolutions: the default, accurate with few images",
  source: "Simonyan and Zisserman 2015 (VGG), Ioffe and Szegedy 2015 (batch norm)",
  minimumSize: 8,
  parameters: 324_567,
  build: ({ classes, ...shape }, layers) =>
    layers.sequential("fer-vgg", {
      ...shape,
      layers: [
        ...convolution(layers, 16),
        layers.maxPool(),
        ...convolution(layers, 32),
        ...convolution(layers, 32),
        layers.maxPool(),
        ...convolution(layers, 64),
        ...convolution(layers, 64),
        layers.maxPool(),
        ...convolution(layers, 128),
        ...convolution(layers, 128),
        layers.flatten(),
        layers.dropout(0.3),
        layers.dense(classes, { activation: "softmax" }),
      ],
    }),
});

const convolution = (layers: SeededLayers, filters: number) => [
  layers.conv2d(filters, { kernel: 3, useBias: false, initializer: "he" }),
  layers.batchNorm({ momentum: 0.9 }),
  layers.relu(),
];
