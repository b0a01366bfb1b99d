/**
 * Assembling a million images: generated ones of 24 x 24 pixels, a hundredth, a tenth and all of them, each in a process
 * of its own, with and without the search for near twins, and seven tenths of all as float32 (of a million: 5.2 GB of
 * training images): images a second of the clock and of the processors' own time, which a busy machine changes less, what
 * the leak check takes, and the most memory that the process ever held. Where `FER_PYTHON` is set, 1,000 random rows of
 * the arrays, read at once, are compared with numpy's. Two thousand are killed (SIGKILL) at 20 random moments, and
 * made again by the same command.
 *
 *     FER_BENCH_IMAGES=100000     FER_BENCH_NEAR=100000, the most images among which near twins are looked for
 *     FER_BENCH_KEEP=folder       where pictures and finished cases are kept: the same command goes on there
 */
import { execFileSync, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import {
  createWriteStream,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { once } from "node:events";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { setTimeout as sleep } from "node:timers/promises";
import { dhash, EXPRESSIONS, splitRandom } from "@fer/core";
import { encodePng, pixelHash } from "@fer/dataset-extractors/image";

export const title = "Assembling a million images: rate and memory";
export const peers = "none: a hundredth and a tenth of the same images";

const IMAGES = Number(process.env.FER_BENCH_IMAGES ?? 1_000_000);
const NEAR = Number(process.env.FER_BENCH_NEAR ?? IMAGES);
const KILLS = Number(process.env.FER_BENCH_KILLS ?? 20);
const SIDE = 24;
const child = fileURLToPath(new URL("peers/assemble_memory.mjs", import.meta.url));

export async function run({ log, python = "" }) {
  const keep = process.env.FER_BENCH_KEEP;
  const scratch = keep ?? mkdtempSync(join(process.env.FER_BENCH_SCRATCH ?? tmpdir(), "fer-bench-million-"));
  mkdirSync(scratch, { recursive: true });
  const file = join(scratch, "cases.json");
  const finished = existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : {};
  /** Rows of a case, measured now or in an earlier run. */
  const once = async (name, measure) => {
    if (finished[name] !== undefined) return finished[name];
    const row = (subject, value, unit) => ({ subject, case: name, value, unit, ratio: null });
    finished[name] = await measure(row);
    writeFileSync(file, JSON.stringify(finished));
    return finished[name];
  };
  const rows = [];
  try {
    const folderOf = (images) => join(scratch, `images-${images}`);
    const write = async (images) => {
      if (existsSync(join(folderOf(images), "dataset.json"))) return;
      log(`writing ${images} images`);
      rmSync(folderOf(images), { recursive: true, force: true });
      await writeImages(folderOf(images), { count: images, spots: images <= NEAR ? 20 : 3 });
    };
    for (const part of [0.01, 0.1, 1]) {
      const images = Math.round(IMAGES * part);
      for (const { name, ...options } of casesOf(images)) {
        const measure = async (row) => {
          await write(images);
          return measured({ name, ...options }, { from: folderOf(images), scratch, python, log, row });
        };
        rows.push(...(await once(name, measure)));
      }
      rmSync(folderOf(images), { recursive: true, force: true });
    }
    const few = Math.min(IMAGES, 2000);
    const kill = async (row) => {
      await write(few);
      const same = await killed(folderOf(few), { scratch, log });
      return [row("same bytes by the same command", same, `of ${KILLS}`)];
    };
    if (KILLS > 0) rows.push(...(await once(`${count(few)} images, killed at ${KILLS} random moments`, kill)));
    rmSync(folderOf(few), { recursive: true, force: true });
  } finally {
    if (keep === undefined) rmSync(scratch, { recursive: true, force: true });
  }
  return rows;
}

const count = (images) => images.toLocaleString("en-US");

/** How so many images are assembled. */
function casesOf(images) {
  const floats = Math.round(images * 0.7);
  return [
    { near: false, dtype: "uint8", name: `${count(images)} images, without near twins` },
    { near: true, dtype: "uint8", name: `${count(images)} images, with near twins` },
    { near: false, dtype: "float32", limit: floats, name: `${count(floats)} of ${count(images)} images, float32` },
  ].filter(({ near, dtype }) => (!near || images <= NEAR) && (dtype === "uint8" || images === IMAGES));
}

/** Rows of one assembling. */
async function measured({ near, dtype, limit = 0, name }, { from, scratch, python, log, row }) {
  const to = join(scratch, "set");
  rmSync(to, { recursive: true, force: true });
  const out = execFileSync(process.execPath, [child, from, to, String(near), dtype, String(limit), python], {
    encoding: "utf8",
  });
  const { images, seconds, cpu, planned, twins, peak, leaks, equal, reading } = JSON.parse(out);
  log(
    `${name}: ${seconds.toFixed(1)} s, of processors ${cpu.toFixed(1)} s, ${(peak / 1e6).toFixed(0)} MB, ${JSON.stringify(leaks)}`,
  );
  const rows = [
    row("images", images / seconds, "images/s"),
    row("images, from when their split is known", images / (seconds - planned), "images/s"),
    row("images, by the processors' own time", images / cpu, "images/s"),
    row("largest resident memory", peak / 1e6, "MB"),
  ];
  if (near) rows.push(row("search for near twins", twins, "s"), row("near twins in test", leaks.near, "images"));
  else rows.push(row("metadata, split and exact leak check", planned, "s"));
  if (equal !== null) {
    rows.push(row("random rows equal to numpy's, of 1,000", equal, "rows"));
    rows.push(row("reading these rows at once", reading, "s"));
  }
  if (dtype === "float32")
    rows.push(row("size of the training images", statSync(join(to, "all_train_images.npy")).size / 1e9, "GB"));
  rmSync(to, { recursive: true });
  return rows;
}

/** Kills assemblings at random moments; of how many the same command then makes the same bytes. */
async function killed(from, { scratch, log }) {
  const start = (to) => spawn(process.execPath, [child, from, to, "true", "uint8", "0"], { stdio: "ignore" });
  const ended = (process) => new Promise((resolve) => process.once("exit", (code, signal) => resolve(code ?? signal)));
  const whole = join(scratch, "whole");
  const to = join(scratch, "killed");
  const timed = async (folder) => {
    const began = performance.now();
    return { code: await ended(start(folder)), takes: performance.now() - began };
  };
  let { takes } = await timed(whole);
  const expected = bytesOf(whole);
  const random = splitRandom(7, "kills");
  let [kills, same] = [0, 0];
  while (kills < KILLS) {
    rmSync(to, { recursive: true, force: true });
    const victim = start(to);
    const end = ended(victim);
    const after = random() * takes;
    await Promise.race([sleep(after), end]);
    victim.kill("SIGKILL");
    // one that was ready before is no kill
    if ((await end) !== "SIGKILL") continue;
    kills += 1;
    const again = await timed(to);
    takes = again.takes;
    const isSame = again.code === 0 && bytesOf(to) === expected;
    if (isSame) same += 1;
    log(`killed after ${Math.round(after)} of ${Math.round(takes)} ms: ${isSame ? "the same bytes" : "other bytes"}`);
  }
  rmSync(to, { recursive: true, force: true });
  rmSync(whole, { recursive: true });
  return same;
}

/** Names and contents of all files of a folder, as one hash. */
function bytesOf(folder) {
  const hash = createHash("sha256");
  for (const name of readdirSync(folder, { recursive: true }).map(String).sort()) {
    if (!statSync(join(folder, name)).isFile()) continue;
    hash.update(`${name}\n`).update(readFileSync(join(folder, name)));
  }
  return hash.digest("hex");
}

/**
 * An image folder of pictures of so many spots of light, every thousandth of which stands twice; of few spots many look
 * nearly the same, and take little time to make.
 */
async function writeImages(to, { count, spots }) {
  const split = join(to, "all");
  for (const name of EXPRESSIONS.slice(0, 7)) mkdirSync(join(split, name), { recursive: true });
  const file = createWriteStream(join(split, "metadata.jsonl"));
  const fingerprint = createHash("sha256");
  const counts = Object.fromEntries(EXPRESSIONS.map((name) => [name, 0]));
  for (let i = 0; i < count; i++) {
    const picture = lights(i % 1000 === 999 ? i - 1 : i, spots);
    const label = i % 7;
    const expression = EXPRESSIONS[label];
    const id = `image_${String(i).padStart(7, "0")}`;
    const file_name = `${expression}/${id}.png`;
    writeFileSync(join(split, file_name), encodePng(picture));
    counts[expression] += 1;
    const row = { file_name, id, expression, label, subject: null, group: null, frame: null, box: null, source: id };
    const hashes = { pixel_hash: pixelHash(picture), dhash: dhash(picture) };
    const unknown = { raw_label: null, votes: null, valence: null, arousal: null, action_units: null };
    const line = `${JSON.stringify({ ...row, ...hashes, ...unknown })}\n`;
    fingerprint.update(line);
    if (!file.write(line)) await once(file, "drain");
  }
  file.end();
  await once(file, "close");
  const info = {
    schema: 1,
    adapter: "folders",
    title: "Generated",
    form: "class-folders",
    options: {},
    decoder: "jimp",
    imageKind: "crop",
    groupKind: "none",
    groupSpace: "own:generated",
    counts: { all: counts },
    total: count,
    skipped: {},
    verification: { status: "unknown", details: [] },
    fingerprint: fingerprint.digest("hex"),
    version: "0.0.0",
  };
  writeFileSync(join(to, "dataset.json"), JSON.stringify(info));
}

function lights(seed, spots) {
  let state = (Math.imul(seed + 1, 2654435761) >>> 0) | 1;
  const next = () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
  const centres = Array.from({ length: spots }, () => [
    next() * SIDE,
    next() * SIDE,
    1 + 10 * next(),
    200 * next() - 100,
  ]);
  const data = Uint8Array.from({ length: SIDE * SIDE }, (_, i) => {
    const [x, y] = [i % SIDE, Math.floor(i / SIDE)];
    let level = 128;
    for (const [cx, cy, spread, height] of centres) level += height / (1 + ((x - cx) ** 2 + (y - cy) ** 2) / spread);
    return Math.min(Math.max(level, 0), 255);
  });
  return { width: SIDE, height: SIDE, channels: 1, data };
}
