/** Every engine through the trainer: what holds for one holds for all. An engine that is absent here is skipped, visibly. */
import { architectures, ENGINES, engines, FerTrainer, selectEngine } from "@fer/model";
import type { AssembledSet } from "@fer/core/set";
import * as tf from "@tensorflow/tfjs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { tinySet } from "../tiny-set.ts";
import { tree } from "../tree.ts";

const statuses = new Map<string, boolean>();
for (const [name, engine] of Object.entries(engines)) statuses.set(name, (await engine.probe()).available);

let folder: string;
let set: AssembledSet;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "fer-engines-"));
  set = await tinySet(join(folder, "set"));
});
afterAll(async () => {
  set.close();
  await rm(folder, { recursive: true });
});

describe.each(ENGINES)("engine %s", (name) => {
  describe.skipIf(!statuses.get(name))("where it runs", () => {
    const options = {
      architecture: "tiny",
      engine: name,
      batchSize: 16,
      learningRate: 0.02,
      augmentation: null,
      report: false,
      // Which side the patch is on is the label here.
      views: 1,
      weights: "best",
    } as const;

    test("the loss falls on a set that can be learned, and all of it is learned", async () => {
      const run = await new FerTrainer({ ...options, epochs: 25, to: join(folder, `${name}-learns`) }).fit(set);
      expect(run.history.at(-1)!.loss).toBeLessThan(run.history[0]!.loss / 2);
      expect(run.metrics!.accuracy).toBe(1);
      expect(run.config.engine).toMatchObject({ name, reason: "asked for" });
    });

    test("training and testing leave no tensor behind", async () => {
      // The first run may fill caches that stay.
      await new FerTrainer({ ...options, epochs: 1, to: join(folder, `${name}-warm`) }).fit(set);
      const before = tf.memory().numTensors;
      const run = await new FerTrainer({ ...options, epochs: 2, to: join(folder, `${name}-counted`) }).fit(set);
      await run.predict(await set.part("test").read([0]));
      expect(tf.memory().numTensors).toBe(before);
    });

    test("the same seed gives the same bytes", async () => {
      const trained = ["a", "b"].map((run) => join(folder, `${name}-same-${run}`));
      for (const to of trained) await new FerTrainer({ ...options, epochs: 2, augmentation: {}, to }).fit(set);
      expect(await tree(trained[1]!)).toEqual(await tree(trained[0]!));
    });

    test("interrupted and started again it ends with the same bytes", async () => {
      const whole = join(folder, `${name}-whole`);
      await new FerTrainer({ ...options, epochs: 4, to: whole }).fit(set);
      const cut = new FerTrainer({ ...options, epochs: 4, to: join(folder, `${name}-cut`) });
      const controller = new AbortController();
      let steps = 0;
      const callbacks = [
        { name: "abort", onStepEnd: () => void (++steps === 8 && controller.abort(new Error("Ctrl-C"))) },
      ];
      await expect(cut.fit(set, { callbacks, signal: controller.signal })).rejects.toMatchObject({ code: "ABORTED" });
      await cut.fit(set);
      expect(await tree(join(folder, `${name}-cut`))).toEqual(await tree(whole));
    });

    test("its losses are those of cpu", async () => {
      const losses = [];
      for (const engine of [name, "cpu"] as const) {
        const to = join(folder, `${name}-against-cpu-${engine}`);
        const run = await new FerTrainer({ ...options, engine, epochs: 4, to }).fit(set);
        losses.push(run.history.map(({ loss }) => loss));
      }
      for (const [epoch, loss] of losses[0]!.entries()) {
        // float32 sums in another order, carried through twelve updates.
        expect(Math.abs(loss / losses[1]![epoch]! - 1)).toBeLessThan(1e-3);
      }
    });

    test("does not change the model that it trains", async () => {
      const model = architectures.tiny.build({ size: 8, classes: 3 });
      const before = model.getWeights().map((weight) => Array.from(weight.dataSync()));
      await new FerTrainer({ ...options, epochs: 1, to: join(folder, `${name}-model`) }).fit(set, { model });
      expect(model.getWeights().map((weight) => Array.from(weight.dataSync()))).toEqual(before);
      model.dispose();
    });
  });
});

test.skipIf(!statuses.get("tensorflow"))(
  "bfloat16 on tensorflow learns as float32 does, to the precision it has",
  async () => {
    const losses = [];
    for (const precision of ["float32", "bfloat16"] as const) {
      const options = { architecture: "tiny", engine: "tensorflow", batchSize: 16, learningRate: 0.02 } as const;
      const more = { augmentation: null, report: false, views: 1, epochs: 6, precision } as const;
      const run = await new FerTrainer({ ...options, ...more, to: join(folder, precision) }).fit(set);
      losses.push(run.history.map(({ loss }) => loss));
    }
    expect(losses[1]).not.toEqual(losses[0]);
    // Eight bits of mantissa, carried through eighteen updates.
    for (const [epoch, loss] of losses[1]!.entries()) expect(Math.abs(loss / losses[0]![epoch]! - 1)).toBeLessThan(0.1);
  },
);

describe("selectEngine", () => {
  test("auto takes one that works, and says why", async () => {
    const { engine, status, reason } = await selectEngine("auto");
    expect(status).toMatchObject({ name: engine.name, available: true });
    expect(reason).not.toBe("");
  });

  test("never takes cpu while something faster works", async () => {
    const { engine } = await selectEngine("auto");
    expect(engine.name === "cpu" && statuses.get("wasm")).toBe(false);
  });

  test.skipIf(statuses.get("tensorflow"))("a named engine that is absent is an error with the remedy", async () => {
    await expect(selectEngine("tensorflow")).rejects.toThrow(/^engine tensorflow: .*To get it: .+/s);
  });
});
