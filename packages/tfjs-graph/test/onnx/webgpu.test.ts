/**
 * The training step on WebGPU against eager tfjs: 20 steps of a tiny net, state written and read back. Without a
 * device it is skipped; SwiftShader will do:
 *
 *     apt install chromium-common libvulkan1
 *     VK_ICD_FILENAMES=/usr/lib/chromium/vk_swiftshader_icd.json pnpm test packages/tfjs-graph/test/onnx
 */
import { compileTrainStep, probeWebGpu } from "@fer/tfjs-graph";
import * as tf from "@tensorflow/tfjs";
import { describe, expect, test } from "vitest";
import type { StepOptions } from "../engines.ts";
import { batchOf, smallNet, withSeededWeights } from "../nets.ts";

const device = await probeWebGpu();

test.runIf("none" in device)("the probe says why there is no device", () => {
  expect((device as { none: string }).none).toMatch(/\w/);
});

describe.skipIf("none" in device)(`on ${"none" in device ? "no device" : device.name}`, () => {
  const options = (model: tf.LayersModel): StepOptions => ({
    model,
    input: { scale: 1 / 127.5, offset: -1 },
    loss: { labelSmoothing: 0.1 },
    optimizer: { name: "adam", beta1: 0.9, beta2: 0.999, epsilon: 1e-7, clipNorm: 1, weightDecay: 0.01, ema: 0.9 },
    seed: 5,
  });

  test("20 steps have the losses of eager tfjs, and the state comes back", { timeout: 300_000 }, async () => {
    await tf.setBackend("cpu");
    const model = withSeededWeights(smallNet(), 1);
    const reference = await compileTrainStep({ ...options(model), engine: "cpu" });
    const step = await compileTrainStep({ ...options(model), engine: "webgpu" });
    for (let i = 0; i < 20; i++) {
      const batch = batchOf(i % 4 === 3 ? 3 : 6, i);
      const expected = await reference.step(batch, { learningRate: 0.003 });
      const found = await step.step(batch, { learningRate: 0.003 });
      expect(Math.abs(found.loss / expected.loss - 1)).toBeLessThan(1e-4);
      expect(found.correct).toBe(expected.correct);
    }
    const state = await step.readState();
    expect(state.step).toBe(20);
    const kernel = state.weights["conv_b/kernel"]!;
    const expected = (await reference.readState()).weights["conv_b/kernel"]!;
    expect(kernel.shape).toEqual(expected.shape);
    kernel.data.forEach((value, i) => expect(Math.abs(value - expected.data[i]!)).toBeLessThan(1e-3));

    const before = await step.step(batchOf(6, 30), { learningRate: 0.003 });
    await step.writeState(state);
    expect(await step.step(batchOf(6, 30), { learningRate: 0.003 })).toEqual(before);
    reference.dispose();
    step.dispose();
    await expect(step.readState()).rejects.toThrow("prepared step: it was disposed. Prepare a new one.");
  });
});
