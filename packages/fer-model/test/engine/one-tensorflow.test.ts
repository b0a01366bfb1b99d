import { FerTrainer, selectEngine } from "@fer/model";
import { afterAll, beforeAll, expect, test } from "vitest";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { LayersModel } from "@tensorflow/tfjs";
import { tinySet } from "../tiny-set.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "fer-two-"));
});
afterAll(() => rm(folder, { recursive: true }));

test("a model of another copy of TensorFlow.js is refused with the way out", async () => {
  const set = await tinySet(join(folder, "set"));
  // Not an instance of the LayersModel that @fer/model loads, like one of another copy.
  const model = { inputs: [], outputs: [] } as unknown as LayersModel;
  const fit = new FerTrainer({ engine: "cpu", to: join(folder, "run") }).fit(set, { model });
  await expect(fit).rejects.toThrowErrorMatchingInlineSnapshot(
    `[EngineError: @tensorflow/tfjs: the model was made by another copy than the one that @fer/model loads. Expected one copy in the process. Run \`npm ls @tensorflow/tfjs @tensorflow/tfjs-core\`, install one version of @tensorflow/tfjs at the top level and run \`npm dedupe\`.]`,
  );
  set.close();
});

test("a second copy in the process is found and named", async () => {
  const dist = join(folder, "node_modules/@tensorflow/tfjs-core/dist");
  await mkdir(dist, { recursive: true });
  const second = join(dist, "tf-core.node.js");
  await writeFile(second, "");
  const require = createRequire(import.meta.url);
  require(second);
  const { engine } = await selectEngine("cpu");
  const prepared = engine.prepare({} as never);
  await expect(prepared).rejects.toThrow(
    /^@tensorflow\/tfjs: 2 copies are loaded: .+Expected one copy in the process\. Run `npm ls/s,
  );
  await expect(prepared).rejects.toThrow(second);
  delete require.cache[require.resolve(second)];
});
