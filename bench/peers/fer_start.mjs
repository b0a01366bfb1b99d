/** From nothing to the first trained batch, for bench/start.mjs: fer_start.mjs <net> <engine>; prints milliseconds. */
const started = performance.now();
const { architectures, selectEngine } = await import("@fer/model");
const [net, engineName] = process.argv.slice(2);
const imported = performance.now();
const { engine } = await selectEngine(engineName);
const model = architectures[net].build();
const built = performance.now();
const step = await engine.prepare({
  model,
  input: { scale: 1 / 127.5, offset: -1 },
  loss: { labelSmoothing: 0 },
  optimizer: { name: "adam", beta1: 0.9, beta2: 0.999, epsilon: 1e-7, clipNorm: null, weightDecay: 0, ema: null },
  seed: 1,
});
const prepared = performance.now();
const batch = {
  inputs: new Uint8Array(64 * 48 * 48).map((_, i) => i * 7),
  labels: new Float32Array(64 * 7),
  count: 64,
};
for (let row = 0; row < 64; row++) batch.labels[row * 7 + (row % 7)] = 1;
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
