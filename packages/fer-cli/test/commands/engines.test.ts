import { describe, expect, it } from "vitest";
import { UNMEASURED, renderEngines } from "../../dist/commands/engines.js";

describe("the table of fer engines", () => {
  it("says of what runs on a GPU that nobody has measured it there, and how to get what is missing", () => {
    const rows = [
      {
        name: "tensorflow",
        available: true,
        device: "GPU, CUDA",
        gpu: true,
        version: "TensorFlow 2.21.0",
        note: UNMEASURED,
      },
      { name: "webgpu", available: false, reason: "no GPU", install: "install its driver" },
    ] as const;
    expect(renderEngines(rows)).toMatchInlineSnapshot(`
      "engine      runs here  device     version            why not, or what to know
      tensorflow  yes        GPU, CUDA  TensorFlow 2.21.0  not yet measured on a GPU
      webgpu      no         -          -                  no GPU

      tensorflow on CUDA, webgpu: not yet measured on a GPU

      to get more:
        webgpu: install its driver"
    `);
  });

  it("shows how fast each trains, and which net", () => {
    const rows = [
      {
        name: "onnx",
        available: true,
        device: "CPU",
        version: "1.30.0",
        imagesPerSecond: 190.6,
        architecture: "fer-cnn",
      },
      {
        name: "wasm",
        available: true,
        device: "CPU",
        version: "4.22.0",
        imagesPerSecond: 3.456,
        architecture: "fer-cnn",
      },
      { name: "cpu", available: true, device: "CPU", version: "4.22.0" },
    ] as const;
    expect(renderEngines(rows)).toMatchInlineSnapshot(`
      "engine  runs here  images/s  of       device  version  why not, or what to know
      onnx    yes             191  fer-cnn  CPU     1.30.0
      wasm    yes            3.46  fer-cnn  CPU     4.22.0
      cpu     yes               -  -        CPU     4.22.0

      tensorflow on CUDA, webgpu: not yet measured on a GPU"
    `);
  });
});
