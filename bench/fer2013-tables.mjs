/**
 * Writes `fer2013.csv` and `fer2013new.csv` from pictures of FER2013, FER+'s votes and the list that joins them, as far
 * as the pictures go: what `fer extract ferplus --rule fer2013` reads.
 *
 *     node bench/fer2013-tables.mjs <folder to write>        FER_DATA names the folder with
 *         fer2013-train-and-public.tar.gz                    train/<class>/Training_*.png, test/<class>/PublicTest_*.png
 *         annotations/ferplus_fer2013new.csv                 the owners' votes
 *         annotations/fer2013_rows.csv                       file,row,...
 *
 * Rows stand in the owners' order; pictures that no row is known of follow those of their part, with ten votes for NF.
 */
import { execFileSync } from "node:child_process";
import { createWriteStream, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { once } from "node:events";
import { Jimp } from "jimp";

const CODES = ["angry", "disgust", "fear", "happy", "sad", "surprise", "neutral"];
const USAGES = { train: "Training", test: "PublicTest" };
const NO_VOTES = ",0,0,0,0,0,0,0,0,0,10";

const [to] = process.argv.slice(2);
const data = process.env.FER_DATA;
if (to === undefined || data === undefined) {
  console.error("usage: FER_DATA=<folder of real data> node bench/fer2013-tables.mjs <folder to write>");
  process.exit(2);
}

const lines = (file) =>
  readFileSync(join(data, "annotations", file), "utf8")
    .trim()
    .split(/\r?\n/)
    .slice(1);
const votes = lines("ferplus_fer2013new.csv");
const rowOf = new Map(
  lines("fer2013_rows.csv")
    .map((line) => line.split(","))
    .map(([file, row]) => [file, +row]),
);

const pictures = mkdtempSync(join(tmpdir(), "fer2013-"));
try {
  execFileSync("tar", ["-xzf", join(data, "fer2013-train-and-public.tar.gz"), "-C", pictures]);
  const files = readdirSync(pictures, { recursive: true }).filter((file) => file.endsWith(".png"));
  const rows = files.map((file) => {
    const [part, folder, name] = file.split("/").slice(-3);
    return { file, name, part, code: CODES.indexOf(folder), row: rowOf.get(`${part}/${folder}/${name}`) ?? null };
  });
  const parts = Object.keys(USAGES);
  const place = ({ part, row }) => [parts.indexOf(part), row ?? Infinity];
  rows.sort((a, b) => {
    const [x, y] = [place(a), place(b)];
    return x[0] - y[0] || (x[1] === y[1] ? (a.name < b.name ? -1 : 1) : x[1] - y[1]);
  });

  mkdirSync(to, { recursive: true });
  const pixels = createWriteStream(join(to, "fer2013.csv"));
  const labels = createWriteStream(join(to, "fer2013new.csv"));
  pixels.write("emotion,pixels,Usage\n");
  labels.write("Usage,Image name,neutral,happiness,surprise,sadness,anger,disgust,fear,contempt,unknown,NF\n");
  for (const { file, part, code, row } of rows) {
    const { bitmap } = await Jimp.read(join(pictures, file));
    const values = Array.from({ length: bitmap.width * bitmap.height }, (_, i) => bitmap.data[4 * i]);
    if (!pixels.write(`${code},${values.join(" ")},${USAGES[part]}\n`)) await once(pixels, "drain");
    labels.write(`${row === null ? `${USAGES[part]},${NO_VOTES}` : votes[row]}\n`);
  }
  for (const stream of [pixels, labels]) {
    stream.end();
    await once(stream, "finish");
  }
  const known = rows.filter(({ row }) => row !== null).length;
  console.log(`${rows.length} rows, ${known} of them with the owners' votes, written to ${to}`);
} finally {
  rmSync(pictures, { recursive: true, force: true });
}
