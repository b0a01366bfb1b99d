/** Codes of frames as ABAW has them on disk, and how many frames videos have. */
import { readdir, stat } from "node:fs/promises";
import { basename, join } from "node:path";
import { byCodeUnit, fileLines, FormatError } from "@fer/core";
import { ABAW_CLASSES, type AbawEdition, NO_FACE } from "./abaw.js";

/** The single file of later editions. */
export const SINGLE = "predictions.txt";

/** Codes of videos, one a frame. */
export interface AbawCodes {
  edition: AbawEdition;
  videos: Map<string, number[]>;
}

/** A folder of `<video>.txt`, or a single file. @throws FormatError */
export async function readAbaw(path: string): Promise<AbawCodes> {
  if (!(await isFolder(path))) return readSingle(path);
  const names = (await readdir(path)).filter((name) => name.endsWith(".txt")).toSorted(byCodeUnit);
  if (names.length === 1 && names[0] === SINGLE) return readSingle(join(path, SINGLE));
  const videos = new Map<string, number[]>();
  let edition: AbawEdition | undefined;
  for (const name of names) {
    const file = join(path, name);
    const codes: number[] = [];
    for await (const { line, text } of fileLines(file)) {
      if (line === 1) {
        const own = editionOf(text, file);
        edition ??= own;
        if (own !== edition)
          throw badFile(file, {
            found: "another edition than the files before it",
            expected: `the header of ${edition}`,
          });
      } else codes.push(codeOf(text, { file, line, edition: edition! }));
    }
    videos.set(basename(name, ".txt"), codes);
  }
  if (edition === undefined) throw badFile(path, { found: "no .txt", expected: "a <video>.txt for each video" });
  return { edition, videos };
}

async function readSingle(file: string): Promise<AbawCodes> {
  const videos = new Map<string, number[]>();
  let edition: AbawEdition | undefined;
  for await (const { line, text } of fileLines(file)) {
    if (edition === undefined) {
      const header = /^image_location,(.+)$/.exec(text)?.[1];
      if (header === undefined)
        throw badFile(file, {
          found: `"${text.slice(0, 60)}" in the first line`,
          expected: "image_location,Neutral,Anger,...",
        });
      edition = editionOf(header, file);
      continue;
    }
    const [, location, code] = /^(.+),\s*(-?\d+)$/.exec(text) ?? [];
    const place = location === undefined ? null : placeOf(location);
    if (place === null || code === undefined)
      throw badFile(`${file}, line ${line}`, { found: `"${text.slice(0, 60)}"`, expected: "<video>/00001.jpg,<code>" });
    const codes = videos.get(place.video) ?? [];
    videos.set(place.video, codes);
    if (codes[place.frame - 1] !== undefined)
      throw badFile(`${file}, line ${line}`, { found: `${location} for the second time`, expected: "each frame once" });
    codes[place.frame - 1] = codeOf(code, { file, line, edition });
  }
  if (edition === undefined)
    throw badFile(file, { found: "an empty file", expected: "image_location,Neutral,Anger,..." });
  // Frames that are not listed are not annotated.
  return {
    edition,
    videos: new Map([...videos].map(([video, codes]) => [video, Array.from(codes, (code) => code ?? NO_FACE)])),
  };
}

function editionOf(header: string, file: string): AbawEdition {
  const found = header.split(",").map((name) => name.trim());
  for (const edition of [2020, 2022] as const) if (ABAW_CLASSES[edition].join() === found.join()) return edition;
  throw badFile(file, {
    found: `the classes ${found.join(",").slice(0, 80)}`,
    expected: `${ABAW_CLASSES[2020].join(",")}, with Other behind them from 2022 on`,
  });
}

function codeOf(text: string, { file, line, edition }: { file: string; line: number; edition: AbawEdition }): number {
  const code = Number(text.trim());
  const last = ABAW_CLASSES[edition].length - 1;
  if (/^\s*-?\d+\s*$/.test(text) && code >= NO_FACE && code <= last) return code;
  throw badFile(`${file}, line ${line}`, {
    found: `"${text.slice(0, 40)}"`,
    expected: `an integer from -1 to ${last}`,
  });
}

/**
 * Number of frames by video: of a table with the columns `video` and `frames`, of annotations, or of a list of images.
 *
 * @throws FormatError
 */
export async function frameCounts(path: string): Promise<Map<string, number>> {
  const lengths = ({ videos }: AbawCodes): Map<string, number> =>
    new Map([...videos].map(([video, codes]) => [video, codes.length]));
  if (await isFolder(path)) return lengths(await readAbaw(path));
  const counts = new Map<string, number>();
  let columns: string[] | undefined;
  for await (const { line, text } of fileLines(path)) {
    if (text.trim() === "") continue;
    const cells = cellsOf(text);
    if (columns === undefined) {
      if (cells[0] === "image_location") {
        if (cells.length > 1) return lengths(await readSingle(path));
        return listedFrames(path);
      }
      columns = cells.map((name) => name.trim().toLowerCase());
      if (columns.includes("video") && columns.includes("frames")) continue;
      throw badFile(path, { found: `the columns ${cells.join(", ").slice(0, 80)}`, expected: "video, frames" });
    }
    const video = cells[columns.indexOf("video")]!.trim().replace(/\.(mp4|avi|mov|mkv|webm)$/i, "");
    const count = Number(cells[columns.indexOf("frames")]);
    if (!Number.isInteger(count) || count < 1 || counts.has(video)) {
      const found = counts.has(video) ? `the video ${video} for the second time` : `"${text.slice(0, 60)}"`;
      throw badFile(`${path}, line ${line}`, { found, expected: "each video once, with a whole number of frames" });
    }
    counts.set(video, count);
  }
  return counts;
}

/** Frames of a list of images without codes: the highest number of each video. */
async function listedFrames(path: string): Promise<Map<string, number>> {
  const counts = new Map<string, number>();
  for await (const { line, text } of fileLines(path)) {
    if (line === 1) continue;
    const place = placeOf(text.trim());
    if (place === null)
      throw badFile(`${path}, line ${line}`, { found: `"${text.slice(0, 60)}"`, expected: "<video>/00001.jpg" });
    counts.set(place.video, Math.max(place.frame, counts.get(place.video) ?? 0));
  }
  return counts;
}

/** `<any folders>/<video>/<number>.<ending>`. */
export function placeOf(path: string): { video: string; frame: number } | null {
  const [, video, frame] = /(?:^|[\\/])([^\\/]+)[\\/](\d+)(?:\.\w+)?$/.exec(path) ?? [];
  return video === undefined || Number(frame) < 1 ? null : { video, frame: Number(frame) };
}

/** Cells of a line, in quotes where they hold a comma or a quote. */
export const cellsOf = (line: string): string[] =>
  [...line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g)].map(
    ([, quoted, plain]) => quoted?.replaceAll('""', '"') ?? plain!,
  );

const isFolder = async (path: string): Promise<boolean> => (await stat(path).catch(() => null))?.isDirectory() ?? false;

/** What is not as the owner has it. */
export const badFile = (subject: string, parts: { found: string; expected: string; fix?: string }): FormatError =>
  new FormatError({ code: "BAD_ABAW_FILE", subject, ...parts });
