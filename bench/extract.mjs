/**
 * Extraction against Python with OpenCV and two processes that write the same image folder: FER2013's 28,709 training
 * images from the csv and from folders (of the archive in `FER_DATA`), and 2,000 generated photos of one megapixel with
 * face boxes. Subject and peer alternate; medians. Pixel hashes of both are compared.
 */
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { extract } from "@fer/dataset-extractors";
import { loadDecoder, readHeader, toGrey } from "@fer/dataset-extractors/image";
import { median } from "./peers/median.mjs";

export const title = "Extraction: images per second, two workers";
export const peers = "Python, opencv-python-headless, multiprocessing with two processes";

const WORKERS = 2;
const ROUNDS = Number(process.env.FER_BENCH_ROUNDS ?? 3);
const PHOTOS = 2000;
const PART = 100;
const CLASSES = ["angry", "disgust", "fear", "happy", "sad", "surprise", "neutral"];
const peer = fileURLToPath(new URL("peers/extract.py", import.meta.url));

export async function run({ log, python }) {
  if (python === undefined) throw new Error("Set FER_PYTHON to a Python with the packages of bench/requirements.txt");
  const scratch = process.env.FER_BENCH_SCRATCH ?? mkdtempSync(join(tmpdir(), "fer-bench-"));
  mkdirSync(scratch, { recursive: true });
  const rows = [];
  try {
    for (const { name, adapter, from, kind } of await inputs(scratch, log)) {
      const times = { jimp: [], sharp: [], opencv: [] };
      const hashes = {};
      const counts = {};
      for (let round = 0; round < ROUNDS; round++) {
        for (const subject of Object.keys(times)) {
          const to = join(scratch, `out-${subject}`);
          rmSync(to, { recursive: true, force: true });
          if (subject === "opencv") {
            const output = execFileSync(python, [peer, kind, from, to, String(WORKERS)], { encoding: "utf8" });
            times.opencv.push(JSON.parse(output).seconds);
            counts.opencv = JSON.parse(output).images;
            hashes.opencv = hashesOf(to);
          } else {
            const began = performance.now();
            // jpeg-js takes minutes for all the photos: a part gives its rate
            const source = subject === "jimp" && kind === "photos" ? `${from}-part` : from;
            const { info } = await extract({ adapter, from: source, to, workers: WORKERS, decoder: subject });
            times[subject].push((performance.now() - began) / 1000);
            counts[subject] = info.total;
            hashes[subject] = hashesOf(to);
          }
          log(`${name}, ${subject}: ${times[subject].at(-1).toFixed(1)} s`);
        }
      }
      const rate = (subject) => counts[subject] / median(times[subject]);
      for (const subject of ["jimp", "sharp"]) {
        rows.push({
          subject,
          case: name,
          value: rate(subject),
          unit: "images/s",
          ratio: rate(subject) / rate("opencv"),
        });
        rows.push({
          subject: `${subject}: pixel hashes equal to OpenCV's`,
          case: name,
          value: (100 * [...hashes[subject]].filter((hash) => hashes.opencv.has(hash)).length) / hashes[subject].size,
          unit: "%",
          ratio: null,
        });
      }
      rows.push({ subject: "opencv", case: name, value: rate("opencv"), unit: "images/s", ratio: null });
    }
    rows.push(...(await decoderDifferences(join(scratch, "photos-part"))));
  } finally {
    if (process.env.FER_BENCH_SCRATCH === undefined) rmSync(scratch, { recursive: true, force: true });
  }
  return rows;
}

/** How far jimp and sharp are apart on JPEG photos, in levels of 0..255. */
async function decoderDifferences(folder) {
  const [jimp, sharp] = [await loadDecoder("jimp"), await loadDecoder("sharp")];
  const found = { colours: { largest: 0, sum: 0, count: 0 }, grey: { largest: 0, sum: 0, count: 0 } };
  const names = readdirSync(folder).filter((name) => name.endsWith(".jpg"));
  for (const name of names.sort().slice(0, 10)) {
    const bytes = readFileSync(join(folder, name));
    const header = readHeader(bytes);
    const [a, b] = [await jimp(bytes, header), await sharp(bytes, header)];
    for (const [kind, one, other] of [
      ["colours", a.data, b.data],
      ["grey", toGrey(a).data, toGrey(b).data],
    ]) {
      const difference = found[kind];
      one.forEach((level, i) => {
        const distance = Math.abs(level - other[i]);
        difference.largest = Math.max(difference.largest, distance);
        difference.sum += distance;
      });
      difference.count += one.length;
    }
  }
  const name = "the same photos, jimp against sharp";
  return Object.entries(found).flatMap(([kind, { largest, sum, count }]) => [
    { subject: `${kind}, mean difference`, case: name, value: sum / count, unit: "levels", ratio: null },
    { subject: `${kind}, largest difference`, case: name, value: largest, unit: "levels", ratio: null },
  ]);
}

