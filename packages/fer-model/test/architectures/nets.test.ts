/** Architectures with options of their own: what the options do, and the same step on every engine here. */
import { type Architecture, architectures, ARCHITECTURES, engines, FerTrainer, multiplyAdds } from "@fer/model";
import { netOf, NetOptions } from "../../dist/architectures/index.js";
import { describe, expect, test } from "vitest";
import { testArchitecture } from "./contract.js";

const { resnet, vgg } = architectures;

describe.each([
  {
    title: "resnet with everything",
    architecture: resnet as Architecture,
    net: { width: 4, depth: 1, squeezeExcitation: true, activation: "silu", dropout: 0.2 },
  },
  {
    title: "a narrow vgg",
    architecture: vgg as Architecture,
    net: { width: 3, depth: 1, activation: "silu", dropout: 0 },
  },
])("$title", ({ architecture, net }) => {
  const model = architecture.build(net);
  const parameters = model.countParams();
  model.dispose();
  testArchitecture({ ...architecture, parameters, build: (options) => architecture.build({ ...options, ...net }) });
});

test("every option of an architecture is one of the trainer's, and each of those is some architecture's", () => {
  const own = Object.values(architectures).flatMap(({ net }) => Object.keys(net.shape));
  expect([...new Set(own)].sort()).toEqual(Object.keys(NetOptions.shape).sort());
});

test("width and depth are those of the formula", () => {
  // a convolution without bias, with the scale, the shift and the two statistics of its batch norm
  const conv = (kernel: number, [from, to]: [number, number]): number => kernel ** 2 * from * to + 4 * to;
  const stage = (from: number, to: number): number =>
    conv(3, [from, to]) + conv(1, [from, to]) + (2 * 3 - 1) * conv(3, [to, to]);
  const expected = conv(3, [1, 5]) + stage(5, 10) + stage(10, 20) + stage(20, 40) + 40 * 7 + 7;
  expect(resnet.build({ width: 5, depth: 3 }).countParams()).toBe(expected);
});

test("multiply-adds are those of the convolutions and the dense layer", () => {
  const expected =
    48 ** 2 * 9 * 1 * 4 +
    24 ** 2 * (9 * 4 * 8 + 9 * 8 * 8 + 4 * 8) +
    12 ** 2 * (9 * 8 * 16 + 9 * 16 * 16 + 8 * 16) +
    6 ** 2 * (9 * 16 * 32 + 9 * 32 * 32 + 16 * 32) +
    32 * 7;
  expect(multiplyAdds(resnet.build({ width: 4, depth: 1 }))).toBe(expected);
});

test("an architecture without options refuses those of others, and says which it has", () => {
  expect(() => new FerTrainer({ architecture: "fer-vgg", net: { width: 8 } })).toThrowErrorMatchingInlineSnapshot(
    `[OptionsError: architecture fer-vgg: the option net.width. Expected none: it has no options of its own. Leave it out, or choose another architecture; fer architectures lists their options.]`,
  );
  expect(() => netOf(vgg, { squeezeExcitation: true })).toThrowErrorMatchingInlineSnapshot(
    `[OptionsError: architecture vgg: the option net.squeezeExcitation. Expected of net: width, depth, activation, dropout. Leave it out, or choose another architecture; fer architectures lists their options.]`,
  );
  expect(new FerTrainer({ architecture: "resnet", net: { width: 8 } }).options.net).toEqual({
    width: 8,
    depth: 2,
    squeezeExcitation: false,
    activation: "relu",
    dropout: 0,
  });
});

/** Weights after three steps, and their loss, of a small net on an engine. */
async function trained(name: "cpu" | "wasm" | "onnx" | "tensorflow", build: () => ReturnType<typeof resnet.build>) {
  const model = build();
  const step = await engines[name].prepare({
    model,
    input: { scale: 1 / 127.5, offset: -1 },
    loss: { labelSmoothing: 0.1 },
    optimizer: { name: "sgd", momentum: 0.9, nesterov: true, clipNorm: null, weightDecay: 0.01, ema: null },
    seed: 1,
  });
  const [size, count] = [model.inputs[0]!.shape[1]!, 6];
  const inputs = Uint8Array.from({ length: count * size ** 2 }, (_, at) => (at * 7919 + (at >> 3) * 31) % 256);
  const labels = new Float32Array(count * 3);
  for (let row = 0; row < count; row++) labels[row * 3 + (row % 3)] = 1;
  const losses: number[] = [];
  for (let n = 0; n < 3; n++) losses.push((await step.step({ inputs, labels, count }, { learningRate: 0.05 })).loss);
  const { weights } = await step.readState();
  step.dispose();
  model.dispose();
  return { losses, weights };
}

const small = { classes: 3, seed: 3 };
const nets = {
  resnet: () => resnet.build({ ...small, size: 17, width: 4, depth: 2 }),
  "resnet with squeeze and excitation and silu": () =>
    resnet.build({ ...small, size: 16, width: 4, depth: 1, squeezeExcitation: true, activation: "silu" }),
  vgg: () => vgg.build({ ...small, size: 16, width: 4, depth: 2, dropout: 0 }),
  "mini-xception": () => architectures["mini-xception"].build({ ...small, size: 15 }),
};

describe.each(Object.entries(nets))("%s", (_name, build) => {
  // eager kernels on cpu take longest: once for all engines
  let onCpu: ReturnType<typeof trained> | undefined;

  test.for(["wasm", "onnx", "tensorflow"] as const)(
    "trains on %s as on cpu",
    { timeout: 300_000 },
    async (name, context) => {
      if (!(await engines[name].probe()).available) context.skip();
      const [reference, found] = [await (onCpu ??= trained("cpu", build)), await trained(name, build)];
      for (const [n, loss] of reference.losses.entries()) expect(found.losses[n]).toBeCloseTo(loss, 3);
      for (const [weight, { data }] of Object.entries(reference.weights)) {
        const scale = Math.max(1e-2, ...data.map(Math.abs));
        const error = Math.max(...data.map((value, at) => Math.abs(value - found.weights[weight]!.data[at]!)));
        expect({ weight, isNear: error / scale < 2e-3 }).toEqual({ weight, isNear: true });
      }
    },
  );
});

test("every architecture is named in ARCHITECTURES", () => {
  expect(Object.keys(architectures)).toEqual(ARCHITECTURES);
});
