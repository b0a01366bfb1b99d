/**
 * Labels that look wrong: 5 % of FER2013's 28,709 training images were given another label at random. How many of those
 * are found by a quick network in four folds, and how many of what is flagged they are; FER2013's own wrong labels count
 * as right here, so that precision is a lower bound. Peer: cleanlab on the same predictions.
 *
 *     FER_BENCH_IMAGES=6000   FER_BENCH_EPOCHS=8   FER_BENCH_PREDICTIONS=file.json, which keeps the predictions, or has them
 */
import { execFileSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { shuffle, splitRandom } from "@fer/core";
import { openSet } from "@fer/core/set";
import { extract } from "@fer/dataset-extractors";
import { FerTrainer, findMislabelled, foldPredictions, MISLABELLED_ODDS } from "@fer/model";
import { Assembler } from "@fer/split-assembler";

export const title = "Mislabelled images: 5 % of FER2013's labels flipped at random";
export const peers = "Python, cleanlab 2.9.0, on the same out-of-fold probabilities";

const IMAGES = Number(process.env.FER_BENCH_IMAGES ?? 28_709);
const EPOCHS = Number(process.env.FER_BENCH_EPOCHS ?? 12);
const FLIPPED = 0.05;
const ODDS = [1, 5, 10, 15, 20, 30];
const NET = `mini-xception, ${EPOCHS} epochs`;
const CLASSES = ["angry", "disgust", "fear", "happy", "sad", "surprise", "neutral"];
/** What the archive calls a picture. */
const NAME = /Training_\d+/;
const peer = fileURLToPath(new URL("peers/cleanlab_issues.py", import.meta.url));

export async function run({ log, python }) {
  if (python === undefined) throw new Error("Set FER_PYTHON to a Python with the packages of bench/requirements.txt");
  const scratch = mkdtempSync(join(process.env.FER_BENCH_SCRATCH ?? tmpdir(), "fer-bench-mislabelled-"));
  try {
    const file = process.env.FER_BENCH_PREDICTIONS ?? join(scratch, "predictions.json");
    if (!existsSync(file)) writeFileSync(file, JSON.stringify(await predicted(scratch, log)));
    const { isFlipped, accuracy, minutes, ...predictions } = JSON.parse(readFileSync(file, "utf8"));
    const theirs = JSON.parse(execFileSync(python, [peer, file], { encoding: "utf8", maxBuffer: 2 ** 26 }));
    const flips = isFlipped.filter(Boolean).length;
    const of = `${isFlipped.length.toLocaleString("en-US")} images, ${flips} flipped`;
    const row = (subject, what, value, unit) => ({ subject, case: `${of}: ${what}`, value, unit, ratio: null });
    const rowsOf = (subject, flagged) => {
      const hits = (list) => list.filter((i) => isFlipped[i]).length;
      const first = flagged.slice(0, flips);
      return [
        row(subject, "flagged", flagged.length, "images"),
        row(subject, "precision", (100 * hits(flagged)) / flagged.length, "%"),
        row(subject, "recall", (100 * hits(flagged)) / flips, "%"),
        row(subject, "precision of the first as many as were flipped", (100 * hits(first)) / first.length, "%"),
      ];
    };
    const ours = (odds) => findMislabelled(predictions, { odds }).map(({ sample }) => sample);
    const both = new Set(theirs.confident_learning);
    return [
      row(NET, "accuracy against the labels as they are", 100 * accuracy, "%"),
      row(NET, "training of four folds", minutes, "minutes"),
      ...ODDS.flatMap((odds) =>
        rowsOf(`@fer, odds ${odds}${odds === MISLABELLED_ODDS ? " (default)" : ""}`, ours(odds)),
      ),
      ...rowsOf("cleanlab, confident_learning", theirs.confident_learning),
      ...rowsOf("cleanlab, prune_by_noise_rate", theirs.prune_by_noise_rate),
      row(
        "@fer, odds 1",
        "flagged by cleanlab's confident_learning too",
        (100 * ours(1).filter((i) => both.has(i)).length) / ours(1).length,
        "%",
      ),
    ];
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

/** Trains four folds, as `fer mislabelled` does; what they say of the images that they were not trained on. */
async function predicted(scratch, log) {
  const data = process.env.FER_DATA;
  if (data === undefined) throw new Error("Set FER_DATA to the folder with fer2013-train-and-public.tar.gz");
  execFileSync("tar", ["xzf", join(data, "fer2013-train-and-public.tar.gz"), "-C", scratch, "train"]);
  const flipped = flip(join(scratch, "train"), join(scratch, "faces"));
  await extract({ adapter: "folders", from: join(scratch, "faces"), to: join(scratch, "images") });
  const options = {
    name: "flipped",
    split: "kfold",
    folds: 4,
    near: false,
    page: false,
    to: join(scratch, "features"),
  };
  (await new Assembler(options).assemble([join(scratch, "images")])).close();
  const set = await openSet(join(scratch, "features", "flipped"));
  log(`training four folds of ${set.part("all").count} images`);
  const began = performance.now();
  const trainer = new FerTrainer({
    architecture: "mini-xception",
    epochs: EPOCHS,
    recipe: "none",
    batchSize: 64,
    learningRate: 0.003,
    baselines: false,
    to: join(scratch, "run"),
  });
  const trained = await trainer.fit(set);
  const minutes = (performance.now() - began) / 60_000;
  const { labels, probabilities, classes, samples } = await foldPredictions(trained, set);
  set.close();
  const isFlipped = samples.map(({ source }) => flipped.has(NAME.exec(source)[0]));
  const { accuracy } = trained.metrics;
  return { labels: [...labels], probabilities: [...probabilities], classes, isFlipped, accuracy, minutes };
}

/** Copies some images, a few of them into the folder of another class; returns the names of those. */
function flip(train, to) {
  const files = CLASSES.flatMap((name) =>
    readdirSync(join(train, name))
      .sort()
      .map((file) => ({ name, file })),
  );
  const order = shuffle(Uint32Array.from(files.keys()), splitRandom(5, "images")).slice(0, IMAGES);
  const random = splitRandom(5, "flips");
  const flipped = new Set();
  for (const name of CLASSES) mkdirSync(join(to, name), { recursive: true });
  for (const [rank, at] of [...order].entries()) {
    const { name, file } = files[at];
    const others = CLASSES.filter((other) => other !== name);
    const isFlipped = rank < Math.round(FLIPPED * order.length);
    const into = isFlipped ? others[Math.floor(random() * others.length)] : name;
    if (isFlipped) flipped.add(NAME.exec(file)[0]);
    cpSync(join(train, name, file), join(to, into, file));
  }
  return flipped;
}
