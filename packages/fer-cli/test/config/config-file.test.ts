import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { writeFaces } from "../fixtures/faces.js";
import { emptyFolder, fer } from "../fixtures/fer.js";
import { writeTinyConfig, writeTinyPipeline } from "../fixtures/tiny-pipeline.js";

describe("fer.config.ts", () => {
  it("that fer init writes runs as it is, and its commented lines are the defaults", { timeout: 300_000 }, async () => {
    const folder = emptyFolder();
    writeFaces(join(folder, "faces"));
    expect((await fer(folder, "init", "--adapter", "ckplus", "--split", "subject")).code).toBe(0);
    const file = join(folder, "fer.config.ts");
    const written = readFileSync(file, "utf8");
    expect(written).toContain("// epochs: ");
    const quick = written
      .replaceAll(/^( *)\/\/ (\w+: .*?), \/\/ .*$/gm, "$1$2,")
      .replace(/architecture: .*/, 'architecture: "tiny",')
      .replace(/engine: .*/, 'engine: "wasm",')
      .replace(/epochs: .*/, "epochs: 1,");
    expect(quick).not.toBe(written);
    writeFileSync(file, quick);
    const { code, stderr, stdout } = await fer(folder, "pipeline");
    expect({ code, stderr }).toMatchObject({ code: 0 });
    expect(stdout).toContain("report: runs/ckplus/report.html");
  });

  it("may hold an adapter, a model and callbacks of one's own", { timeout: 300_000 }, async () => {
    const folder = emptyFolder();
    writeFaces(join(folder, "faces"));
    const source = `
      import { writeFileSync } from "node:fs";
      import { defineConfig } from "@fer/cli";
      import { adapters, defineAdapter } from "@fer/dataset-extractors";
      import type { Callback } from "@fer/model";
      import * as tf from "@tensorflow/tfjs";

      const mine = defineAdapter({ ...adapters["ckplus"]!, name: "mine", title: "My faces" });
      const model = tf.sequential({ layers: [
        tf.layers.flatten({ inputShape: [48, 48, 1] }),
        tf.layers.dense({ units: 7, activation: "softmax", kernelInitializer: tf.initializers.glorotUniform({ seed: 1 }) }),
      ] });
      const epochs: number[] = [];
      const watch: Callback = { name: "watch", onEpochEnd: ({ epoch }) => { epochs.push(epoch); writeFileSync("epochs.json", JSON.stringify(epochs)); } };
      export default defineConfig({
        extract: [{ adapter: mine, from: "faces", to: "data/mine" }],
        assemble: { name: "mine", to: "features", split: "subject" },
        train: { to: "runs/mine", engine: "cpu", epochs: 3, valShare: 0, model, callbacks: [watch], report: false },
      });`;
    writeFileSync(join(folder, "fer.config.ts"), source);
    const first = await fer(folder, "pipeline", "--json");
    expect(first).toMatchObject({ code: 0 });
    expect(JSON.parse(readFileSync(join(folder, "epochs.json"), "utf8"))).toEqual([1, 2, 3]);
    expect(JSON.parse(readFileSync(join(folder, "data/mine/dataset.json"), "utf8"))).toMatchObject({ adapter: "mine" });
    expect(JSON.parse(readFileSync(join(folder, "runs/mine/model.json"), "utf8"))).toMatchObject({
      architecture: "custom",
    });

    const second = JSON.parse((await fer(folder, "pipeline", "--json")).stdout) as { stages: { skipped: boolean }[] };
    expect(second.stages.map(({ skipped }) => skipped)).toEqual([true, true, true]);

    writeFileSync(join(folder, "fer.config.ts"), source.replace("seed: 1", "seed: 2"));
    const third = await fer(folder, "pipeline", "--json");
    const stages = (JSON.parse(third.stdout) as { stages: { skipped: boolean }[] }).stages;
    expect(stages.map(({ skipped }) => skipped)).toEqual([true, true, false]);
    expect(third.stderr).toContain("train: options, data or version changed, runs/mine is made again");
  });

  it("lets fer extract and fer datasets know an adapter of one's own", async () => {
    const folder = emptyFolder();
    const source = `
      import { defineConfig } from "@fer/cli";
      import { defineAdapter } from "@fer/dataset-extractors";
      import { z } from "zod";

      const mine = defineAdapter({
        name: "mine", title: "My faces", citation: "none", licence: "mine", homepage: "none", access: "my disk",
        imageKind: "crop", groupKind: "none", groupSpace: "mine", splits: ["all"], verified: "synthetic only",
        options: z.strictObject({ start: z.string().default("S").describe("What names begin with") }),
        forms: [{
          name: "flat", tree: "S*.png",
          detect: (folder) => folder,
          async *read(folder, { start }, tally) {
            for (const file of folder.images().filter((name) => name.includes("/" + start))) {
              tally.rows();
              yield { id: file.replaceAll(/\\W/g, "-"), image: { file }, expression: "happy", source: file };
            }
          },
        }],
      });
      export default defineConfig({ extract: [{ adapter: mine, from: "faces", to: "data/mine" }] });`;
    writeFaces(join(folder, "faces"));
    writeFileSync(join(folder, "fer.config.ts"), source);
    const extracted = await fer(folder, "extract", "mine", "--json");
    expect(extracted.stderr).toContain("options from <folder>/fer.config.ts: extract");
    const info = JSON.parse(extracted.stdout) as { adapter: string; total: number };
    expect(info).toMatchObject({ adapter: "mine", form: "flat", options: { start: "S" } });
    expect(info.total).toBeGreaterThan(0);
    // flags win, the adapter's own among them
    const other = await fer(folder, "extract", "mine", "--start", "S015", "--to", "data/other", "--json");
    const less = JSON.parse(other.stdout) as { total: number };
    expect(less).toMatchObject({ options: { start: "S015" } });
    expect(less.total).toBeLessThan(info.total);

    expect((await fer(folder, "extract", "mine", "--help")).stdout).toContain("What names begin with");
    const rows = JSON.parse((await fer(folder, "datasets", "--json")).stdout) as { name: string; title: string }[];
    expect(rows.at(-1)).toMatchObject({ name: "mine", title: "My faces" });
    expect(rows.length).toBeGreaterThan(10);
    expect((await fer(folder, "datasets", "mine")).stdout).toContain("My faces (mine)");
    const { code, stderr } = await fer(folder, "extract", "mien", "--from", "faces", "--to", "x");
    expect({ code, stderr }).toMatchObject({ code: 2 });
    expect(stderr).toContain('Did you mean "mine"?');

    // what is wrong with a config is said by commands, and keeps nobody from help
    writeFileSync(join(folder, "fer.config.ts"), "export default {");
    expect((await fer(folder, "extract", "ckplus", "--help")).code).toBe(0);
    expect((await fer(folder, "datasets")).code).toBe(1);
  });
});

