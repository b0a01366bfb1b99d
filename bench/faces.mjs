/**
 * Faces in photos: scenes whose faces are known (`peers/face_scenes.mjs`), 24 to 400 pixels across, turned by up to 45
 * degrees; recall by size and turn, false faces, scenes a second, and the expressions named, over all faces and over those
 * that were found. Peers look at the same scenes.
 *
 * The detector's threshold is looked at on other scenes, of another seed, than everything else is measured on.
 *
 * `FER_DATA` holds `ckplus-seed`. `FER_BENCH_RUN` is a run, or another model, that names expressions; without it only
 * finding is measured. `FER_BENCH_SCENES` is the number of scenes, 200.
 */
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { loadModel, openFaceDetector } from "@fer/model";
import { Recognizer } from "@fer/recognizer";
import { framesOf, makeScene, OTHER_SEED } from "./peers/face_scenes.mjs";
import { installedPeers } from "./peers/installed_peers.mjs";

export const peers =
  "@vladmandic/human 3.3.6 and @vladmandic/face-api 1.7.15 (ssd_mobilenetv1), on tfjs-backend-wasm 4.22.0";

const SCENES = Number(process.env.FER_BENCH_SCENES ?? 200);
export const title = `Faces in ${SCENES} made-up scenes: found, and their expressions`;
/** Scenes of the other seed. */
const CHOSEN_ON = Math.ceil(0.3 * SCENES);
/** Thresholds that are looked at there, and the one that the detector has. */
const THRESHOLDS = [0.5, 0.6, 0.66, 0.72, 0.78, 0.84];
const DEFAULT = 0.72;
const GROUPS = {
  "all faces": () => true,
  "heads of 24 to 48 pixels": ({ size }) => size < 48,
  "heads of 48 to 100 pixels": ({ size }) => size >= 48 && size < 100,
  "heads above 100 pixels": ({ size }) => size >= 100,
  "turned by up to 20 degrees": ({ turn }) => Math.abs(turn) < Math.PI / 9,
  "turned by 20 to 45 degrees": ({ turn }) => Math.abs(turn) >= Math.PI / 9,
};

export async function run({ log }) {
  if (process.env.FER_DATA === undefined) throw new Error("Set FER_DATA to a folder with ckplus-seed");
  const folder = join(process.env.FER_DATA, "ckplus-seed");
  const frames = framesOf(folder);
  const home = installedPeers();
  const subjects = { "@fer": await own() };
  const script = fileURLToPath(new URL("peers/face_peers.mjs", import.meta.url));
  const scenes = [];
  const found = { "@fer": { rows: [], ms: 0 } };
  for (let i = 0; i < SCENES; i++) {
    const { picture, faces } = await makeScene(i, { frames });
    scenes.push(faces);
    const start = performance.now();
    found["@fer"].rows.push(await subjects["@fer"](picture));
    found["@fer"].ms += performance.now() - start;
  }
  log(`@fer: ${(found["@fer"].ms / SCENES).toFixed(0)} ms a scene`);
  for (const peer of ["human", "face-api"]) {
    const text = execFileSync(process.execPath, [script, peer, home, folder, String(SCENES)], {
      encoding: "utf8",
      maxBuffer: 2 ** 28,
      stdio: ["ignore", "pipe", "ignore"],
    });
    found[peer] = JSON.parse(text.trim().split("\n").at(-1));
    log(`${peer}: ${(found[peer].ms / SCENES).toFixed(0)} ms a scene`);
  }
  return [
    ...(await thresholdRows(frames, log)),
    ...Object.entries(found).flatMap(([subject, seen]) => rowsOf(subject, seen, scenes)),
  ];
}

