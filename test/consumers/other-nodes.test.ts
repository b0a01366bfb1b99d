/** The graph compiler's own tests and a training run on every engine, on other versions of Node (FER_NODES). */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { stripVTControlCharacters } from "node:util";
import { describe, expect, it } from "vitest";

const root = fileURLToPath(new URL("../..", import.meta.url));
const nodes = (process.env["FER_NODES"] ?? "")
  .split(" ")
  .filter(Boolean)
  .map((entry) => entry.split("=") as [string, string]);

/** Numbers over many steps and nets, and the waits of allocators: the same JavaScript and the same libraries as here. */
const LONG = ["golden", "fuzz", "sweep", "projections", "out-of-memory", "examples"];

const run = (node: string, args: string[]) =>
  spawnSync(node, args, { cwd: root, encoding: "utf8", env: { ...process.env, FORCE_COLOR: "0" } });

const cases: [string, string][] = nodes.length > 0 ? nodes : [["22 and 24 (FER_NODES)", ""]];
describe.skipIf(nodes.length === 0).each(cases)("Node %s", (major, node) => {
  it("is that version", () => expect(run(node, ["--version"]).stdout).toMatch(new RegExp(`^v${major}\\.`)));

  // ci.yml runs everything on these versions. Here: whatever touches the runtime, once, without the long numeric runs.
  it.each([
    [
      "the tests of tfjs-graph",
      ["packages/tfjs-graph", ...LONG.flatMap((file) => ["--exclude", `**/${file}.test.ts`])],
    ],
    ["Keras' twenty steps on a small net", ["packages/tfjs-graph/test/golden.test.ts", "-t", "smooth: fer-cnn-small"]],
  ])(
    "passes %s",
    (_, words) => {
      const { status, stdout, stderr } = run(node, ["node_modules/vitest/vitest.mjs", "run", ...words]);
      expect({ status, failure: status === 0 ? "" : stdout + stderr }).toEqual({ status: 0, failure: "" });
      expect(stripVTControlCharacters(stdout)).toMatch(/Tests\s+\d+ passed/);
    },
    900_000,
  );

  it("trains on every engine that runs here, and they agree", () => {
    const folder = mkdtempSync(join(tmpdir(), "fer-node-"));
    try {
      const script = join(folder, "train.mjs");
      writeFileSync(
        script,
        `import { selectEngine } from ${JSON.stringify(join(root, "packages/fer-model/dist/index.js"))};
import { createRequire } from "node:module";
const tf = createRequire(${JSON.stringify(join(root, "packages/fer-model/dist/index.js"))})("@tensorflow/tfjs");
const losses = {};
for (const name of ["tensorflow", "onnx", "wasm"]) {
  let engine;
  try { ({ engine } = await selectEngine(name)); } catch { continue; }
  const model = tf.sequential({ layers: [
    tf.layers.conv2d({ filters: 4, kernelSize: 3, inputShape: [8, 8, 1], activation: "relu", kernelInitializer: tf.initializers.heNormal({ seed: 1 }) }),
    tf.layers.flatten(),
    tf.layers.dense({ units: 3, activation: "softmax", kernelInitializer: tf.initializers.glorotUniform({ seed: 2 }) }),
  ] });
  const step = await engine.prepare({ model, input: { scale: 1 / 255, offset: 0 }, loss: { labelSmoothing: 0 }, seed: 1,
    optimizer: { name: "adam", beta1: 0.9, beta2: 0.999, epsilon: 1e-7, clipNorm: null, weightDecay: 0, ema: null } });
  const inputs = Uint8Array.from({ length: 6 * 64 }, (_, i) => (i * 37) % 256);
  const labels = Float32Array.from({ length: 18 }, (_, i) => (i % 3 === Math.floor(i / 3) % 3 ? 1 : 0));
  losses[name] = [];
  for (let i = 0; i < 5; i++) losses[name].push((await step.step({ inputs, labels, count: 6 }, { learningRate: 0.01 })).loss);
  step.dispose();
}
console.log(JSON.stringify(losses));
`,
      );
      const { status, stdout, stderr } = run(node, [script]);
      expect({ status, failure: status === 0 ? "" : stdout + stderr }).toEqual({ status: 0, failure: "" });
      const losses = JSON.parse(stdout.trim().split("\n").at(-1)!) as Record<string, number[]>;
      const setUp = process.env["FER_CACHE"] ? ["tensorflow"] : [];
      expect(Object.keys(losses)).toEqual(expect.arrayContaining([...setUp, "onnx", "wasm"]));
      for (const other of Object.values(losses)) {
        for (const [i, loss] of other.entries()) expect(Math.abs(loss / losses["wasm"]![i]! - 1)).toBeLessThan(1e-4);
      }
      expect(losses["wasm"]!.at(-1)!).toBeLessThan(losses["wasm"]![0]!);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }, 120_000);
});
