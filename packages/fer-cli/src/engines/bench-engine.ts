/** How fast an engine trains: images a second of one architecture on random pictures, compiling left out. */
import { keyedRandom } from "@fer/core";
import { type Engine, architectures } from "@fer/model";

/** What is timed. */
export interface BenchOptions {
  architecture: keyof typeof architectures;
  batchSize: number;
  /** Time to measure for, in seconds, after two warm-up steps; one step where that takes longer. */
  seconds: number;
  signal: AbortSignal;
}

/** Training speed in images a second. */
export async function benchEngine(
  engine: Engine,
  { architecture, batchSize, seconds, signal }: BenchOptions,
): Promise<number> {
  const model = architectures[architecture].build();
  const next = keyedRandom(1, "bench");
  const inputs = Uint8Array.from({ length: batchSize * 48 * 48 }, () => Math.floor(next() * 256));
  const labels = new Float32Array(batchSize * 7);
  for (let row = 0; row < batchSize; row++) labels[row * 7 + (row % 7)] = 1;
  const step = await engine.prepare({
    model,
    input: { scale: 1 / 127.5, offset: -1 },
    loss: { labelSmoothing: 0.1 },
    optimizer: { name: "adam", beta1: 0.9, beta2: 0.999, epsilon: 1e-7, clipNorm: null, weightDecay: 0, ema: null },
    seed: 1,
  });
  try {
    const train = () => step.step({ inputs, labels, count: batchSize }, { learningRate: 1e-3 });
    const now = () => performance.now() / 1000;
    const first = now();
    await train();
    // an engine that takes the whole time for one step is not asked for more
    if (now() - first > seconds) return batchSize / (now() - first);
    await train();
    const started = now();
    let images = 0;
    let elapsed = 0;
    while (elapsed < seconds) {
      signal.throwIfAborted();
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
