/** From nothing to the first trained batch, for bench/start.mjs: fer_start.mjs <net> <engine>; prints milliseconds. */
import { batchOf, stepOptions } from "./fer_case.mjs";

const started = performance.now();
const { architectures, selectEngine } = await import("@fer/model");
const [net, engineName] = process.argv.slice(2);
const imported = performance.now();
const { engine } = await selectEngine(engineName);
const model = architectures[net].build();
const built = performance.now();
const step = await engine.prepare(stepOptions(model));
const prepared = performance.now();
const batch = batchOf(64);
await step.step(batch, { learningRate: 1e-3 });
const first = performance.now();
await step.step(batch, { learningRate: 1e-3 });
const second = performance.now();
process.stdout.write(
  JSON.stringify({
    import: imported - started,
    "engine and model": built - imported,
    prepare: prepared - built,
    "first step": first - prepared,
    "second step": second - first,
  }),
);
step.dispose();
