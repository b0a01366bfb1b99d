/**
 * Training with the real input pipeline (images of FER2013, standardised, augmented, in batches of 64) against the bare
 * step on one batch in memory. Both run in turns of {@link STEPS} steps: an epoch of the training, then as many bare
 * steps, and each epoch is compared with the bare steps after it, so that a machine that other work slows meanwhile slows
 * both. Then the pipeline alone, the step replaced by nothing. `FER_DATA` holds the archive; `FER_BENCH_ENGINE` (default
 * tensorflow) trains; `FER_BENCH_SECONDS` (default 60) is spent on each net and precision.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { extract } from "@fer/dataset-extractors";
import { FerTrainer, TrainerOptions, architectures, selectEngine } from "@fer/model";
import { Assembler } from "@fer/split-assembler";
import { openBatches } from "../packages/fer-model/dist/data/pipeline.js";
import { Subset } from "../packages/fer-model/dist/data/subset.js";
import { batchOf, stepOptions } from "./peers/fer_case.mjs";
import { median } from "./peers/median.mjs";

export const title = "An epoch with the input pipeline against the bare step";
export const peers = "the bare step of the same engine, in turns with the training; ratio: median of all pairs";

const BATCH = 64;
const ENGINE = process.env.FER_BENCH_ENGINE ?? "tensorflow";
const SECONDS = Number(process.env.FER_BENCH_SECONDS ?? 60);
/** Of the pipeline alone. */
const PIPELINE_SECONDS = Math.min(SECONDS, 10);
const NETS = ["fer-vgg", "fer-resnet9", "fer-cnn"];
/** Of an epoch. */
const STEPS = 16;
/** Pairs of which a median is taken, at least. */
const PAIRS = 5;
/** Epochs in which engines compile. */
const WARM = 2;

/** Milliseconds of a step in each pair: in training, and bare. Validation between two epochs is not counted. */
async function pairs(set, { options, step }) {
  const batch = batchOf(BATCH);
  const bareSteps = async () => {
    await step.step(batch, { learningRate: 1e-3 });
    const started = performance.now();
    for (let i = 1; i < STEPS; i++) await step.step(batch, { learningRate: 1e-3 });
    return (performance.now() - started) / (STEPS - 1);
  };
  const found = [];
  let times = [];
  let last = 0;
  let started = performance.now();
  const clock = {
    name: "clock",
    onStepEnd({ step }) {
      const now = performance.now();
      if (step > 1) times.push(now - last);
      last = now;
    },
    async onEpochEnd({ epoch }, control) {
      const training = times.reduce((sum, time) => sum + time, 0) / times.length;
      times = [];
      const bare = await bareSteps();
      if (epoch === WARM) started = performance.now();
      if (epoch > WARM) found.push({ training, bare });
      if (found.length >= PAIRS && performance.now() - started > SECONDS * 1000) control.stop("measured");
    },
  };
  await new FerTrainer(options).fit(set, { callbacks: [clock] });
  return found;
}

/** Images a second of the pipeline without a step, and core-microseconds an image. */
async function pipelineAlone(set, { workers, mixup }) {
  const samples = await Subset.of(set.part("train"));
  const asked = TrainerOptions.parse({ epochs: 100, batchSize: BATCH, workers, mixup });
  const options = {
    ...asked,
    standardize: true,
    own: [],
    rowWeights: null,
    targets: null,
    from: { epoch: 1, step: 0 },
  };
  const batches = openBatches(samples, options);
  const steps = Math.ceil(samples.count / BATCH);
  let images = 0;
  let started = performance.now();
  let used = process.cpuUsage();
  for (let at = 0; performance.now() - started < PIPELINE_SECONDS * 1000; at++) {
    if (at === 20) {
      [images, started, used] = [0, performance.now(), process.cpuUsage()];
    }
    images += (await batches.at({ epoch: 1 + Math.floor(at / steps), step: at % steps })).count;
  }
  const milliseconds = performance.now() - started;
  const { user, system } = process.cpuUsage(used);
  batches.close();
  return { rate: (1000 * images) / milliseconds, cost: (user + system) / images };
}

export async function run({ log }) {
  if (!process.env.FER_DATA) throw new Error("FER_DATA is not set: it holds fer2013-train-and-public.tar.gz");
  const out = mkdtempSync(join(tmpdir(), "fer-bench-epoch-"));
  const rows = [];
  const row = (subject, name, { value, unit = "images/s", ratio = null }) => {
    rows.push({ subject, case: name, value, unit, ratio });
    log(`${name}: ${subject} ${value.toFixed(1)} ${unit}${ratio === null ? "" : `, ${ratio.toFixed(3)}`}`);
  };
  try {
    const from = join(process.env.FER_DATA, "fer2013-train-and-public.tar.gz");
    await extract({ adapter: "fer2013", from, to: join(out, "images") });
    const assembler = new Assembler({ name: "fer2013", to: join(out, "features"), split: "official" });
    const set = await assembler.assemble([join(out, "images")]);
    const few = {
      name: "few",
      to: join(out, "few"),
      split: "official",
      limit: { "fer2013/train": STEPS * BATCH, "fer2013/val": BATCH },
    };
    const short = await new Assembler(few).assemble([join(out, "images")]);

    for (const [name, mixup] of [
      ["default augmentation", 0],
      ["with mixup", 0.2],
    ]) {
      for (const workers of [0, 1, 2]) {
        const { rate, cost } = await pipelineAlone(set, { workers, mixup });
        const where = workers === 0 ? "the caller's thread" : `${workers} thread${workers > 1 ? "s" : ""}`;
        row(`pipeline alone, ${where}`, name, { value: rate });
        row(`pipeline alone, ${where}`, name, { value: cost, unit: "core-µs/image" });
      }
    }

    const { engine } = await selectEngine(ENGINE);
    for (const architecture of NETS) {
      for (const precision of ENGINE === "tensorflow" ? ["float32", "bfloat16"] : ["float32"]) {
        const model = architectures[architecture].build();
        const step = await engine.prepare(stepOptions(model, { labelSmoothing: 0.1, weightDecay: 0.05, precision }));
        const to = join(out, `${architecture}-${precision}`);
        const options = { architecture, engine: ENGINE, precision, epochs: 1000, batchSize: BATCH, report: false, to };
        const found = await pairs(short, { options, step });
        step.dispose();
        model.dispose();
        const name = `${architecture} ${precision} on ${ENGINE}, batch ${BATCH}`;
        const rateOf = (of) => (1000 * BATCH) / median(found.map(of));
        const ratio = median(found.map(({ training, bare }) => bare / training));
        row("bare step", name, { value: rateOf(({ bare }) => bare) });
        row("training with pipeline / bare step", name, { value: rateOf(({ training }) => training), ratio });
      }
    }
    short.close();
    set.close();
    return rows;
  } finally {
    rmSync(out, { recursive: true, force: true });
  }
}
