/** What our side of the benchmarks trains on: the options of a step, and a batch of 48 x 48 pictures of seven classes. */

const ADAM = { name: "adam", beta1: 0.9, beta2: 0.999, epsilon: 1e-7, clipNorm: null, ema: null };

/** Plain Adam, as the peers use it, unless told otherwise. */
export const stepOptions = (model, { labelSmoothing = 0, weightDecay = 0, ...more } = {}) => ({
  model,
  input: { scale: 1 / 127.5, offset: -1 },
  loss: { labelSmoothing },
  optimizer: { ...ADAM, weightDecay },
  seed: 1,
  ...more,
});

/** Pixels from a hash of their place, labels in turn. */
export function batchOf(count) {
  const inputs = Uint8Array.from({ length: count * 48 * 48 }, (_, i) => Math.imul(i, 2654435761) >>> 24);
  const labels = new Float32Array(count * 7);
  for (let row = 0; row < count; row++) labels[row * 7 + (row % 7)] = 1;
  return { inputs, labels, count };
}
