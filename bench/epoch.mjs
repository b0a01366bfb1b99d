/**
 * One epoch of `fer-cnn` over FER2013's 28,709 training images with the real input pipeline (rows of the set, augment,
 * step), against the bare step on one batch in memory, measured before and after. `FER_DATA` holds the archive;
 * `FER_BENCH_ENGINE` (default tensorflow) trains.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { extract } from "@fer/dataset-extractors";
import { FerTrainer, architectures, selectEngine } from "@fer/model";
import { Assembler } from "@fer/split-assembler";
import { batchOf, stepOptions } from "./peers/fer_case.mjs";

export const title = "An epoch with the input pipeline against the bare step";
export const peers = "the bare step of the same engine, before and after the epoch";

const BATCH = 64;
const ENGINE = process.env.FER_BENCH_ENGINE ?? "tensorflow";

/** Images a second of the bare step, over about 20 s. */
async function bareStep() {
  const { engine } = await selectEngine(ENGINE);
  const model = architectures["fer-cnn"].build();
  const step = await engine.prepare(stepOptions(model, { labelSmoothing: 0.1, weightDecay: 0.05 }));
  const batch = batchOf(BATCH);
  const run = () => step.step(batch, { learningRate: 1e-3 });
  for (let i = 0; i < 3; i++) await run();
  const started = performance.now();
  let images = 0;
  while (performance.now() - started < 20_000) {
    await run();
    images += BATCH;
  }
  const rate = (1000 * images) / (performance.now() - started);
  step.dispose();
  return rate;
}

export async function run({ log }) {
  if (!process.env.FER_DATA) throw new Error("FER_DATA is not set: it holds fer2013-train-and-public.tar.gz");
  const out = mkdtempSync(join(tmpdir(), "fer-bench-epoch-"));
  try {
    await extract({
      adapter: "fer2013",
      from: join(process.env.FER_DATA, "fer2013-train-and-public.tar.gz"),
      to: join(out, "images"),
    });
    const assembler = new Assembler({ name: "fer2013", to: join(out, "features"), split: "official" });
    const set = await assembler.assemble([join(out, "images")]);
    const before = await bareStep();
    log(`bare step: ${before.toFixed(1)} images/s`);
    let first;
    let last;
    const options = { architecture: "fer-cnn", engine: ENGINE, epochs: 1, batchSize: BATCH, report: false };
    await new FerTrainer({ ...options, to: join(out, "run") }).fit(set, {
      onProgress: ({ stage, done }) => {
        if (stage !== "train" || done === 0) return;
        first ??= { done, time: performance.now() };
        if (done > (last?.done ?? 0)) last = { done, time: performance.now() };
      },
    });
    set.close();
    const epoch = (1000 * (last.done - first.done)) / (last.time - first.time);
    log(`epoch: ${epoch.toFixed(1)} images/s over ${last.done} images`);
    const after = await bareStep();
    log(`bare step: ${after.toFixed(1)} images/s`);
    const bare = (before + after) / 2;
    const row = (subject, value, ratio) => ({
      subject,
      case: `fer-cnn on ${ENGINE}, batch ${BATCH}, ${last.done} images`,
      value,
      unit: "images/s",
      ratio,
    });
    return [
      row("bare step, before", before, null),
      row("bare step, after", after, null),
      row("epoch with pipeline / bare step", epoch, epoch / bare),
    ];
  } finally {
    rmSync(out, { recursive: true, force: true });
  }
}
