/**
 * Residual networks by width `W` and depth (He et al. 2016; the shortcut of a halved stage pools before it projects,
 * as in He et al. 2019, so that no pixel is left out of it).
 *
 *     stem      conv 3x3, W channels
 *     stages    2 W, 4 W and 8 W channels, `depth` blocks each; the first block of each has stride 2
 *     block     conv 3x3, conv 3x3 [, squeeze and excitation], plus shortcut, activation
 *     shortcut  the input; where the shape changes: average pool 2, conv 1x1
 *     head      global average pool [, dropout], dense, softmax
 *
 * Every convolution is followed by batch norm, all but the last of a block and of a shortcut by the activation. The
 * running statistics keep 0.9 at a step. Squeeze and excitation (Hu et al. 2018) multiplies each channel by
 * `sigmoid(dense(relu(dense(mean of each channel))))`, with an eighth of the channels between, 8 at least.
 */
import type { SymbolicTensor } from "@tensorflow/tfjs";
import { defineArchitecture } from "./architecture.js";
import { type NetActivation, netOptions } from "./net-options.js";
import type { SeededLayers } from "./seeded-layers.js";

export const resnet = defineArchitecture({
  name: "resnet",
  title: "Residual network of any width and depth: for thousands of images, costs more than fer-resnet9",
  source:
    "He et al. 2016 (residual blocks), He et al. 2019 (pooled shortcuts), Hu et al. 2018 (squeeze and excitation)",
  minimumSize: 8,
  parameters: 693_719,
  net: {
    width: netOptions.width.default(16),
    depth: netOptions.depth.default(2),
    squeezeExcitation: netOptions.squeezeExcitation.default(false),
    activation: netOptions.activation.default("relu"),
    dropout: netOptions.dropout.default(0),
  },
  build({ classes, width, depth, squeezeExcitation, activation, dropout, ...shape }, layers) {
    const image = layers.input(shape);
    let output = layers.chain(image, [...convolution(layers, { filters: width }), layers.activation(activation)]);
    for (const filters of [2 * width, 4 * width, 8 * width]) {
      for (let index = 0; index < depth; index++) {
        const strides = index === 0 ? 2 : 1;
        output = block(layers, { input: output, filters, strides, squeezeExcitation, activation });
      }
    }
    const head = [
      layers.globalAveragePool(),
      ...(dropout === 0 ? [] : [layers.dropout(dropout)]),
      layers.dense(classes, { activation: "softmax" }),
    ];
    return layers.model("resnet", { inputs: image, outputs: layers.chain(output, head) });
  },
});

interface Block {
  input: SymbolicTensor;
  filters: number;
  strides: 1 | 2;
  squeezeExcitation: boolean;
  activation: NetActivation;
}

function block(
  layers: SeededLayers,
  { input, filters, strides, squeezeExcitation, activation }: Block,
): SymbolicTensor {
  const shortcut =
    strides === 1 ? input : layers.chain(input, [layers.averagePool(), ...convolution(layers, { filters, kernel: 1 })]);
  const branch = layers.chain(input, [
    ...convolution(layers, { filters, strides }),
    layers.activation(activation),
    ...convolution(layers, { filters }),
  ]);
  const weighed = squeezeExcitation ? excited(layers, { input: branch, filters }) : branch;
  const sum = layers.add().apply([weighed, shortcut]) as SymbolicTensor;
  return layers.chain(sum, [layers.activation(activation)]);
}

const convolution = (
  layers: SeededLayers,
  { filters, kernel = 3, strides = 1 }: { filters: number; kernel?: number; strides?: number },
) => [
  layers.conv2d(filters, { kernel, strides, useBias: false, initializer: "he" }),
  layers.batchNorm({ momentum: 0.9 }),
];

function excited(layers: SeededLayers, { input, filters }: { input: SymbolicTensor; filters: number }): SymbolicTensor {
  const gate = layers.chain(input, [
    layers.globalAveragePool(),
    layers.dense(Math.max(8, Math.floor(filters / 8)), { activation: "relu" }),
    layers.dense(filters, { activation: "sigmoid" }),
    layers.reshape([1, 1, filters]),
  ]);
  return layers.multiply().apply([input, gate]) as SymbolicTensor;
}
