/** What `auto` takes, on machines that this one is not: the probes of the engines are replaced. */
import { type EngineName, type EngineStatus, engines, selectEngine } from "@fer/model";
import { afterEach, describe, expect, test, vi } from "vitest";

const gpu = (device: string): Partial<EngineStatus> => ({ available: true, gpu: true, device });
const here = { available: true, device: "CPU" };

/** Makes every engine say this of itself; those left out cannot run. */
function machine(can: Partial<Record<EngineName, Partial<EngineStatus>>>): void {
  for (const [name, engine] of Object.entries(engines)) {
    const status = can[name as EngineName] ?? { available: false, reason: "absent", install: `get ${name}` };
    vi.spyOn(engine, "probe").mockResolvedValue({ name, ...status } as EngineStatus);
  }
}

afterEach(() => vi.restoreAllMocks());

describe("auto", () => {
  test.each([
    [
      "CUDA before any other GPU",
      { tensorflow: gpu("GPU, CUDA"), webgpu: gpu("NVIDIA H100"), onnx: here },
      "tensorflow",
      "first choice",
    ],
    [
      "a real GPU before TensorFlow on the CPU",
      { tensorflow: here, webgpu: gpu("Apple M3"), onnx: here },
      "webgpu",
      "first that works; tensorflow: no GPU",
    ],
    [
      "TensorFlow before a software GPU",
      { tensorflow: here, webgpu: gpu("SwiftShader Device (LLVM 16)"), onnx: here },
      "tensorflow",
      "first that works; webgpu: no GPU",
    ],
    [
      "onnx where TensorFlow is not set up",
      { onnx: here, wasm: here, cpu: here },
      "onnx",
      "first that works; tensorflow: absent; webgpu: absent",
    ],
    [
      "wasm where there is no onnxruntime",
      { wasm: here, cpu: here },
      "wasm",
      "first that works; tensorflow: absent; webgpu: absent; onnx: absent",
    ],
    [
      "cpu last",
      { cpu: here },
      "cpu",
      "first that works; tensorflow: absent; webgpu: absent; onnx: absent; wasm: absent",
    ],
  ] as const)("takes %s", async (_, can, expected, reason) => {
    machine(can);
    const selected = await selectEngine("auto");
    expect([selected.engine.name, selected.reason]).toEqual([expected, reason]);
  });

  test("says of every engine why it cannot run where none can", async () => {
    machine({});
    await expect(selectEngine("auto")).rejects.toThrowErrorMatchingInlineSnapshot(
      `[EngineError: engine auto: tensorflow: absent; webgpu: absent; onnx: absent; wasm: absent; cpu: absent. Install @tensorflow/tfjs.]`,
    );
  });

  test("is not asked where an engine is named, which then says how it is got", async () => {
    machine({ tensorflow: here });
    expect((await selectEngine("tensorflow")).reason).toBe("asked for");
    await expect(selectEngine("onnx")).rejects.toThrowErrorMatchingInlineSnapshot(
      `[EngineError: engine onnx: absent. To get it: get onnx.]`,
    );
  });
});
