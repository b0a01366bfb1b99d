/**
 * Labels that look wrong: of 6,000 training images of FER2013, 5 % were given another label at random. How many of those
 * are found by a quick network in four folds, and how many of what is flagged they are; FER2013's own wrong labels count
 * as right here, so that precision is a lower bound. Peer: cleanlab on the same predictions. A larger network, and all
 * images, find more: this is sized for two cores (`FER_BENCH_IMAGES`, `FER_BENCH_EPOCHS`).
 */
import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { shuffle, splitRandom } from "@fer/core";
import { openSet } from "@fer/core/set";
import { extract } from "@fer/dataset-extractors";
import { FerTrainer, findMislabelled, foldPredictions } from "@fer/model";
import { Assembler } from "@fer/split-assembler";

export const title = "Mislabelled images: 5 % of FER2013's labels flipped at random";
export const peers = "Python, cleanlab 2.9.0, on the same out-of-fold probabilities";

const IMAGES = Number(process.env.FER_BENCH_IMAGES ?? 6000);
const EPOCHS = Number(process.env.FER_BENCH_EPOCHS ?? 8);
const FLIPPED = 0.05;
const CLASSES = ["angry", "disgust", "fear", "happy", "sad", "surprise", "neutral"];
/** What the archive calls a picture. */
const NAME = /Training_\d+/;
const peer = fileURLToPath(new URL("peers/cleanlab_issues.py", import.meta.url));

export async function run({ log, python }) {
  if (python === undefined) throw new Error("Set FER_PYTHON to a Python with the packages of bench/requirements.txt");
  const data = process.env.FER_DATA;
  if (data === undefined) throw new Error("Set FER_DATA to the folder with fer2013-train-and-public.tar.gz");
  const scratch = mkdtempSync(join(process.env.FER_BENCH_SCRATCH ?? tmpdir(), "fer-bench-mislabelled-"));
  try {
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
      architecture: "fer-vgg",
      epochs: EPOCHS,
      baselines: false,
      to: join(scratch, "run"),
    });
    const trained = await trainer.fit(set);
    const minutes = (performance.now() - began) / 60_000;
    const predictions = await foldPredictions(trained, set);
    const isFlipped = predictions.samples.map(({ source }) => flipped.has(NAME.exec(source)[0]));
    const { labels, probabilities, classes } = predictions;
    const file = join(scratch, "predictions.json");
    writeFileSync(file, JSON.stringify({ labels, probabilities, classes }));
    const theirs = JSON.parse(execFileSync(python, [peer, file], { encoding: "utf8", maxBuffer: 2 ** 26 }));
    const ours = findMislabelled(predictions).map(({ sample }) => sample);
    set.close();
    const of = `${labels.length.toLocaleString("en-US")} images, ${isFlipped.filter(Boolean).length} flipped`;
    const row = (subject, what, value, unit) => ({ subject, case: `${of}: ${what}`, value, unit, ratio: null });
    const rowsOf = (subject, flagged) => {
      const hits = flagged.filter((i) => isFlipped[i]).length;
      const first = flagged.slice(0, isFlipped.filter(Boolean).length);
      return [
        row(subject, "flagged", flagged.length, "images"),
        row(subject, "precision", (100 * hits) / flagged.length, "%"),
        row(subject, "recall", (100 * hits) / isFlipped.filter(Boolean).length, "%"),
        row(
          subject,
          "precision of the first as many as were flipped",
          (100 * first.filter((i) => isFlipped[i]).length) / first.length,
          "%",
        ),
      ];
    };
    const both = new Set(theirs.confident_learning);
    return [
      row(`fer-vgg, ${EPOCHS} epochs`, "accuracy against the labels as they are", 100 * trained.metrics.accuracy, "%"),
      row(`fer-vgg, ${EPOCHS} epochs`, "training of four folds", minutes, "minutes"),
      ...rowsOf("@fer", ours),
      ...rowsOf("cleanlab, confident_learning", theirs.confident_learning),
      ...rowsOf("cleanlab, prune_by_noise_rate", theirs.prune_by_noise_rate),
      row(
        "@fer",
        "flagged by cleanlab's confident_learning too",
        (100 * ours.filter((i) => both.has(i)).length) / ours.length,
        "%",
      ),
    ];
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
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
