/**
 * `fer predict` on many pictures and on a video. 100,000 faces that are cut out (hard links to a thousand of 48 x 48
 * pixels), by the smallest network: images a second and resident memory over time, beside Python with Pillow, numpy and
 * onnxruntime, which runs the exported network on the same files; then the model of `@fer/weights` with its ten views, on
 * fewer of them. A video of a minute, 640 x 360, 25 frames a second, with two faces that move: frames a second, and memory.
 *
 *     FER_BENCH_IMAGES=100000     FER_BENCH_VIEWED=2000     FER_BENCH_SECONDS=60     FER_BENCH_VIDEOS=3 (cases, of three)
 *
 * Python is `FER_PYTHON` with onnxruntime; the video wants ffmpeg. Faces are those under `examples/data/ckplus`.
 */
import { execFileSync, spawn, spawnSync } from "node:child_process";
import { linkSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { once } from "node:events";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { splitRandom } from "@fer/core";
import { paste, resizeBilinear } from "@fer/core/pixels";
import { encodePng, readPicture } from "@fer/dataset-extractors/image";
import { freezeModel } from "@fer/model";
import { median } from "./peers/median.mjs";

export const title = "fer predict: 100,000 faces and a minute of video, rate and memory";
export const peers = "Python with Pillow, numpy and onnxruntime (FER_PYTHON) on the exported network";

const IMAGES = Number(process.env.FER_BENCH_IMAGES ?? 100_000);
const VIEWED = Number(process.env.FER_BENCH_VIEWED ?? 2000);
const SECONDS = Number(process.env.FER_BENCH_SECONDS ?? 60);
const VIDEOS = Number(process.env.FER_BENCH_VIDEOS ?? 3);
const OWN = 1000;
const FRAMES = 25;
const BIN = fileURLToPath(new URL("../packages/fer-cli/bin/fer.js", import.meta.url));
const EXAMPLES = fileURLToPath(new URL("../examples/", import.meta.url));
const PEER = fileURLToPath(new URL("peers/predict_onnx.py", import.meta.url));

export async function run({ log, python }) {
  const scratch = mkdtempSync(join(process.env.FER_BENCH_SCRATCH ?? tmpdir(), "fer-bench-predict-"));
  try {
    const rows = await faces(scratch, { log, python });
    return [...rows, ...(await largePhoto(scratch, log)), ...(await video(scratch, log))];
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

const fer = (scratch, ...words) => execFileSync(process.execPath, [BIN, ...words, "--quiet"], { cwd: scratch });

async function faces(scratch, { log, python }) {
  log(`writing ${IMAGES} pictures`);
  await writeFaces(join(scratch, "many"), IMAGES);
  await writeFaces(join(scratch, "some"), VIEWED);
  // what it was trained on does not matter here
  const map = ["0=neutral", "1=anger", "2=disgust", "3=fear", "4=happy", "5=sad", "6=surprise"].join(",");
  fer(scratch, "extract", "ckplus", "--from", join(EXAMPLES, "data/ckplus"), "--to", "data", "--map", map);
  fer(scratch, "assemble", "data", "--name", "set", "--split", "subject", "--to", "features");
  const small = ["--recipe", "none", "--architecture", "tiny", "--epochs", "1", "--views", "1", "--engine", "onnx"];
  fer(scratch, "train", "features/set", "--to", "run", "--no-baselines", ...small);
  fer(scratch, "export", "run", "--as", "onnx", "--to", "small");
  await writeNetwork(join(EXAMPLES, "models/fer2013-hour"), join(scratch, "viewed"));
  const isThere = python !== undefined && spawnSync(python, ["-c", "import numpy, onnxruntime, PIL"]).status === 0;
  if (!isThere) log("no Python with numpy, Pillow and onnxruntime: nothing to compare with");
  const rows = [];
  for (const { model, own, folder, count, name } of [
    {
      model: "small",
      own: "run",
      folder: "many",
      count: IMAGES,
      name: `${IMAGES} faces, the smallest network, one view`,
    },
    {
      model: "viewed",
      own: join(EXAMPLES, "models/fer2013-hour"),
      folder: "some",
      count: VIEWED,
      name: `${VIEWED} faces, fer2013-hour, ten views`,
    },
  ]) {
    const words = [BIN, "predict", own, folder, "--faces", "crop", "--csv", "--quiet", "--engine", "onnx"];
    const ours = await watched(process.execPath, words, scratch);
    log(`${name}: ${(count / ours.seconds).toFixed(0)} img/s, ${describe(ours)}`);
    const theirs = !isThere ? null : await watched(python, [PEER, model, folder], scratch);
    if (theirs !== null) log(`Python: ${(count / theirs.seconds).toFixed(0)} img/s, ${describe(theirs)}`);
    if (theirs !== null) {
      const [own, other] = [ours, theirs].map(({ text }) => expressionsOf(text));
      const same = own.filter((expression, i) => expression === other[i]).length;
      log(`${same} of ${count} with the same expression`);
      if (own.length !== count || other.length !== count || same < 0.995 * count)
        throw new Error(`${own.length} and ${other.length} faces, ${same} alike`);
    }
    const [rate, peerRate] = [count / ours.seconds, theirs === null ? null : count / theirs.seconds];
    rows.push({
      subject: "fer predict",
      case: name,
      value: rate,
      unit: "images/s",
      ratio: peerRate === null ? null : rate / peerRate,
    });
    if (peerRate !== null) rows.push({ subject: "Python", case: name, value: peerRate, unit: "images/s", ratio: null });
    rows.push(...memoryRows(name, ours));
  }
  return rows;
}

/** The network alone, which scales by itself, and what it is to be given. */
async function writeNetwork(run, folder) {
  const { onnx } = await freezeModel(run);
  const model = JSON.parse(readFileSync(join(run, "model.json"), "utf8"));
  mkdirSync(folder);
  writeFileSync(join(folder, "network.onnx"), onnx);
  writeFileSync(join(folder, "model.json"), JSON.stringify({ ...model, export: { network: "network.onnx" } }));
}

/** Of the rows of a CSV, by the names of their files. */
function expressionsOf(text) {
  const [header, ...lines] = text.trim().split("\n");
  const at = header.split(",").indexOf("expression");
  const rows = lines.map((line) => line.split(","));
  return rows.toSorted(([a], [b]) => (a < b ? -1 : 1)).map((row) => row[at]);
}

/** A photo of almost 100 million pixels, by both decoders. */
async function largePhoto(scratch, log) {
  const size = { width: 11_520, height: 8640 };
  const photo = { ...size, channels: 3, data: new Uint8Array(size.width * size.height * 3).fill(110) };
  const face = await readPicture(join(EXAMPLES, "data/ckplus/4/S010_006_00000015.png"));
  const { data } = resizeBilinear(face, { width: 2400, height: 2400 });
  paste(
    {
      width: 2400,
      height: 2400,
      channels: 3,
      data: Uint8Array.from({ length: 3 * data.length }, (_, i) => data[Math.floor(i / 3)]),
    },
    { into: photo, x: 4000, y: 3000 },
  );
  writeFileSync(join(scratch, "large.png"), encodePng(photo));
  const rows = [];
  for (const decoder of ["jimp", "sharp"]) {
    const words = [BIN, "predict", "large.png", "--csv", "--quiet", "--decoder", decoder];
    const ours = await watched(process.execPath, words, scratch);
    const name = `a photo of 99.5 million pixels, ${decoder}`;
    log(
      `${name}: ${ours.seconds.toFixed(1)} s, ${ours.peak.toFixed(0)} MB at most, ${expressionsOf(ours.text).length} face`,
    );
    rows.push({ subject: "fer predict", case: name, value: ours.seconds, unit: "s", ratio: null });
    rows.push({ subject: "largest resident memory", case: name, value: ours.peak, unit: "MB", ratio: null });
  }
  return rows;
}

async function video(scratch, log) {
  if (spawnSync("ffmpeg", ["-version"]).status !== 0) {
    log("ffmpeg is not there: no video");
    return [];
  }
  const count = SECONDS * FRAMES;
  log(`making ${SECONDS} s of video`);
  await writeVideo(join(scratch, "clip.mp4"), count);
  const rows = [];
  for (const [name, words, looked] of [
    [`${SECONDS} s of video, five frames a second`, ["--every", "0.2s"], Math.ceil(SECONDS / 0.2)],
    [`${SECONDS} s of video, each frame, faces of 80 pixels and more`, ["--smallest", "80"], count],
    [`${SECONDS} s of video, each frame`, [], count],
  ].slice(0, VIDEOS)) {
    const ours = await watched(process.execPath, [BIN, "predict", "clip.mp4", "--csv", "--quiet", ...words], scratch);
    log(`${name}: ${(looked / ours.seconds).toFixed(1)} frames/s, ${describe(ours)}`);
    rows.push({ subject: "fer predict", case: name, value: looked / ours.seconds, unit: "frames/s", ratio: null });
    rows.push(...memoryRows(name, ours));
  }
  return rows;
}

const memoryRows = (name, { quarter, end, peak }) => [
  { subject: "resident memory after a quarter", case: name, value: quarter, unit: "MB", ratio: null },
  { subject: "resident memory at the end", case: name, value: end, unit: "MB", ratio: null },
  { subject: "largest resident memory", case: name, value: peak, unit: "MB", ratio: null },
];

const describe = ({ quarter, end, peak }) =>
  `${quarter.toFixed(0)} MB after a quarter, ${end.toFixed(0)} MB at the end, ${peak.toFixed(0)} MB at most`;

/** Runs a program and looks at its memory four times a second (Linux). */
async function watched(program, words, cwd) {
  const start = performance.now();
  const child = spawn(program, words, { cwd, stdio: ["ignore", "pipe", "inherit"] });
  const pieces = [];
  child.stdout.on("data", (piece) => pieces.push(piece));
  const seen = [];
  const timer = setInterval(() => {
    try {
      seen.push(
        Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${child.pid}/status`, "utf8"))?.[1] ?? Number.NaN) / 1000,
      );
    } catch {
      // it has ended
    }
  }, 250);
  const [code] = await once(child, "close");
  clearInterval(timer);
  if (code !== 0) throw new Error(`${words.join(" ")}: exit ${code}`);
  const known = seen.filter(Number.isFinite);
  const around = (share) =>
    median(known.slice(Math.floor(known.length * (share - 0.05)), Math.ceil(known.length * (share + 0.05)))) ??
    Number.NaN;
  const seconds = (performance.now() - start) / 1000;
  return {
    seconds,
    text: Buffer.concat(pieces).toString("utf8"),
    quarter: around(0.25),
    end: around(0.95),
    peak: Math.max(...known),
  };
}

/** Faces of 48 x 48 pixels: a thousand files, and hard links to them. */
async function writeFaces(folder, count) {
  const random = splitRandom(8, "light");
  const files = readdirSync(join(EXAMPLES, "data/ckplus/4")).slice(0, 50);
  const pictures = [];
  for (const file of files) {
    const picture = await readPicture(join(EXAMPLES, "data/ckplus/4", file));
    pictures.push(resizeBilinear(picture, { width: 48, height: 48 }));
  }
  for (let i = 0; i < count; i++) {
    const part = join(folder, String(Math.floor(i / 1000)).padStart(4, "0"));
    if (i % 1000 === 0) mkdirSync(part, { recursive: true });
    const file = join(part, `${String(i).padStart(7, "0")}.png`);
    if (i >= OWN) linkSync(join(folder, "0000", `${String(i % OWN).padStart(7, "0")}.png`), file);
    else {
      const { data } = pictures[i % pictures.length];
      const light = Math.floor(random() * 30);
      writeFileSync(
        file,
        encodePng({ width: 48, height: 48, channels: 1, data: data.map((v) => Math.min(255, v + light)) }),
      );
    }
  }
}

/** Two faces, 160 and 120 pixels across, that go to and fro. */
async function writeVideo(file, count) {
  const face = await readPicture(join(EXAMPLES, "data/ckplus/4/S010_006_00000015.png"));
  const other = await readPicture(join(EXAMPLES, "data/ckplus/6/S011_001_00000016.png"));
  const [large, small] = [face, other].map((each, i) =>
    resizeBilinear(each, { width: 160 - 40 * i, height: 160 - 40 * i }),
  );
  const words = [
    "-v",
    "error",
    "-y",
    "-f",
    "rawvideo",
    "-pix_fmt",
    "gray",
    "-s",
    "640x360",
    "-r",
    String(FRAMES),
    "-i",
    "-",
  ];
  const child = spawn("ffmpeg", [...words, "-pix_fmt", "yuv420p", file], { stdio: ["pipe", "ignore", "inherit"] });
  for (let i = 0; i < count; i++) {
    const frame = { width: 640, height: 360, channels: 1, data: new Uint8Array(640 * 360).fill(110) };
    paste(large, { into: frame, x: Math.round(100 + 80 * Math.sin(i / 40)), y: 60 });
    paste(small, { into: frame, x: Math.round(420 + 60 * Math.cos(i / 25)), y: 120 });
    if (!child.stdin.write(frame.data)) await once(child.stdin, "drain");
  }
  child.stdin.end();
  const [code] = await once(child, "close");
  if (code !== 0) throw new Error(`ffmpeg: exit ${code}`);
}
