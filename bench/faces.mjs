/**
 * Faces in photos: scenes whose faces are known (`peers/face_scenes.mjs`), 24 to 400 pixels across, turned by up to 45
 * degrees; recall by size and turn, false faces, scenes a second, and the expressions named, over all faces and over those
 * that were found. Peers look at the same scenes.
 *
 * The detector's threshold is looked at on hard scenes of another seed (little contrast, noise, covered parts, heads whose
 * quarters have changed places) than those that everything else is measured on; hard ones are measured too.
 *
 * `FER_DATA` holds `ckplus-seed`. `FER_BENCH_RUN` is a run, or another model, that names expressions; without it only
 * finding is measured. `FER_BENCH_SCENES` is the number of scenes, 200; `FER_BENCH_GROUPS` names what is run: plain, hard and
 * thresholds. What each sees in fifty scenes is kept in the folder `FER_BENCH_KEPT`, where one is named, and not looked at
 * again.
 */
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { loadModel, openFaceDetector } from "@fer/model";
import { Recognizer } from "@fer/recognizer";
import { framesOf, makeScene, OTHER_SEED } from "./peers/face_scenes.mjs";
import { installedPeers } from "./peers/installed_peers.mjs";

export const peers =
  "@vladmandic/human 3.3.6 and @vladmandic/face-api 1.7.15 (ssd_mobilenetv1), on tfjs-backend-wasm 4.22.0";

const SCENES = Number(process.env.FER_BENCH_SCENES ?? 200);
const ASKED = (process.env.FER_BENCH_GROUPS ?? "plain,hard,thresholds").split(",");
export const title = `Faces in ${SCENES} made-up scenes: found, and their expressions`;
const KEPT = process.env.FER_BENCH_KEPT;
/** Hard scenes, of each seed. */
const HARD = Math.ceil(0.3 * SCENES);
/** Scenes that each looks at before it is the next one's turn. */
const TURN = 50;
/** Thresholds that are looked at there, and the one that the detector has. */
const THRESHOLDS = [0.4, 0.5, 0.6, 0.66, 0.72, 0.78, 0.84, 0.9];
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
  const folder = join(process.env.FER_DATA, "ckplus-seed");
  const frames = framesOf(folder);
  const home = installedPeers();
  const scratch = mkdtempSync(join(process.env.FER_BENCH_SCRATCH ?? tmpdir(), "fer-bench-faces-"));
  try {
    const rows = ASKED.includes("thresholds") ? await thresholdRows(frames, log) : [];
    const look = await own();
    for (const { of, count, isHard } of [
      { of: "", count: SCENES, isHard: false },
      { of: `${HARD} hard scenes: `, count: HARD, isHard: true },
    ]) {
      const kind = isHard ? "hard" : "plain";
      if (!ASKED.includes(kind)) continue;
      const turns = [];
      for (let from = 0; from < count; from += TURN) {
        const range = { from, until: Math.min(count, from + TURN) };
        const turn = await kept(`${kind}-${from}-of-${count}.json`, () =>
          lookInTurn(range, { frames, isHard, look, home, scratch }),
        );
        turns.push(turn);
        for (const [subject, { ms }] of Object.entries(turn.found))
          log(`${of}${range.until}: ${subject} ${(ms / turn.scenes.length).toFixed(0)} ms a scene`);
      }
      const scenes = turns.flatMap((turn) => turn.scenes);
      for (const subject of Object.keys(turns[0].found)) {
        const parts = turns.map(({ found }) => found[subject]);
        const seen = { rows: parts.flatMap((part) => part.rows), ms: parts.reduce((sum, { ms }) => sum + ms, 0) };
        for (const row of rowsOf(subject, seen, scenes)) rows.push(Object.assign(row, { case: `${of}${row.case}` }));
      }
    }
    return rows;
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

/** What an earlier call has kept under this name, or else what `make` gives. */
async function kept(name, make) {
  if (KEPT === undefined) return make();
  const file = join(KEPT, name);
  if (existsSync(file)) return JSON.parse(readFileSync(file, "utf8"));
  const made = await make();
  mkdirSync(KEPT, { recursive: true });
  writeFileSync(file, JSON.stringify(made));
  return made;
}

/** The faces of some scenes, and what each sees there: its rows, and milliseconds. */
async function lookInTurn({ from, until }, { frames, isHard, look, home, scratch }) {
  const [scenes, files] = [[], []];
  const ours = { rows: [], ms: 0 };
  for (let i = from; i < until; i++) {
    const { picture, faces } = await makeScene(i, { frames, isHard });
    scenes.push(faces);
    files.push(join(scratch, `${i}.rgb`));
    writeFileSync(files.at(-1), picture.data);
    const start = performance.now();
    ours.rows.push(await look(picture));
    ours.ms += performance.now() - start;
  }
  const found = { "@fer": ours };
  for (const peer of ["human", "face-api"]) found[peer] = ofPeer(peer, [home, ...files]);
  for (const file of files) rmSync(file);
  return { scenes, found };
}

function ofPeer(peer, words) {
  const script = fileURLToPath(new URL("peers/face_peers.mjs", import.meta.url));
  const text = execFileSync(process.execPath, [script, peer, ...words], {
    encoding: "utf8",
    maxBuffer: 2 ** 28,
    stdio: ["ignore", "pipe", "ignore"],
  });
  return JSON.parse(text.trim().split("\n").at(-1));
}

/** Recall, false faces and F1 by threshold, on hard scenes that nothing else is measured on. */
async function thresholdRows(frames, log) {
  const detector = await openFaceDetector({ least: THRESHOLDS[0] });
  const [scenes, rows] = [[], []];
  for (let i = 0; i < HARD; i++) {
    const { picture, faces } = await makeScene(i, { frames, seed: OTHER_SEED, isHard: true });
    scenes.push(faces);
    rows.push(
      (await detector.detect(picture)).map(({ box, score }) => Object.assign({ score, expression: null }, box)),
    );
  }
  detector.dispose();
  const count = scenes.flat().length;
  return THRESHOLDS.flatMap((least) => {
    const kept = rows.map((faces) => faces.filter(({ score }) => score >= least));
    const [all, ...others] = rowsOf("@fer", { rows: kept, ms: 1 }, scenes);
    const strangers = others.find((each) => each.case === "false faces a scene").value;
    const right = (all.value / 100) * count;
    const f1 = (200 * right) / (count + right + strangers * scenes.length);
    log(
      `threshold ${least}, hard scenes: recall ${all.value.toFixed(1)} %, ${strangers.toFixed(2)} false faces a scene, F1 ${f1.toFixed(1)} %`,
    );
    const of = `${HARD} other hard scenes, threshold ${least}${least === DEFAULT ? " (the default)" : ""}`;
    return [
      { subject: "@fer", case: `${of}: recall`, value: all.value, unit: "%", ratio: null },
      { subject: "@fer", case: `${of}: false faces a scene`, value: strangers, unit: "", ratio: null },
      { subject: "@fer", case: `${of}: F1`, value: f1, unit: "%", ratio: null },
    ];
  });
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
