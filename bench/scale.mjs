/**
 * Extraction of a dataset of a million rows: 100 generated tracks in the form of Aff-Wild2, 10,000 rows and 2,000 crops
 * of 24 x 24 pixels each. A tenth, half and all of it, each in a process of its own: rows and images a second, and the
 * most memory that the process ever held.
 */
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { encodePng } from "@fer/dataset-extractors/image";

export const title = "Extraction of a million rows: rate and memory";
export const peers = "none: a tenth and half of the same dataset";

const TRACKS = Number(process.env.FER_BENCH_TRACKS ?? 100);
const ROWS = 10_000;
const IMAGES = 2000;
const child = fileURLToPath(new URL("peers/extract_memory.mjs", import.meta.url));

export async function run({ log }) {
  const scratch = mkdtempSync(join(process.env.FER_BENCH_SCRATCH ?? tmpdir(), "fer-bench-scale-"));
  const rows = [];
  try {
    for (const part of [0.1, 0.5, 1]) {
      const tracks = Math.round(TRACKS * part);
      const from = join(scratch, "in");
      writeTracks(from, tracks, log);
      const to = join(scratch, "out");
      const { seconds, peak, info } = JSON.parse(
        execFileSync(process.execPath, [child, from, to], { encoding: "utf8" }),
      );
      if (info.rows !== tracks * ROWS || info.total !== tracks * IMAGES) {
        throw new Error(`${info.rows} rows and ${info.total} images came out of ${tracks} tracks`);
      }
      const name = `${info.rows.toLocaleString("en-US")} rows, ${info.total.toLocaleString("en-US")} images`;
      log(`${name}: ${seconds.toFixed(1)} s, ${(peak / 1e6).toFixed(0)} MB`);
      const row = (subject, value, unit) => ({ subject, case: name, value, unit, ratio: null });
      rows.push(
        row("rows", info.rows / seconds, "rows/s"),
        row("images", info.total / seconds, "images/s"),
        row("largest resident memory", peak / 1e6, "MB"),
      );
      rmSync(scratch, { recursive: true });
      mkdirSync(scratch);
    }
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
  return rows;
}

/** Every fifth frame has a crop and a label; the others are not annotated. */
function writeTracks(root, tracks, log) {
  log(`writing ${tracks} tracks`);
  const labels = join(root, "EXPR_Classification_Challenge/Train_Set");
  mkdirSync(labels, { recursive: true });
  const every = ROWS / IMAGES;
  for (let track = 0; track < tracks; track++) {
    const name = `video${track}`;
    const lines = ["Neutral,Anger,Disgust,Fear,Happiness,Sadness,Surprise,Other"];
    const crops = join(root, "cropped_aligned", name);
    mkdirSync(crops, { recursive: true });
    for (let frame = 1; frame <= ROWS; frame++) {
      const hasCrop = frame % every === 0;
      lines.push(hasCrop ? String((frame / every) % 7) : "-1");
      if (!hasCrop) continue;
      const data = Uint8Array.from(
        { length: 576 },
        (_, i) => Math.imul(i + frame * 577 + track * 7919, 2654435761) >>> 24,
      );
      writeFileSync(
        join(crops, `${String(frame).padStart(5, "0")}.png`),
        encodePng({ width: 24, height: 24, channels: 1, data }),
      );
    }
    writeFileSync(join(labels, `${name}.txt`), `${lines.join("\n")}\n`);
  }
}