describe("fer.config.json", () => {
  it("gives single commands their options, and flags win", async () => {
    const folder = emptyFolder();
    writeTinyPipeline(folder);
    expect((await fer(folder, "extract", "ckplus")).code).toBe(0);
    const set = JSON.parse((await fer(folder, "assemble", "out/data/faces", "--seed", "7", "--json")).stdout) as object;
    expect(set).toMatchObject({ name: "faces", policy: "subject", seed: 7 });
  });

  it("makes the pipeline redo only what a changed option decides", { timeout: 300_000 }, async () => {
    const folder = emptyFolder();
    writeTinyPipeline(folder);
    const stages = async (): Promise<Record<string, boolean>> => {
      const { stdout } = await fer(folder, "pipeline", "--json");
      const parsed = JSON.parse(stdout) as { stages: { stage: string; skipped: boolean }[] };
      return Object.fromEntries(parsed.stages.map(({ stage, skipped }) => [stage, skipped]));
    };
    expect(await stages()).toEqual({ "extract faces": false, assemble: false, train: false, report: false });
    expect(await stages()).toEqual({ "extract faces": true, assemble: true, train: true, report: true });
    writeTinyConfig(folder, { epochs: 3 });
    expect(await stages()).toEqual({ "extract faces": true, assemble: true, train: false, report: false });
  });
});
