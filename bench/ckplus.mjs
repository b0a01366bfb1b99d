/**
 * Accuracy on the 327 CK+ frames of `examples/data/ckplus` (7 classes, 109 people): ten folds over people, every frame
 * predicted once by a network that has seen nobody of its fold; three seeds. Nothing is chosen on a test part: the
 * default recipe without validation, fixed epochs, weights of the last epoch. An interrupted run goes on.
 */
import { mkdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { FerTrainer } from "@fer/model";
import { ckplusSet } from "./peers/ckplus_set.mjs";

export const title = "CK+, ten folds over people, all 327 frames pooled, three seeds";
export const peers = "ridge on raw pixels and the majority class, on the same folds";

const SEEDS = [1, 2, 3];

/** Mean and sample standard deviation. */
function spread(values) {
  const mean = values.reduce((a, b) => a + b, 0) / values.length;
  return { mean, deviation: Math.sqrt(values.reduce((sum, v) => sum + (v - mean) ** 2, 0) / (values.length - 1)) };
}

export async function run({ log }) {
  const out = join(tmpdir(), "fer-bench-ckplus");
  mkdirSync(out, { recursive: true });
  const set = await ckplusSet(out, { name: "ckplus-10", split: "subject-modulo", folds: 10 });

  const all = [];
  for (const seed of SEEDS) {
    const options = { seed, valShare: 0, report: false, to: join(out, `seed-${seed}`) };
    const started = Date.now();
    const { metrics, config } = await new FerTrainer(options).fit(set);
    all.push(metrics);
    const seconds = Math.round((Date.now() - started) / 1000);
    log(
      `seed ${seed}: accuracy ${percent(metrics.accuracy)}, macro-F1 ${percent(metrics.macroF1)}, ${config.engine.name}, ${seconds} s`,
    );
  }
  set.close();

  const row = (subject, what, value, ratio = null) => ({ subject, case: what, value, unit: "%", ratio });
  const ridge = all[0].baselines.ridge;
  const figures = [
    ["accuracy", "accuracy"],
    ["macroF1", "macro-F1"],
    ["balancedAccuracy", "balanced accuracy"],
  ];
  const rows = [];
  for (const [key, name] of figures) {
    const values = all.map((metrics) => 100 * metrics[key]);
    const { mean, deviation } = spread(values);
    for (const [i, value] of values.entries()) rows.push(row("default network", `${name}, seed ${SEEDS[i]}`, value));
    rows.push(
      row("default network", `${name}, mean of ${SEEDS.length} seeds`, mean, mean / (100 * ridge[key])),
      row("default network", `${name}, deviation over seeds`, deviation),
      row("ridge on raw pixels", name, 100 * ridge[key]),
      row("majority class", name, 100 * all[0].baselines.majority[key]),
    );
  }
  return rows;
}

const percent = (share) => `${(100 * share).toFixed(1)} %`;
