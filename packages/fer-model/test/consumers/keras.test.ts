/** Needs FER_PYTHON: a Python with h5py, keras 3, tf_keras and TensorFlow (see .ci/requirements.txt). */
import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { FormatError } from "@fer/core";
import type { ModelInfo } from "@fer/core/run";
import { tf } from "@fer/tfjs-graph";
import type { LayersModel, SymbolicTensor, Tensor } from "@tensorflow/tfjs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { architectures } from "../../dist/architectures/index.js";
import { loadKerasModel, saveKerasModel } from "../../dist/keras/index.js";

const python = process.env["FER_PYTHON"];

async function run(script: string, ...args: string[]): Promise<void> {
  await promisify(execFile)(python!, [fileURLToPath(new URL(script, import.meta.url)), ...args], {
    maxBuffer: 2 ** 26,
  });
}

const floats = (file: string): Float32Array => new Float32Array(Uint8Array.from(readFileSync(file)).buffer);

const predict = (model: LayersModel, x: Tensor): number[] =>
  tf.tidy(() => Array.from((model.predict(x) as Tensor).dataSync()));

const worst = (a: readonly number[], b: readonly number[]): number =>
  a.length === b.length ? Math.max(...a.map((value, at) => Math.abs(value - b[at]!))) : Infinity;

/** Networks of a user's own, with what the built-in ones lack. */
const OWN: Record<string, () => LayersModel> = {
  "own-layers": () =>
    tf.sequential({
      layers: [
        tf.layers.separableConv2d({ inputShape: [48, 48, 1], filters: 4, kernelSize: 3, activation: "swish" }),
        tf.layers.leakyReLU({ alpha: 0.1 }),
        tf.layers.depthwiseConv2d({ kernelSize: 3, strides: 2 }),
        tf.layers.prelu({ sharedAxes: [1, 2] }),
        tf.layers.averagePooling2d({ poolSize: 2 }),
        tf.layers.layerNormalization(),
        tf.layers.zeroPadding2d({ padding: 1 }),
        tf.layers.conv2dTranspose({ filters: 3, kernelSize: 3, strides: 2, kernelInitializer: "leCunNormal" }),
        tf.layers.flatten(),
        tf.layers.dense({ units: 7, activation: "softmax", kernelRegularizer: tf.regularizers.l2({ l2: 1e-3 }) }),
      ],
    }),
  // Blocks that are called once and twice, with layers of the same names, one with the input of the whole.
  "own-nested": () => {
    const block = tf.sequential({
      layers: [
        tf.layers.conv2d({ name: "conv", inputShape: [48, 48, 1], filters: 3, kernelSize: 3, padding: "same" }),
        tf.layers.batchNormalization({ name: "norm" }),
      ],
    });
    const inner = tf.input({ shape: [48, 48, 3] });
    const convolved = tf.layers.conv2d({ name: "conv", filters: 3, kernelSize: 1 }).apply(inner);
    const top = tf.layers.batchNormalization({ name: "norm" }).apply(convolved) as SymbolicTensor;
    const net = tf.model({ inputs: inner, outputs: top });
    const image = tf.input({ shape: [48, 48, 1] });
    const wide = block.apply(image) as SymbolicTensor;
    const sum = tf.layers.add().apply([wide, net.apply(net.apply(wide)) as SymbolicTensor]);
    const head = tf.layers.dense({ units: 7, activation: "softmax" });
    const outputs = head.apply(tf.layers.globalMaxPooling2d({}).apply(sum)) as SymbolicTensor;
    return tf.model({ inputs: image, outputs });
  },
  "own-sequence": () => {
    const image = tf.input({ shape: [48, 48, 1] });
    const features = tf.layers.conv2d({ filters: 4, kernelSize: 3 }).apply(image) as SymbolicTensor;
    return tf.sequential({
      layers: [
        tf.model({ inputs: image, outputs: features }),
        tf.sequential({ layers: [tf.layers.globalAveragePooling2d({ inputShape: [46, 46, 4] })] }),
        tf.layers.dense({ units: 7, activation: "softmax" }),
      ],
    });
  },
};

