/**
 * Faces in photos: scenes whose faces are known (`peers/face_scenes.mjs`), 24 to 400 pixels across, turned by up to 45
 * degrees; recall by size and turn, false faces, scenes a second, and the expressions named, over all faces and over those
 * that were found. Peers look at the same scenes.
 *
 * `FER_DATA` holds `ckplus-seed`. `FER_BENCH_RUN` is a run, or another model, that names expressions; without it only
 * finding is measured. `FER_BENCH_SCENES` is the number of scenes, 200.
 */
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { cacheFolder } from "@fer/core";
import { loadModel, openFaceDetector } from "@fer/model";
import { Recognizer } from "@fer/recognizer";
import { framesOf, makeScene } from "./peers/face_scenes.mjs";

export const title = "Faces in made-up scenes: found, and their expressions";
export const peers =
  "@vladmandic/human 3.3.6 and @vladmandic/face-api 1.7.15 (ssd_mobilenetv1), on tfjs-backend-wasm 4.22.0";

const SCENES = Number(process.env.FER_BENCH_SCENES ?? 200);
const PACKAGES = [
  "@vladmandic/human@3.3.6",
  "@vladmandic/face-api@1.7.15",
  "@tensorflow/tfjs@4.22.0",
  "@tensorflow/tfjs-backend-wasm@4.22.0",
];
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
  const home = installed(log);
  const subjects = { "@fer": await own() };
  const script = fileURLToPath(new URL("peers/face_peers.mjs", import.meta.url));
  const scenes = [];
  for (let i = 0; i < SCENES; i++) scenes.push((await makeScene(i, { frames })).faces);
  const found = { "@fer": { rows: [], ms: 0 } };
  for (let i = 0; i < SCENES; i++) {
    const { picture } = await makeScene(i, { frames });
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
  return Object.entries(found).flatMap(([subject, seen]) => rowsOf(subject, seen, scenes));
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

/** The folder of the peers, installed where they are not. */
function installed(log) {
  const home = join(cacheFolder(), "bench-faces");
  if (existsSync(join(home, "node_modules/@vladmandic/human"))) return home;
  mkdirSync(home, { recursive: true });
  log(`npm install ${PACKAGES.join(" ")}`);
  const words = ["install", "--no-audit", "--no-fund", "--ignore-scripts", "--prefix", home, ...PACKAGES];
  execFileSync("npm", words, { stdio: "ignore", shell: process.platform === "win32" });
  return home;
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