/** Recall and false faces by threshold, on scenes that nothing else is measured on. */
async function thresholdRows(frames, log) {
  const detector = await openFaceDetector({ least: THRESHOLDS[0] });
  const [scenes, rows] = [[], []];
  for (let i = 0; i < CHOSEN_ON; i++) {
    const { picture, faces } = await makeScene(i, { frames, seed: OTHER_SEED });
    scenes.push(faces);
    rows.push(
      (await detector.detect(picture)).map(({ box, score }) => Object.assign({ score, expression: null }, box)),
    );
  }
  detector.dispose();
  const found = THRESHOLDS.map((least) => {
    const kept = rows.map((faces) => faces.filter(({ score }) => score >= least));
    const [all, ...others] = rowsOf("@fer", { rows: kept, ms: 1 }, scenes);
    return { least, recall: all.value, strangers: others.find((each) => each.case === "false faces a scene").value };
  });
  for (const { least, recall, strangers } of found)
    log(`threshold ${least}, other scenes: recall ${recall.toFixed(1)} %, ${strangers.toFixed(2)} false faces a scene`);
  const of = (least) => `${CHOSEN_ON} other scenes, threshold ${least}${least === DEFAULT ? " (the default)" : ""}`;
  return found.flatMap(({ least, recall, strangers }) => [
    { subject: "@fer", case: `${of(least)}: recall`, value: recall, unit: "%", ratio: null },
    { subject: "@fer", case: `${of(least)}: false faces a scene`, value: strangers, unit: "", ratio: null },
  ]);
}

/** A function from a picture to its faces, and their expressions where there is a model. */
async function own() {
  const detector = await openFaceDetector();
  const source = process.env.FER_BENCH_RUN;
  const recognizer = source === undefined ? undefined : new Recognizer({ detector, model: await loadModel(source) });
  const look = (picture) => (recognizer === undefined ? detector.detect(picture) : recognizer.recognize(picture));
  await look({ width: 64, height: 64, channels: 1, data: new Uint8Array(4096) });
  return async (picture) =>
    (await look(picture)).map(({ box, expression = null }) => Object.assign({ expression }, box));
}

/** Canonical classes in the order of CK+'s labels. */
const CLASSES = ["neutral", "anger", "disgust", "fear", "happy", "sad", "surprise"];

function rowsOf(subject, { rows, ms }, scenes) {
  const faces = [];
  let strangers = 0;
  for (const [i, truth] of scenes.entries()) {
    const left = new Set(rows[i]);
    for (const face of truth) {
      const own = [...left]
        .filter((each) => isSame(each, face))
        .sort((a, b) => distance(a, face) - distance(b, face))[0];
      if (own !== undefined) left.delete(own);
      faces.push({ ...face, found: own !== undefined, isRight: own?.expression === CLASSES[face.label] });
    }
    strangers += left.size;
  }
  const knows = rows.some((row) => row.some(({ expression }) => expression !== null));
  const row = (of, value, unit) => ({ subject, case: of, value, unit, ratio: null });
  const share = (some, what) => (100 * some.filter(what).length) / some.length;
  const found = faces.filter((face) => face.found);
  return [
    ...Object.entries(GROUPS).map(([of, isOne]) => {
      const some = faces.filter(isOne);
      return row(
        `recall, ${of} (${some.length})`,
        share(some, (face) => face.found),
        "%",
      );
    }),
    row("false faces a scene", strangers / scenes.length, ""),
    row("scenes a second", (1000 * scenes.length) / ms, "scenes/s"),
    ...(knows
      ? [
          row(
            "accuracy over all faces",
            share(faces, (face) => face.isRight),
            "%",
          ),
          row(
            "accuracy over those found",
            share(found, (face) => face.isRight),
            "%",
          ),
        ]
      : []),
  ];
}

const distance = ({ x, y, width, height }, face) => Math.hypot(x + width / 2 - face.x, y + height / 2 - face.y);

/** A box in the middle of the head, half to one and a half times as wide. */
const isSame = (box, face) =>
  distance(box, face) < 0.35 * face.size && box.width > 0.5 * face.size && box.width < 1.6 * face.size;
