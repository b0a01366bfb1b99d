/**
 * Assembling a million images: generated ones of 24 x 24 pixels, a hundredth, a tenth and all of them, each in a process
 * of its own, with and without the search for near twins, and all as float32 (a million: 7.4 GB of training images):
 * images a second, what the leak check takes, and the most memory that the process ever held. Where `FER_PYTHON` is set,
 * 1,000 random rows of the arrays are compared with numpy's. A hundredth is killed (SIGKILL) at 20 random moments, and
 * made again by the same command.
 *
 *     FER_BENCH_IMAGES=100000     FER_BENCH_NEAR=100000, the most images among which near twins are looked for
 */
import { execFileSync, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import {
  createWriteStream,
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
  const scratch = mkdtempSync(join(process.env.FER_BENCH_SCRATCH ?? tmpdir(), "fer-bench-million-"));
  const rows = [];
  try {
    for (const part of [0.01, 0.1, 1]) {
      const images = Math.round(IMAGES * part);
      log(`writing ${images} images`);
      const from = join(scratch, "images");
      await writeImages(from, { count: images, spots: images <= NEAR ? 20 : 3 });
      const isAll = part === 1;
      const cases = [
        { near: false, dtype: "uint8" },
        ...(images <= NEAR ? [{ near: true, dtype: "uint8" }] : []),
        ...(isAll ? [{ near: false, dtype: "float32" }] : []),
      ];
      for (const { near, dtype } of cases) {
        const to = join(scratch, "set");
        const out = execFileSync(process.execPath, [child, from, to, String(near), dtype, python], {
          encoding: "utf8",
        });
        const { seconds, planned, twins, peak, leaks, equal } = JSON.parse(out);
        const kind = dtype === "uint8" ? (near ? "with near twins" : "without near twins") : dtype;
        const name = `${images.toLocaleString("en-US")} images, ${kind}`;
        log(`${name}: ${seconds.toFixed(1)} s, ${(peak / 1e6).toFixed(0)} MB, ${JSON.stringify(leaks)}`);
        const row = (subject, value, unit) => ({ subject, case: name, value, unit, ratio: null });
        rows.push(row("images", images / seconds, "images/s"), row("largest resident memory", peak / 1e6, "MB"));
        if (near) rows.push(row("search for near twins", twins, "s"), row("near twins in test", leaks.near, "images"));
        else rows.push(row("metadata, split and exact leak check", planned, "s"));
        if (equal !== null) rows.push(row("random rows equal to numpy's, of 1,000", equal, "rows"));
        if (dtype === "float32") {
          const bytes = statSync(join(to, "all_train_images.npy")).size;
          rows.push(row("size of the training images", bytes / 1e9, "GB"));
        }
        rmSync(to, { recursive: true });
      }
      if (part === 0.01 && KILLS > 0) {
        const same = await killed(from, { scratch, log });
        const name = `${images.toLocaleString("en-US")} images, killed at ${KILLS} random moments`;
        rows.push({
          subject: "same bytes by the same command",
          case: name,
          value: same,
          unit: `of ${KILLS}`,
          ratio: null,
        });
      }
      rmSync(from, { recursive: true });
    }
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
  return rows;
}

/** Kills assemblings at random moments; of how many the same command then makes the same bytes. */
async function killed(from, { scratch, log }) {
  const start = (to) => spawn(process.execPath, [child, from, to, "true", "uint8"], { stdio: "ignore" });
  const ended = (process) => new Promise((resolve) => process.once("exit", (code, signal) => resolve(code ?? signal)));
  const whole = join(scratch, "whole");
  const began = performance.now();
  await ended(start(whole));
  const takes = performance.now() - began;
  const expected = bytesOf(whole);
  const random = splitRandom(7, "kills");
  let same = 0;
  for (let i = 0; i < KILLS; i++) {
    const to = join(scratch, "killed");
    const victim = start(to);
    const end = ended(victim);
    const after = random() * takes;
    await Promise.race([sleep(after), end]);
    victim.kill("SIGKILL");
    const how = await end;
    const again = await ended(start(to));
    const isSame = again === 0 && bytesOf(to) === expected;
    if (isSame) same += 1;
    log(
      `killed after ${Math.round(after)} of ${Math.round(takes)} ms (${how}): ${isSame ? "the same bytes" : "other bytes"}`,
    );
    rmSync(to, { recursive: true, force: true });
  }
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