describe.skipIf(!python)("models of ours in Keras 2, Keras 3 and h5py (FER_PYTHON)", () => {
  const folder = mkdtempSync(join(tmpdir(), "fer-opened-"));
  const ours = new Map<string, number[]>();
  const info: ModelInfo = {
    schema: 1,
    architecture: "tiny",
    size: 48,
    channels: 1,
    scale: 1 / 127.5,
    offset: -1,
    standardize: true,
    views: 10,
    classes: ["neutral", "anger", "disgust", "fear", "happy", "sad", "surprise"],
    parameters: 411,
  };
  interface Opened {
    keras: { whole: number[]; pair: number[] };
    tf_keras: { whole: number[]; pair: number[] };
    listed: [layer: string, weights: string[]][];
    expected: [layer: string, weights: string[]][];
    noted: ModelInfo;
  }
  let theirs: Record<string, Opened>;
  const builders: Record<string, () => LayersModel> = {
    ...Object.fromEntries(
      Object.entries(architectures).map(([name, architecture]) => [name, () => architecture.build({ seed: 9 })]),
    ),
    ...OWN,
  };

  beforeAll(async () => {
    await tf.setBackend("cpu");
    const x = tf.randomUniform([4, 48, 48, 1], 0, 1, "float32", 5);
    for (const [name, build] of Object.entries(builders)) {
      const model = build();
      model.setWeights(
        model.getWeights().map((w, at) => w.add(tf.randomUniform(w.shape, -0.02, 0.02, "float32", at + 1))),
      );
      await saveKerasModel(model, { path: join(folder, name), info });
      writeFileSync(join(folder, `${name}.x.bin`), x.dataSync() as Float32Array);
      ours.set(name, predict(model, x));
      model.dispose();
    }
    await run("open-models.py", folder, ...ours.keys());
    theirs = JSON.parse(readFileSync(join(folder, "opened.json"), "utf8"));
  }, 900_000);
  afterAll(() => rmSync(folder, { recursive: true }));

  describe.each(Object.keys(builders))("%s", (name) => {
    test.each(["keras", "tf_keras"] as const)("%s predicts the same from the .h5 alone, and from the pair", (keras) => {
      // A saturated output would hide differences.
      expect(Math.max(...ours.get(name)!)).toBeLessThan(0.95);
      expect(worst(ours.get(name)!, theirs[name]![keras].whole)).toBeLessThan(1e-5);
      expect(worst(ours.get(name)!, theirs[name]![keras].pair)).toBeLessThan(1e-5);
    });

    test("h5py finds what the model wants to see, and its classes", () => {
      expect(theirs[name]!.noted).toEqual(info);
    });
  });

  test.each(Object.keys(architectures))("%s: layers and weights have the names that Keras 2 would write", (name) => {
    expect(theirs[name]!.listed).toEqual(theirs[name]!.expected);
    expect(theirs[name]!.listed.flatMap(([, weights]) => weights)).toContain("conv2d/kernel:0");
  });
});

/** What TensorFlow.js lacks, or computes otherwise: these are refused, by the name of the layer. */
const REFUSED: Record<string, string> = {
  "conv-groups": "groups=3",
  "conv-transpose-dilated": "dilation_rate=[2,2]",
  "depthwise-dilated": "dilation_rate=[2,2]",
  conv1d: 'padding="causal"',
  "batch-norm-axis": "axis=1 of 4",
  "group-norm": "TensorFlow.js does not have it",
  "global-keepdims": "keepdims=true",
  "up-bilinear": 'interpolation="bilinear"',
  resizing: "resizes otherwise",
  "relu-slope-max": "max_value=0.5",
  "relu-threshold": "threshold=0.25",
  "elu-alpha": "alpha=0.5",
  "softmax-axis": "axis=1 of 4",
  "activation-exponential": "activation exponential",
  "conv-leaky": "activation leaky_relu",
  "random-flip": "TensorFlow.js does not have it",
  normalization: "TensorFlow.js does not have it",
  gru: "reset_after=true",
  subtract: "TensorFlow.js does not have it",
  "operator-factor": "",
  "operator-relu": "",
  "batch-norm-training": "training=true",
  lambda: "Python code, which is never executed",
  "keras/activation-hard_sigmoid": "computes as Keras 2 did",
  "tf_keras/conv-transpose-padded": "output_padding=[1,1]",
  "tf_keras/operator-add": "TensorFlow.js does not have it",
  "tf_keras/operator-multiply": "TensorFlow.js does not have it",
};

describe.skipIf(!python)("models of Keras 2 and Keras 3 here (FER_PYTHON)", () => {
  const folder = mkdtempSync(join(tmpdir(), "fer-made-"));
  let made: Record<string, { shape: number[]; error?: string }>;

  beforeAll(async () => {
    await tf.setBackend("cpu");
    await run("make-models.py", folder);
    made = JSON.parse(readFileSync(join(folder, "made.json"), "utf8"));
  }, 900_000);
  afterAll(() => rmSync(folder, { recursive: true }));

  test("were all made", () => {
    expect(Object.entries(made).filter(([, { error }]) => error !== undefined)).toEqual([]);
    expect(Object.keys(made).length).toBeGreaterThan(150);
  });

  test.each([
    ["whole .h5", ".h5", ""],
    [".keras archives", ".keras", ""],
    [".json beside .weights.h5", ".json", "pairs/"],
  ])(
    "%s predict the same to 1e-5, or are refused by name",
    async (_, ending, subfolder) => {
      const surprises: string[] = [];
      for (const [name, { shape }] of Object.entries(made)) {
        const [keras, layers] = name.split("/") as [string, string];
        const refusal = REFUSED[`${name}${ending}`] ?? REFUSED[name] ?? REFUSED[layers];
        const x = tf.tensor(floats(join(folder, `${name}.x.bin`)), shape);
        const y = Array.from(floats(join(folder, `${name}.y.bin`)));
        const outcome = await loadKerasModel(join(folder, keras, `${subfolder}${layers}${ending}`)).then(
          (model) => {
            const off = worst(predict(model, x), y);
            model.dispose();
            return off < 1e-5 ? "equal" : `off by ${off}`;
          },
          (error: unknown) => (error instanceof FormatError ? error.message : `crashed: ${String(error)}`),
        );
        const expected = refusal === undefined ? outcome === "equal" : outcome.includes(refusal) && outcome !== "equal";
        if (!expected || outcome.startsWith("off") || outcome.startsWith("crashed"))
          surprises.push(`${name}: ${outcome}`);
        x.dispose();
      }
      expect(surprises).toEqual([]);
    },
    120_000,
  );
});
