/** What is particular to a step in TensorFlow: which ops run, peepholes, bfloat16, memory. */
import { compileTrainStep, findTensorFlow, loadTensorFlow, type PreparedStep } from "@fer/tfjs-graph";
import * as tf from "@tensorflow/tfjs";
import { afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { peepholesOf } from "../../dist/peepholes/index.js";
import { TensorFlowHost } from "../../dist/tensorflow/host.js";
import type { Binding } from "../../dist/tensorflow/binding.js";
import { engines, tensorFlow, type StepOptions } from "../engines.ts";
import { batchOf, smallNet, withSeededWeights } from "../nets.ts";

const rate = { learningRate: 0.01 };

describe.skipIf(tensorFlow === null)("a step in TensorFlow", () => {
  const steps: PreparedStep[] = [];
  let model: tf.LayersModel;

  async function prepared(options: Partial<StepOptions> = {}): Promise<PreparedStep> {
    const step = await engines[0]!.prepare({
      model,
      input: { scale: 1 / 127.5, offset: -1 },
      loss: { labelSmoothing: 0 },
      optimizer: { name: "adam", beta1: 0.9, beta2: 0.999, epsilon: 1e-7, clipNorm: null, weightDecay: 0, ema: null },
      seed: 5,
      ...options,
    });
    steps.push(step);
    return step;
  }

  async function losses(step: PreparedStep, count: number): Promise<number[]> {
    const found: number[] = [];
    for (let i = 0; i < count; i++) found.push((await step.step(batchOf(6, i), rate)).loss);
    return found;
  }

  beforeAll(async () => {
    await tf.setBackend("cpu");
    model = withSeededWeights(smallNet(), 1);
  });
  afterEach(() => {
    for (const step of steps.splice(0)) step.dispose();
  });

  test("runs TensorFlow's own fused ops, each as often as the net has it", async () => {
    const step = await prepared();
    await losses(step, 1);
    expect(step.opCounts).toMatchObject({
      Conv2D: 2,
      // The first convolution needs no gradient of its input.
      Conv2DBackpropInput: 1,
      Conv2DBackpropFilter: 2,
      FusedBatchNormV3: 1,
      FusedBatchNormGradV3: 1,
      ReluGrad: 3,
      MaxPoolGrad: 2,
      StatelessRandomUniformFullIntV2: 2,
      SoftmaxCrossEntropyWithLogits: 1,
      ResourceApplyAdam: 9,
    });
    // A second batch size adds its function; the first stays.
    await step.step(batchOf(3, 1), rate);
    expect(step.opCounts.Conv2D).toBe(4);
  });

  test.each(peepholesOf("tensorflow"))("gives the same without %s", async (name) => {
    const [all, without] = [await prepared(), await prepared({ peepholesOff: [name] })];
    const expected = await losses(all, 3);
    (await losses(without, 3)).forEach((loss, i) => expect(Math.abs(loss / expected[i]! - 1)).toBeLessThan(1e-5));
  });

  test("stays near float32 in bfloat16, and computes in it", async () => {
    const [exact, fast] = [await prepared(), await prepared({ precision: "bfloat16" })];
    const expected = await losses(exact, 10);
    // bfloat16 has 8 bits: half a percent a rounding.
    (await losses(fast, 10)).forEach((loss, i) => expect(Math.abs(loss / expected[i]! - 1)).toBeLessThan(0.03));
    const { weights } = await fast.readState();
    const kernel = weights["conv_b/kernel"]!.data;
    // Master weights keep all bits of float32.
    expect(kernel.some((value) => (new Uint32Array(Float32Array.of(value).buffer)[0]! & 0xffff) !== 0)).toBe(true);
    expect(fast.opCounts.Cast).toBeGreaterThan(exact.opCounts.Cast!);
  });

  test("does not grow with the number of steps", async () => {
    const step = await prepared();
    const batch = batchOf(6, 1);
    const train = async (count: number): Promise<number> => {
      for (let i = 0; i < count; i++) await step.step(batch, rate);
      return process.memoryUsage().rss;
    };
    const before = await train(1000);
    const after = await train(2000);
    expect(after / before).toBeLessThan(1.05);
  });

  test("goes on after a batch size that is new in the middle", async () => {
    const [one, two] = [await prepared(), await prepared()];
    await two.step(batchOf(2, 50), { learningRate: 0 });
    await one.step(batchOf(3, 50), { learningRate: 0 });
    const [a, b] = [await one.readState(), await two.readState()];
    expect(a.weights["out/kernel"]).toEqual(b.weights["out/kernel"]);
    expect(a.step).toBe(1);
  });
});

test("the addon is handed no array whose memory it would share", () => {
  const offsets: number[] = [];
  const binding: Binding = {
    TF_FLOAT: 1,
    TF_INT32: 3,
    TF_UINT8: 4,
    TF_BOOL: 10,
    TF_Version: "0",
    isUsingGpuDevice: () => false,
    createTensor: (_, __, { byteOffset }) => offsets.push(byteOffset % 8),
    deleteTensor: () => undefined,
    tensorDataSync: () => new Float32Array(3),
    loadSavedModel: () => 1,
    deleteSavedModel: () => undefined,
    runSavedModel: (...given) => given[3].split(",").map(() => ({ id: 1 })),
  };
  const host = new TensorFlowHost(binding);
  const inputs = [
    { name: "x", shape: [2, 2], dtype: "float32" as const },
    { name: "step", shape: [], dtype: "int32" as const },
  ];
  host.declare({ w: { shape: [3], data: new Float32Array(3) } });
  const functions = { f: { inputs, outputs: ["y"], guard: null } };
  host.define({ savedModel: new Uint8Array(), functions, nodes: { w: "v0" } });
  host.run("f", { x: new Float32Array(4), step: Int32Array.of(1) });
  host.write({ w: host.read().w! });
  expect(offsets).toEqual([4, 4, 4, 4]);
});

describe("without TensorFlow", () => {
  afterEach(() => vi.unstubAllEnvs());

  test("the engine says where it looked and what to do", async () => {
    vi.stubEnv("FER_TENSORFLOW", "/nowhere");
    vi.stubEnv("FER_CACHE", "/nowhere");
    expect(findTensorFlow("/nowhere")).toBeNull();
    const model = smallNet();
    const from = vi.spyOn(process, "cwd").mockReturnValue("/nowhere");
    await expect(compileTrainStep({ model, engine: "tensorflow" })).rejects.toThrowErrorMatchingInlineSnapshot(
      `[GraphError: engine tensorflow: there is no TensorFlow here. Expected a set-up folder (FER_TENSORFLOW, or the cache) or an installed @tensorflow/tfjs-node-gpu. Run fer setup tensorflow, or use the engine onnx.]`,
    );
    from.mockRestore();
  });

  test("a folder that holds none is an error with the loader's reason", async () => {
    await expect(loadTensorFlow("/nowhere")).rejects.toThrow(
      /^\/nowhere\/tfjs_binding\.node: TensorFlow cannot be loaded: .*(cannot open|no such file|not find)/i,
    );
  });
});
