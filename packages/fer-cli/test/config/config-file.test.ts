import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { writeFaces } from "../fixtures/faces.js";
import { emptyFolder, fer } from "../fixtures/fer.js";
import { warmFer } from "../fixtures/warm-fer.js";
import { writeTinyPipeline } from "../fixtures/tiny-pipeline.js";

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
    const { code, stderr, stdout } = await warmFer(folder, "pipeline");
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
    expect(first).toMatchObject({ code: 0, stderr: expect.not.stringContaining("already been set") });
    expect(JSON.parse(readFileSync(join(folder, "epochs.json"), "utf8"))).toEqual([1, 2, 3]);
    expect(JSON.parse(readFileSync(join(folder, "data/mine/dataset.json"), "utf8"))).toMatchObject({ adapter: "mine" });
    expect(JSON.parse(readFileSync(join(folder, "runs/mine/model.json"), "utf8"))).toMatchObject({
      architecture: "custom",
    });

    const second = JSON.parse((await warmFer(folder, "pipeline", "--json")).stdout) as { stages: { status: string }[] };
    expect(second.stages.map(({ status }) => status)).toEqual(["kept", "kept", "kept"]);

    writeFileSync(join(folder, "fer.config.ts"), source.replace("seed: 1", "seed: 2"));
    const third = await warmFer(folder, "pipeline");
    expect(third).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('"runs/mine" was made otherwise: given.model'),
    });
    const fourth = await warmFer(folder, "pipeline", "--json", "--overwrite");
    const { stages } = JSON.parse(fourth.stdout) as { stages: { status: string }[] };
    expect(stages.map(({ status }) => status)).toEqual(["kept", "kept", "done"]);
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
          async *read(folder, { start }) {
            for (const file of folder.images().filter((name) => name.includes("/" + start))) {
              yield { id: file.replaceAll(/\\W/g, "-"), image: { file }, expression: "happy", source: file };
            }
          },
        }],
      });
      export default defineConfig({ extract: [{ adapter: mine, from: "faces", to: "data/mine" }] });`;
    writeFaces(join(folder, "faces"));
    writeFileSync(join(folder, "fer.config.ts"), source);
    const extracted = await warmFer(folder, "extract", "mine", "--json");
    expect(extracted.stderr).toContain("options from <folder>/fer.config.ts: extract[0]\n");
    const info = JSON.parse(extracted.stdout) as { adapter: string; total: number };
    expect(info).toMatchObject({ adapter: "mine", form: "flat", options: { start: "S" } });
    expect(info.total).toBeGreaterThan(0);
    // flags win, the adapter's own among them
    const other = await warmFer(folder, "extract", "mine", "--start", "S015", "--to", "data/other", "--json");
    const less = JSON.parse(other.stdout) as { total: number };
    expect(less).toMatchObject({ options: { start: "S015" } });
    expect(less.total).toBeLessThan(info.total);

    const named = ["--config", "fer.config.ts"];
    const rows = JSON.parse((await warmFer(folder, "datasets", ...named, "--json")).stdout) as { name: string }[];
    expect(rows.at(-1)).toMatchObject({ name: "mine", title: "My faces" });
    expect(rows.length).toBeGreaterThan(10);
    const { stdout } = await warmFer(folder, "datasets", "mine", ...named);
    expect(stdout).toContain("My faces (mine)");
    expect(stdout).toContain("What names begin with");
    expect((await warmFer(folder, "datasets", "mine")).stderr).toContain('no dataset is called "mine"');
    const { code, stderr } = await warmFer(folder, "extract", "mien", "--from", "faces", "--to", "x");
    expect({ code, stderr }).toMatchObject({ code: 2 });
    expect(stderr).toContain('Did you mean "mine"?');
  });

  it(
    "runs for the commands that take options from it, which say so, and for no other",
    { timeout: 300_000 },
    async () => {
      const folder = emptyFolder();
      const source = `
      import { appendFileSync } from "node:fs";
      appendFileSync("ran.txt", "x");
      export default { train: { to: "runs/x" } };`;
      writeFileSync(join(folder, "fer.config.ts"), source);
      const runs = (): number =>
        existsSync(join(folder, "ran.txt")) ? readFileSync(join(folder, "ran.txt")).length : 0;
      // help.test.ts looks at the help of every command
      const others = [
        ["datasets"],
        ["download", "emotionet", "--from", "a", "--to", "b"],
        ["inspect", "data"],
        ["evaluate", "runs/x"],
        ["predict", "runs/x", "a.png"],
        ["report", "runs/x"],
        ["export", "data", "--to", "b"],
        ["setup", "tensorflow", "--where"],
        ["train", "-h"],
        ["extract", "ckplus", "--from", "a", "--to", "b", "--no-config"],
        ["assemble", "data", "--name", "x", "--no-config"],
        ["train", "features/x", "--to", "runs/y", "--no-config"],
      ];
      for (const words of others) expect((await warmFer(folder, ...words)).stderr).not.toContain("fer.config");
      expect(runs()).toBe(0);

      const readers = [
        ["extract", "ckplus", "--from", "a", "--to", "b"],
        ["assemble", "data", "--name", "x"],
        ["train", "features/x"],
        ["pipeline"],
        ["train", "--config", "fer.config.ts"],
        ["datasets", "--config=fer.config.ts"],
      ];
      for (const [index, words] of readers.entries()) {
        const { stderr } = await warmFer(folder, ...words);
        expect(stderr).toMatch(/^(options from|read) <folder>\/fer\.config\.ts/);
        expect(runs()).toBe(index + 1);
      }
      expect((await warmFer(folder, "predict", "runs/x", "a.png", "--config", "fer.config.ts")).stderr).toContain(
        "fer predict: there is no flag --config.",
      );
    },
  );

  it("is refused where a section, or what it passes by reference, is something else", async () => {
    const folder = emptyFolder();
    const messages = [];
    for (const config of [
      { train: { to: "runs/x", set: "features/x", model: 3, callbacks: [3] } },
      { extract: { adapter: "ckplus", from: "a", to: "b" } },
      { extract: [{ adapter: 3, from: "a", to: "b" }] },
      { extract: [{ adapter: "ckplus", from: "a", to: "b", options: { frame: 1 } }] },
      { assemble: [] },
      { assemble: { name: "x" } },
      { train: { set: "features/x" } },
    ]) {
      writeFileSync(join(folder, "fer.config.json"), JSON.stringify(config));
      messages.push((await warmFer(folder, "pipeline", "--quiet")).stderr.split("\n")[0]);
    }
    expect(messages.join("\n")).toMatchInlineSnapshot(`
      "error: <folder>/fer.config.json: train.model: received 3. Expected a tf.LayersModel, a function that builds one, or the path of a module that does. <folder>/fer.config.json: train.callbacks.0: received 3 (expected a callback: an object with a name and its moments).
      error: <folder>/fer.config.json: extract: is something else. Expected a list of options.
      error: <folder>/fer.config.json: extract[0].adapter: received 3. Expected the name of a dataset, or an adapter of your own (defineAdapter).
      error: <folder>/fer.config.json: extract[0].options: unknown option "frame". Did you mean "frames"?
      error: <folder>/fer.config.json: assemble: is something else. Expected options of its own.
      error: <folder>/fer.config.json: assemble.folders: is missing. Expected a list.
      error: <folder>/fer.config.json: train.to: is missing. Expected text."
    `);
  });
});

describe("fer.config.json", () => {
  it("is asked by a command for what the words leave out, and for nothing else", async () => {
    const folder = emptyFolder();
    writeFileSync(join(folder, "fer.config.json"), JSON.stringify({ assemble: { seeds: 1 }, train: { to: "runs/x" } }));
    expect((await warmFer(folder, "train")).stderr).toContain('assemble: unknown option "seeds"');
    expect((await warmFer(folder, "train", "other/faces")).stderr).toContain('there is no folder "other"');
  });

  it("gives single commands their options, and flags win", async () => {
    const folder = emptyFolder();
    writeTinyPipeline(folder);
    expect((await warmFer(folder, "extract", "ckplus")).code).toBe(0);
    const set = JSON.parse(
      (await warmFer(folder, "assemble", "out/data/faces", "--seed", "7", "--json")).stdout,
    ) as object;
    expect(set).toMatchObject({ name: "faces", policy: "subject", seed: 7 });
  });
});
