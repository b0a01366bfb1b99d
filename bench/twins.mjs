/**
 * Near twins: 2,000 faces of FER2013, each changed in six ways, against 20,000 others; precision and recall of each
 * change. The likeness above which two pictures are one photo is chosen on one half of FER2013's training images, and
 * measured on the other and on CK+. Peer: the hashes of ImageHash on the same pairs, their distance chosen in the same way.
 *
 * Of FER2013 every other picture counts as false, though it holds photos of its own several times; between CK+ and
 * FER2013 there are none. `FER_BENCH_SHEET=pairs.png` draws 200 of the pairs that FER2013 holds, to judge them by eye.
 */
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { shuffle, splitRandom } from "@fer/core";
import { encodePng, loadDecoder, pixelHash, preparePicture, readHeader, toGrey } from "@fer/dataset-extractors/image";
import { photosOf, SKETCH_BYTES, sketchOf } from "@fer/dataset-extractors/twins";

export const title = "Near twins: faces found again after six changes";
export const peers = "Python, ImageHash 4.3.2: pHash and dHash of 64 bits";

const FACES = Number(process.env.FER_BENCH_FACES ?? 2000);
const OTHERS = Number(process.env.FER_BENCH_OTHERS ?? 20_000);
const THRESHOLDS = [0.8, 0.84, 0.88, 0.92];
const SIDE = 48;
const peer = fileURLToPath(new URL("peers/imagehash_twins.py", import.meta.url));
const sharp = createRequire(import.meta.url)("sharp");

const rawOf = (image) => image.toColourspace("b-w").raw().toBuffer({ resolveWithObject: true });
const sharpOf = ({ data, width, height }) => sharp(Buffer.from(data), { raw: { width, height, channels: 1 } });
const pictureOf = ({ data, info }) => ({ width: info.width, height: info.height, channels: 1, data });

/** Six ways in which a photo comes back; `random` gives numbers in [0, 1). */
const CHANGES = {
  "JPEG of quality 30": async (face) => rawOf(sharp(await sharpOf(face).jpeg({ quality: 30 }).toBuffer())),
  "resized to 32 x 32": (face) => rawOf(sharpOf(face).resize(32, 32, { kernel: "linear" })),
  "cut by up to 4 of 48 pixels a side": (face, random) => {
    const [left, top, right, bottom] = Array.from({ length: 4 }, () => Math.floor(random() * 5));
    const part = { left, top, width: SIDE - left - right, height: SIDE - top - bottom };
    return rawOf(sharpOf(face).extract(part).resize(SIDE, SIDE, { fit: "fill", kernel: "cubic" }));
  },
  "mirrored, JPEG of quality 75": async (face) =>
    rawOf(sharp(await sharpOf(face).flop().jpeg({ quality: 75 }).toBuffer())),
  "other brightness, contrast and gamma": async (face, random) => {
    const [gamma, gain, offset] = [0.7 + 0.7 * random(), 0.6 + 0.5 * random(), 40 * random() - 20];
    const levels = face.data.map((level) =>
      Math.min(Math.max(Math.round(255 * gain * (level / 255) ** gamma + offset + 60 * (1 - gain)), 0), 255),
    );
    return { data: levels, info: face };
  },
  "blurred by 1 pixel": (face) => rawOf(sharpOf(face).blur(1)),
};

