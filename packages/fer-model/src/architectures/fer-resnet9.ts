/**
 * A small residual network, fast on every engine: halved at once by the stem, 3x3 convolutions of stride 1, 2x2 pools,
 * identity shortcuts (no projection), global pooling.
 *
 *     stem   conv 3x3 stride 2, 24 channels
 *     wide   conv 3x3, pool 2, residual block          32 channels, 12 x 12
 *     deep   conv 3x3, pool 2                          64 channels,  6 x 6
 *     top    conv 3x3, residual block                  96 channels,  6 x 6
 *     head   global average pool, dropout 0.3, dense, softmax
 *
 * Every convolution is followed by batch norm and relu (He et al. 2016; the layout is Page's ResNet-9 of 2018). The
 * running statistics keep 0.9 at a step: with few hundred images there are too few steps for 0.99.
 */
import type { SymbolicTensor } from "@tensorflow/tfjs";
import { defineArchitecture } from "./architecture.js";
import type { SeededLayers } from "./seeded-layers.js";

export const ferResnet9 = defineArchitecture({
  name: "fer-resnet9",
  title: "Small residual network with global pooling: fast, for faces that are not aligned",
  source: "He et al. 2016 (residual blocks), Page 2018 (ResNet-9)",
  minimumSize: 8,
  parameters: 267_743,
  build({ classes, ...shape }, layers) {
    const image = layers.input(shape);
    const stem = layers.chain(image, convolution(layers, { filters: 24, strides: 2 }));
    const wide = residual(layers, {
      input: layers.chain(stem, [...convolution(layers, { filters: 32 }), layers.maxPool()]),
      filters: 32,
    });
    const deep = layers.chain(wide, [...convolution(layers, { filters: 64 }), layers.maxPool()]);
    const top = residual(layers, { input: layers.chain(deep, convolution(layers, { filters: 96 })), filters: 96 });
    const head = [layers.globalAveragePool(), layers.dropout(0.3), layers.dense(classes, { activation: "softmax" })];
    return layers.model("fer-resnet9", { inputs: image, outputs: layers.chain(top, head) });
  },
});

const convolution = (layers: SeededLayers, { filters, strides = 1 }: { filters: number; strides?: number }) => [
  layers.conv2d(filters, { kernel: 3, strides, useBias: false, initializer: "he" }),
  layers.batchNorm({ momentum: 0.9 }),
  layers.relu(),
];

function residual(
  layers: SeededLayers,
  { input, filters }: { input: SymbolicTensor; filters: number },
): SymbolicTensor {
  const branch = layers.chain(input, [...convolution(layers, { filters }), ...convolution(layers, { filters })]);
  return layers.add().apply([input, branch]) as SymbolicTensor;
}