/** Makes the three inputs. */
async function inputs(scratch, log) {
  const data = process.env.FER_DATA;
  if (data === undefined) throw new Error("Set FER_DATA to the folder with fer2013-train-and-public.tar.gz");
  const tree = join(scratch, "folders");
  if (!existsSync(tree)) {
    log("unpacking FER2013");
    mkdirSync(tree);
    execFileSync("tar", ["xzf", join(data, "fer2013-train-and-public.tar.gz"), "-C", tree, "train"]);
  }
  const table = join(scratch, "csv");
  if (!existsSync(table)) {
    log("writing fer2013.csv");
    await writeCsv(join(tree, "train"), table);
  }
  const photos = join(scratch, "photos");
  if (!existsSync(photos)) {
    log("making photos");
    await writePhotos(photos, PHOTOS);
    await writePhotos(`${photos}-part`, PART);
  }
  return [
    { name: "FER2013 from csv, 28,709", kind: "csv", adapter: "fer2013", from: table },
    { name: "FER2013 from folders, 28,709", kind: "folders", adapter: "folders", from: join(tree, "train") },
    { name: "photos of 1 megapixel with boxes, 2,000", kind: "photos", adapter: "list", from: photos },
  ];
}

async function writeCsv(train, to) {
  const decode = await loadDecoder("jimp");
  const lines = ["emotion,pixels,Usage"];
  for (const [code, name] of CLASSES.entries()) {
    for (const file of readdirSync(join(train, name)).sort()) {
      const bytes = readFileSync(join(train, name, file));
      lines.push(`${code},${toGrey(await decode(bytes, readHeader(bytes))).data.join(" ")},Training`);
    }
  }
  mkdirSync(to);
  writeFileSync(join(to, "fer2013.csv"), `${lines.join("\n")}\n`);
}

/** Smooth colour fields with some noise: JPEG files of 1,000 x 1,000 pixels and the size that cameras make. */
async function writePhotos(to, count) {
  const sharp = createRequire(import.meta.url)("sharp");
  mkdirSync(to);
  const side = 1000;
  let state = 1;
  const random = () => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) / 2 ** 32;
  const lines = ["path,label,x,y,width,height"];
  const made = [];
  for (let i = 0; i < 40; i++) {
    const small = Buffer.from(Array.from({ length: 40 * 40 * 3 }, () => Math.floor(random() * 256)));
    const field = sharp(small, { raw: { width: 40, height: 40, channels: 3 } }).resize(side, side, { kernel: "cubic" });
    const raw = await field.raw().toBuffer();
    for (let j = 0; j < raw.length; j++) raw[j] = Math.min(255, raw[j] + ((Math.imul(j, 2654435761) >>> 28) & 7));
    made.push(
      await sharp(raw, { raw: { width: side, height: side, channels: 3 } })
        .jpeg({ quality: 90 })
        .toBuffer(),
    );
  }
  for (let i = 0; i < count; i++) {
    const name = `photo_${String(i).padStart(5, "0")}.jpg`;
    writeFileSync(join(to, name), made[i % made.length]);
    const [x, y] = [Math.floor(random() * 600), Math.floor(random() * 600)];
    lines.push([name, ["happy", "sad", "anger"][i % 3], x, y, 320, 320].join(","));
  }
  writeFileSync(join(to, "list.csv"), `${lines.join("\n")}\n`);
}

function hashesOf(folder) {
  const file = ["", "all", "train"]
    .map((split) => join(folder, split, "metadata.jsonl"))
    .find((path) => existsSync(path));
  const lines = readFileSync(file, "utf8").trim().split("\n");
  return new Set(lines.map((line) => JSON.parse(line).pixel_hash));
}
