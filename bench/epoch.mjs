/**
 * Training with the real input pipeline (rows of FER2013's 28,709 images, standardised, augmented, in batches of 64)
 * against the bare step on one batch in memory, in turns: a training is stopped after some seconds and goes on from its
 * checkpoint. Then the pipeline alone, the step replaced by nothing. `FER_DATA` holds the archive;
 * `FER_BENCH_ENGINE` (default tensorflow) trains; `FER_BENCH_SECONDS` (default 10) is the length of a turn.
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

export const title = "An epoch with the input pipeline against the bare step";
export const peers = "the bare step of the same engine, in turns with the training";

const BATCH = 64;
const ENGINE = process.env.FER_BENCH_ENGINE ?? "tensorflow";
const SECONDS = Number(process.env.FER_BENCH_SECONDS ?? 10);
const TURNS = 4;
const NETS = ["fer-vgg", "fer-resnet9", "fer-cnn"];
/** Steps in which engines compile. */
const WARM = 5;

/** Images a second of the bare step. */
async function bareStep(step) {
  const batch = batchOf(BATCH);
  const run = () => step.step(batch, { learningRate: 1e-3 });
  for (let i = 0; i < WARM; i++) await run();
  const started = performance.now();
  let images = 0;
  while (performance.now() - started < SECONDS * 1000) {
    await run();
    images += BATCH;
  }
  return (1000 * images) / (performance.now() - started);
}

/** Images a second of a training that goes on for some seconds. Validation between two epochs is not counted. */
async function training(set, options) {
  const controller = new AbortController();
  let seen = 0;
  let steps = 0;
  let milliseconds = 0;
  let last;
  const began = performance.now();
  const clock = {
    name: "clock",
    onStepEnd({ step }) {
      const now = performance.now();
      if (++seen > WARM && step > 1) {
        milliseconds += now - last;
        steps++;
      }
      last = now;
      if (milliseconds > SECONDS * 1000) controller.abort();
    },
  };
  await new FerTrainer(options).fit(set, { callbacks: [clock], signal: controller.signal }).catch((error) => {
    if (error.code !== "ABORTED") throw error;
  });
  return { rate: (1000 * steps * BATCH) / milliseconds, waited: performance.now() - began };
}

const median = (values) => values.toSorted((a, b) => a - b)[values.length >> 1];

/** Images a second of the pipeline without a step, and core-microseconds an image. */
async function pipelineAlone(set, { workers, mixup }) {
  const samples = await Subset.of(set.part("train"));
  const { augmentation } = TrainerOptions.parse({});
  const options = {
    batchSize: BATCH,
    seed: 1,
    epochs: 100,
    workers,
    classWeights: "none",
    standardize: true,
    mixup,
    augmentation,
    own: [],
    from: { epoch: 1, step: 0 },
  };
  const batches = openBatches(samples, options);
  const steps = Math.ceil(samples.count / BATCH);
  let images = 0;
  let started = performance.now();
  let used = process.cpuUsage();
  for (let at = 0; performance.now() - started < SECONDS * 1000; at++) {
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
        const bare = [];
        const epochs = [];
        for (let turn = 0; turn < TURNS; turn++) {
          bare.push(await bareStep(step));
          epochs.push((await training(set, options)).rate);
        }
        step.dispose();
        model.dispose();
        // each training against the bare step before it
        const ratio = median(epochs.map((rate, turn) => rate / bare[turn]));
        const name = `${architecture} ${precision} on ${ENGINE}, batch ${BATCH}`;
        row("bare step", name, { value: median(bare) });
        row("training with pipeline / bare step", name, { value: median(epochs), ratio });
      }
    }
    set.close();
    return rows;
  } finally {
    rmSync(out, { recursive: true, force: true });
  }
}
