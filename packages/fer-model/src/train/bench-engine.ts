/** How fast an engine trains: images a second of one architecture on random pictures, compiling left out. */
import { keyedRandom } from "@fer/core";
import {
  type ArchitectureName,
  type ArchitectureOptions,
  architectures,
  type NetOptions,
} from "../architectures/index.js";
import type { LayersModel } from "@tensorflow/tfjs";
import type { Engine } from "../engine/engine.js";
import { TrainerOptions } from "./options.js";
import { prepareOptions } from "./task.js";

/** What is timed. */
export interface BenchOptions {
  architecture: ArchitectureName | ((options: ArchitectureOptions) => LayersModel);
  /** Options of the architecture's own. */
  net?: NetOptions;
  /** Edge of the images in pixels; default 48. */
  size?: number;
  batchSize: number;
  /** Time to measure for, in seconds, after two warm-up steps; one step where that takes longer. */
  seconds: number;
  signal?: AbortSignal | undefined;
}

/**
 * Training speed in images a second, with the recipe that training takes by default, on grey images and seven classes.
 *
 * @throws the signal's reason where it is aborted
 * @example
 * ```ts
 * import { benchEngine, selectEngine } from "@fer/model";
 *
 * const { engine } = await selectEngine("cpu");
 * const rate = await benchEngine(engine, { architecture: "tiny", batchSize: 2, seconds: 0.1 });
 * console.log(rate > 0); // true
 * ```
 */
export async function benchEngine(
  engine: Engine,
  { architecture, net = {}, size = 48, batchSize, seconds, signal }: BenchOptions,
): Promise<number> {
  const options = TrainerOptions.parse({ precision: "float32" });
  const shape = { size, channels: 1, classes: 7, seed: options.seed } as const;
  const model =
    typeof architecture === "function" ? architecture(shape) : architectures[architecture].build({ ...shape, ...net });
  const next = keyedRandom(options.seed, "bench");
  const inputs = Uint8Array.from({ length: batchSize * size * size }, () => Math.floor(next() * 256));
  const labels = new Float32Array(batchSize * 7);
  for (let row = 0; row < batchSize; row++) labels[row * 7 + (row % 7)] = 1;
  const step = await engine.prepare(prepareOptions({ options, model, precision: "float32" }));
  const now = (): number => performance.now() / 1000;
  const train = () => step.step({ inputs, labels, count: batchSize }, { learningRate: options.learningRate });
  try {
    const first = now();
    await train();
    // an engine that takes the whole time for one step is not asked for more
    if (now() - first > seconds) return batchSize / (now() - first);
    await train();
    const started = now();
    let images = 0;
    let elapsed = 0;
    while (elapsed < seconds) {
      signal?.throwIfAborted();
      await train();
      images += batchSize;
      elapsed = now() - started;
    }
    return images / elapsed;
  } finally {
    step.dispose();
    model.dispose();
  }
}
