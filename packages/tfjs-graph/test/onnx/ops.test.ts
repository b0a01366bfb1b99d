/**
 * Every rule of the ONNX lowering against eager tfjs on the cpu backend, value and gradient: with all peepholes, with
 * none, and on WebGPU where there is a device (SwiftShader through VK_ICD_FILENAMES will do).
 */
import { compileGraph, probeWebGpu, type Peephole } from "@fer/tfjs-graph";
import { describe, expect, test } from "vitest";
import { checkOp, opCases, type OpCase, type RunGraph, trainedOps } from "../op-cases.ts";
import { loweringRules } from "../../dist/onnx/ops/index.js";
import { peepholesOf } from "../../dist/peepholes/index.js";

const run =
  (options: { engine: "onnx" | "webgpu"; peepholesOff?: Peephole[] }, seen?: Set<string>): RunGraph =>
  async (graph, inputs) => {
    for (const { op } of graph.nodes) seen?.add(op);
    const compiled = await compileGraph(graph, options);
    try {
      return await compiled.run(inputs);
    } finally {
      await compiled.dispose();
    }
  };

const cases = Object.entries(opCases);

describe("on onnxruntime's CPU", () => {
  const seen = new Set<string>();
  test.each(cases)("%s is that of eager tfjs", (_, example) =>
    expect(checkOp(example, run({ engine: "onnx" }, seen))).resolves.toBeUndefined(),
  );

  test("every rule has a case", () => {
    // Dropped when the graph is captured; composed of others by tfjs.
    const unseen = ["BroadcastTo", "Identity", "LogSoftmax"];
    const untested = Object.keys(loweringRules).filter((op) => !seen.has(op) && !trainedOps.has(op));
    expect(untested.sort()).toEqual(unseen.sort());
  });
});

describe("with all peepholes off", () => {
  const peepholesOff = peepholesOf("onnx");
  test.each(cases)("%s is that of eager tfjs", (_, example) =>
    expect(checkOp(example, run({ engine: "onnx", peepholesOff }))).resolves.toBeUndefined(),
  );
});

const device = await probeWebGpu();
const where = "none" in device ? device.none : device.name;

describe.skipIf("none" in device)(`on WebGPU (${where})`, () => {
  const onDevice = (example: OpCase) => checkOp(example, run({ engine: "webgpu" }), example.webgpuTolerance);
  test.each(cases)("%s is that of eager tfjs", (_, example) => expect(onDevice(example)).resolves.toBeUndefined());
});
