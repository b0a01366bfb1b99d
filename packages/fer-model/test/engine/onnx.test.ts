/** The engines on onnxruntime-node where it is absent, and what they say. Where it is, engines.test.ts runs them. */
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { expect, test } from "vitest";

/** Runs a module in a process in which onnxruntime-node cannot be found. */
async function withoutOnnxRuntime(code: string): Promise<unknown> {
  const hide = `
    const Module = require("node:module");
    const resolve = Module._resolveFilename;
    Module._resolveFilename = function (request, ...rest) {
      if (request !== "onnxruntime-node") return resolve.call(this, request, ...rest);
      throw Object.assign(new Error("Cannot find module 'onnxruntime-node'"), { code: "MODULE_NOT_FOUND" });
    };
    import("@fer/model").then(async (model) => console.log(JSON.stringify(await (${code})(model))));`;
  const { stdout } = await promisify(execFile)(process.execPath, ["-e", hide], { cwd: import.meta.dirname });
  return JSON.parse(stdout.trim().split("\n").at(-1)!);
}

test.each(["onnx", "webgpu"])("%s says how to get onnxruntime-node", async (name) => {
  const status = await withoutOnnxRuntime(`(model) => model.engines.${name}.probe()`);
  expect(status).toEqual({
    name,
    available: false,
    reason: "onnxruntime-node: it is not installed. npm i onnxruntime-node --onnxruntime-node-install=skip.",
    install: "npm i onnxruntime-node --onnxruntime-node-install=skip",
  });
});

test("auto passes over onnx where it is absent", async () => {
  const choice = (await withoutOnnxRuntime(
    "async (model) => { const { engine, reason } = await model.selectEngine('auto'); return { name: engine.name, reason }; }",
  )) as { name: string; reason: string };
  expect(choice.name).not.toBe("onnx");
  expect(choice.name).not.toBe("webgpu");
});
