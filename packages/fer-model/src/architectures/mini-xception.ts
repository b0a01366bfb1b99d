/**
 * mini_XCEPTION, the network of Arriaga et al. 2017 ("Real-time Convolutional Neural Networks for Emotion and Gender
 * Classification"), as its authors' code has it (`cnn.py` of oarriaga/face_classification):
 *
 *     [conv 3x3 8, BN, relu] twice, without padding, L2 0.01 on the kernels
 *     for f = 16, 32, 64, 128:
 *       branch    separable conv 3x3 f, BN, relu, separable conv 3x3 f, BN, max pool 3 stride 2
 *       shortcut  conv 1x1 f stride 2, BN
 *       sum of both
 *     conv 3x3 classes, global average pool, softmax
 *
 * Their code gives the separable convolutions a regularizer too, but one of a kernel that such a layer does not have:
 * Keras passes over it. The paper reads 66 % on FER2013 (at 64 x 64).
 */
import type { SymbolicTensor } from "@tensorflow/tfjs";
import { defineArchitecture } from "./architecture.js";
import type { SeededLayers } from "./seeded-layers.js";

export const miniXception = defineArchitecture({
  name: "mini-xception",
  title: "Arriaga's network of 58 thousand weights: separable convolutions, for comparisons and weak devices",
  source: "Arriaga, Valdenegro-Toro and Plöger 2017 (mini_XCEPTION)",
  minimumSize: 5,
  parameters: 58_423,
  build({ classes, ...shape }, layers) {
    const image = layers.input(shape);
    const stem = () => [
      layers.conv2d(8, { kernel: 3, padding: "valid", useBias: false, l2: 0.01 }),
      layers.batchNorm(),
      layers.relu(),
    ];
    let output = layers.chain(image, [...stem(), ...stem()]);
    for (const filters of [16, 32, 64, 128]) output = block(layers, { input: output, filters });
    const head = [layers.conv2d(classes, { kernel: 3 }), layers.globalAveragePool(), layers.activation("softmax")];
    return layers.model("mini-xception", { inputs: image, outputs: layers.chain(output, head) });
  },
});

function block(layers: SeededLayers, { input, filters }: { input: SymbolicTensor; filters: number }): SymbolicTensor {
  const shortcut = layers.chain(input, [
    layers.conv2d(filters, { kernel: 1, strides: 2, useBias: false }),
    layers.batchNorm(),
  ]);
  const branch = layers.chain(input, [
    layers.separableConv2d(filters, { kernel: 3 }),
    layers.batchNorm(),
    layers.relu(),
    layers.separableConv2d(filters, { kernel: 3 }),
    layers.batchNorm(),
    layers.maxPool({ size: 3, padding: "same" }),
  ]);
  return layers.add().apply([branch, shortcut]) as SymbolicTensor;
}