export async function run({ log, python }) {
  if (python === undefined) throw new Error("Set FER_PYTHON to a Python with the packages of bench/requirements.txt");
  const scratch = mkdtempSync(join(process.env.FER_BENCH_SCRATCH ?? tmpdir(), "fer-bench-twins-"));
  try {
    const { train, rest, ckplus } = await faces(scratch, log);
    const order = shuffle(Uint32Array.from(train.keys()), splitRandom(1, "halves"));
    const [fixing, measured] = [order.slice(0, order.length >> 1), order.slice(order.length >> 1)].map((half) =>
      Array.from(half, (i) => train[i]),
    );
    // others beyond the half itself: the public test part, then what was fixed on, never compared with these faces
    const filled = [...measured.slice(FACES), ...rest, ...fixing].slice(0, OTHERS);
    const tasks = {
      "FER2013, half that was fixed on": { faces: fixing.slice(0, FACES), others: fixing.slice(FACES) },
      "FER2013, other half": { faces: measured.slice(0, FACES), others: filled },
      "CK+": { faces: ckplus, others: [...train, ...rest].slice(0, OTHERS) },
    };
    const rows = [];
    let distances;
    for (const [of, task] of Object.entries(tasks)) {
      const changed = await changedFaces(task.faces, of);
      const isFixing = of === Object.keys(tasks)[0];
      for (const above of isFixing ? THRESHOLDS : [undefined]) {
        const found = await search({ ...task, changed, above });
        log(`${of}${above === undefined ? "" : `, above ${above}`}: ${found.seconds.toFixed(1)} s`);
        const name = above === undefined ? of : `${of}, likeness above ${above}`;
        rows.push(...rowsOf(found, { of: name, subject: "@fer", each: above === undefined }));
      }
      const byPeer = await peerSearch({ ...task, changed, distances }, { python, scratch });
      log(`${of}, ImageHash: ${byPeer.seconds.toFixed(1)} s`);
      distances ??= byPeer.distances;
      for (const [hash, found] of Object.entries(byPeer.found)) {
        const subject = `ImageHash ${hash}, at most ${distances[hash]} bits`;
        rows.push(...rowsOf(found, { of, subject, each: !isFixing }));
      }
    }
    rows.push(...(await natural({ train, rest }, log)));
    return rows;
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

/** Unlike pictures of FER2013 (training, public test) and CK+, 48 x 48 grey. */
async function faces(scratch, log) {
  const data = process.env.FER_DATA;
  if (data === undefined) throw new Error("Set FER_DATA to the folder with fer2013-train-and-public.tar.gz");
  log("reading FER2013 and CK+");
  const tree = join(scratch, "fer2013");
  mkdirSync(tree);
  execFileSync("tar", ["xzf", join(data, "fer2013-train-and-public.tar.gz"), "-C", tree]);
  const decode = await loadDecoder("jimp");
  const seen = new Set();
  const read = async (root) => {
    const pictures = [];
    for (const file of readdirSync(root, { recursive: true })
      .filter((name) => /\.(png|jpg)$/.test(name))
      .sort()) {
      const bytes = readFileSync(join(root, file));
      const grey = toGrey(await decode(bytes, readHeader(bytes)));
      const square = { ...grey, width: SIDE, height: SIDE, data: grey.data };
      if (grey.width !== SIDE || grey.height !== SIDE)
        square.data = Uint8Array.from(preparePicture(grey, { size: SIDE, channels: 1, fit: "stretch" }));
      const hash = pixelHash(square);
      if (seen.has(hash)) continue;
      seen.add(hash);
      pictures.push({ ...square, name: file });
    }
    return pictures;
  };
  return {
    train: await read(join(tree, "train")),
    rest: await read(join(tree, "test")),
    ckplus: await read(join(data, "ckplus-seed")),
  };
}

async function changedFaces(originals, key) {
  const changed = [];
  for (const [name, change] of Object.entries(CHANGES)) {
    const random = splitRandom(2, `${key} ${name}`);
    for (const [face, original] of originals.entries())
      changed.push({ change: name, face, picture: pictureOf(await change(original, random)) });
  }
  return changed;
}

function sketches(pictures) {
  const all = new Uint8Array(pictures.length * SKETCH_BYTES);
  for (const [i, picture] of pictures.entries()) all.set(sketchOf(picture), i * SKETCH_BYTES);
  return { sketches: all, pixels: pictures.map((_, i) => String(i)) };
}

/** Of each change how many faces were found again, and how many others were taken for them. */
async function search({ faces: originals, others, changed, above }) {
  const began = performance.now();
  const counts = {};
  for (const name of Object.keys(CHANGES)) {
    const of = changed.filter(({ change }) => change === name);
    const known = originals.length + others.length;
    const pictures = [...originals, ...others, ...of.map(({ picture }) => picture)];
    const sides = new Uint8Array(pictures.length).fill(1).fill(2, known);
    const { photos, pairs } = await photosOf({ ...sketches(pictures), sides, above });
    const found = of.filter(({ face }, i) => photos[known + i] === photos[face]).length;
    const wrong = pairs.filter(({ first, second }) => first !== of[second - known].face).length;
    counts[name] = { found, wrong, of: of.length };
  }
  return { counts, seconds: (performance.now() - began) / 1000 };
}

async function peerSearch({ faces: originals, others, changed, distances }, { python, scratch }) {
  const write = (name, pictures) => {
    const blocks = pictures.map(({ width, height, data }) =>
      Buffer.concat([Buffer.from(Uint16Array.of(width, height).buffer), data]),
    );
    writeFileSync(join(scratch, name), Buffer.concat(blocks));
  };
  write("known.bin", [...originals, ...others]);
  write(
    "changed.bin",
    changed.map(({ picture }) => picture),
  );
  const task = { faces: changed.map(({ face }) => face), changes: changed.map(({ change }) => change), distances };
  writeFileSync(join(scratch, "task.json"), JSON.stringify(task));
  return JSON.parse(execFileSync(python, [peer, scratch], { encoding: "utf8", maxBuffer: 2 ** 26 }));
}

function rowsOf({ counts }, { of, subject, each }) {
  const all = Object.values(counts).reduce(
    (sum, { found, wrong, of: n }) => ({ found: sum.found + found, wrong: sum.wrong + wrong, of: sum.of + n }),
    { found: 0, wrong: 0, of: 0 },
  );
  return Object.entries(each ? { ...counts, "all six": all } : { "all six": all }).flatMap(([change, count]) => {
    const row = (what, value, unit) => ({ subject, case: `${of}, ${change}: ${what}`, value, unit, ratio: null });
    return [
      row("recall", (100 * count.found) / count.of, "%"),
      row("precision", count.found === 0 ? 0 : (100 * count.found) / (count.found + count.wrong), "%"),
      row("others taken for it", count.wrong, "pairs"),
    ];
  });
}

/** The twins that FER2013 holds, other than those of the same pixels. */
async function natural({ train, rest }, log) {
  const pictures = [...train, ...rest];
  const began = performance.now();
  const { photos, pairs } = await photosOf(sketches(pictures));
  const seconds = (performance.now() - began) / 1000;
  log(`all of FER2013: ${seconds.toFixed(1)} s`);
  const sizes = new Map();
  for (const photo of photos) sizes.set(photo, (sizes.get(photo) ?? 0) + 1);
  const trained = new Set(photos.slice(0, train.length));
  const leaked = photos.slice(train.length).filter((photo) => trained.has(photo)).length;
  const twins = [...sizes.values()].filter((size) => size > 1);
  if (process.env.FER_BENCH_SHEET !== undefined) {
    const drawn = Array.from(
      shuffle(Uint32Array.from(pairs.keys()), splitRandom(3, "sheet")).slice(0, 200),
      (i) => pairs[i],
    );
    writeFileSync(process.env.FER_BENCH_SHEET, sheet(drawn, pictures));
  }
  const row = (subject, value, unit) => ({ subject, case: "FER2013, its own near twins", value, unit, ratio: null });
  return [
    row("photos that are there several times", twins.length, "photos"),
    row(
      "pictures of them",
      twins.reduce((sum, size) => sum + size, 0),
      "pictures",
    ),
    row("pictures of public test with a near twin in training", leaked, "pictures"),
    row("sketches and search", seconds, "s"),
  ];
}

/** Pairs side by side, ten to a row, the least alike first. */
function sheet(pairs, pictures) {
  const [zoom, columns] = [2, 10];
  const [width, height] = [columns * (2 * SIDE + 8) * zoom, Math.ceil(pairs.length / columns) * (SIDE + 6) * zoom];
  const data = new Uint8Array(width * height).fill(255);
  for (const [at, { first, second }] of pairs.toSorted((a, b) => a.likeness - b.likeness).entries()) {
    for (const [side, i] of [first, second].entries()) {
      const left = ((at % columns) * (2 * SIDE + 8) + side * SIDE) * zoom;
      const top = Math.floor(at / columns) * (SIDE + 6) * zoom;
      for (let y = 0; y < SIDE * zoom; y++)
        for (let x = 0; x < SIDE * zoom; x++)
          data[(top + y) * width + left + x] = pictures[i].data[Math.floor(y / zoom) * SIDE + Math.floor(x / zoom)];
    }
  }
  return encodePng({ width, height, channels: 1, data });
}
