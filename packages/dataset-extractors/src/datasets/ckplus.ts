/**
 * CK+ (extended Cohn-Kanade, 2010) and its derivatives. 593 sequences of 123 people, from a relaxed face to a peak;
 * 327 carry an emotion label. The label belongs to the last frame (the peak); taking the first as neutral is a
 * convention, not the owners' word, and therefore an option. Code 2 is contempt: the codes are not canonical.
 */
import { z } from "zod";
import { defineAdapter, safeId, type SampleInput, type SkippedInput, type Tally } from "../adapter.js";
import type { Expression } from "@fer/core";
import { classImages, FolderMap, isNumbered, mapNeeded } from "../readers/class-folders.js";
import { csvRecords, csvRows } from "../files/csv.js";
import { base, stem, type Folder } from "../tree/folder.js";
import { parsePixelCell } from "../readers/pixel-table.js";
import { readHeader } from "../image/header.js";

const CODES = ["neutral", "anger", "contempt", "disgust", "fear", "happy", "sad", "surprise"] as const;
/** ckextended.csv numbers like FER2013, with contempt behind. */
const CSV_CODES = ["anger", "disgust", "fear", "happy", "sad", "surprise", "neutral", "contempt"] as const;
const NAME = /^(S\d{3})_(\d{3})_(\d{8})/;

const Options = z.strictObject({
  frames: z
    .number()
    .int()
    .min(1)
    .max(71)
    .default(1)
    .describe("last frames taken of a labelled sequence; 1 is the peak"),
  neutral: z
    .enum(["none", "labelled", "all"])
    .default("none")
    .describe("take the first frame as neutral: of no sequence, of the labelled ones, or of all 593"),
  map: FolderMap.optional(),
});
type Options = z.infer<typeof Options>;
type Item = SampleInput | SkippedInput;

export const ckplus = defineAdapter({
  name: "ckplus",
  title: "Extended Cohn-Kanade (CK+)",
  citation:
    "Lucey, Cohn, Kanade, Saragih, Ambadar, Matthews: The Extended Cohn-Kanade Dataset (CK+). CVPR Workshops 2010.",
  licence: "signed agreement, research only, no redistribution",
  homepage: "https://www.jeffcohn.net/resources/",
  access: "Signed agreement with the Affect Analysis Group, University of Pittsburgh.",
  imageKind: "crop",
  groupKind: "subject",
  groupSpace: "ckplus",
  splits: ["all"],
  verified: "real files",
  options: Options,
  forms: [
    {
      name: "official",
      tree: `
cohn-kanade-images/S005/001/S005_001_00000001.png ...
Emotion/S005/001/S005_001_00000011_emotion.txt           labelled sequences only
FACS/S005/001/S005_001_00000011_facs.txt                 optional
Landmarks/S005/001/S005_001_00000011_landmarks.txt       optional`,
      imageKind: "photo",
      expected: officialTotals,
      detect: (folder) => (imageRoot(folder) !== undefined && labelFiles(folder).length > 0 ? folder : undefined),
      read: readOfficial,
    },
    {
      name: "ck48",
      tree: "CK+48/{anger,contempt,disgust,fear,happy,sadness,surprise}/S010_004_00000017.png      48 x 48",
      expected: [{ mark: "V", counts: [0, 135, 177, 75, 207, 84, 249, 54] }],
      detect: async (folder) => ((await isCk48(folder)) ? folder : undefined),
      read: readClasses,
    },
    {
      name: "csv",
      tree: "ckextended.csv      emotion,pixels,Usage",
      groupKind: "none",
      expected: [{ mark: "2", counts: [593, 45, 59, 25, 69, 28, 83, 18] }],
      detect: (folder) => (folder.findFiles("ckextended.csv").length > 0 ? folder : undefined),
      read: readCsv,
    },
    {
      name: "class-folders",
      tree: "{anger,contempt,disgust,fear,happy,neutral,sadness,surprise}/**/*.{png,jpg}",
      detect: async (folder, { map }) =>
        map === undefined && hasClasses(folder) && !(await isCk48(folder)) ? folder : undefined,
      read: readClasses,
    },
    {
      name: "numbered-folders",
      tree: "{0..7}/**/*.{png,jpg}      only with a map, as copies number differently",
      detect(folder, { map }) {
        if (map === undefined && isNumbered(folder)) throw mapNeeded("ckplus", folder);
        return map !== undefined && hasClasses(folder, map) ? folder : undefined;
      },
      read: readClasses,
    },
  ],
});

const PEAKS = [0, 45, 59, 25, 69, 28, 83, 18];

function officialTotals({ frames, neutral }: Options) {
  if (frames > 3) return [];
  const first = { none: 0, labelled: 327, all: 593 }[neutral];
  return [{ mark: "V" as const, counts: PEAKS.map((n, label) => (label === 0 ? first : n * frames)) }];
}

/** The first folder that contains `S005/001/` with pictures, wherever it lies and whatever it is called. */
function imageRoot(folder: Folder): string | undefined {
  const file = folder.images().find((path) => /(^|\/)S\d{3}\/\d{3}\/S\d{3}_\d{3}_\d{8}\.\w+$/.test(path));
  return file?.split("/").slice(0, -3).join("/");
}

const labelFiles = (folder: Folder) => folder.files.filter((file) => /^S.*_emotion\.txt$/.test(base(file)));

async function* readOfficial(folder: Folder, { frames, neutral }: Options, tally: Tally): AsyncGenerator<Item> {
  const sequences = new Map<string, { images: string[]; label?: string }>();
  const sequence = (file: string) => {
    const key = stem(file).slice(0, 8);
    const known = sequences.get(key) ?? { images: [] };
    sequences.set(key, known);
    return known;
  };
  for (const file of folder.images(imageRoot(folder)!)) if (NAME.test(base(file))) sequence(file).images.push(file);
  for (const file of labelFiles(folder)) sequence(file).label = file;
  for (const [key, { images, label }] of [...sequences].sort(([a], [b]) => (a < b ? -1 : 1))) {
    images.sort((a, b) => (stem(a) < stem(b) ? -1 : 1));
    const first = images[0];
    if (first === undefined) {
      tally.rows();
      yield { source: label ?? key, reason: "missing-file", detail: `sequence ${key} has a label but no pictures` };
      continue;
    }
    const text = label === undefined ? "" : (await folder.text(label)).trim();
    const expression = text === "" ? undefined : CODES[Number(text)];
    if (neutral === "all" || (neutral === "labelled" && expression !== undefined)) {
      tally.rows();
      yield await frame(folder, first, "neutral", null);
    }
    if (expression === undefined) {
      tally.rows();
      const detail = text === "" ? "the sequence has no emotion label" : `emotion "${text}" is none of 0..7`;
      yield { source: label ?? dirOf(first), reason: text === "" ? "unlabelled" : "invalid", detail };
      continue;
    }
    // a first frame that was taken as neutral is not also a peak
    const rest = neutral === "none" ? images : images.slice(1);
    for (const image of rest.slice(-frames)) {
      tally.rows();
      yield await frame(folder, image, expression, text);
    }
  }
}

/** One picture with what its name says, and its landmarks and action units where they are shipped. */
async function frame(folder: Folder, file: string, expression: Expression, rawLabel: string | null) {
  const numbers = async (suffix: string) => {
    const { path } = folder.find(`${stem(file)}_${suffix}.txt`);
    if (path === undefined) return null;
    const lines = (await folder.text(path)).split("\n").map((line) => line.trim().split(/\s+/).map(Number));
    return lines.filter((line) => line.length === 2 && line.every(Number.isFinite)) as [number, number][];
  };
  const units = await numbers("facs");
  return {
    ...named(file),
    id: stem(file),
    image: { file },
    expression,
    source: file,
    rawLabel,
    landmarks: await numbers("landmarks"),
    actionUnits: units && Object.fromEntries(units.map(([unit, intensity]) => [String(unit), intensity])),
  };
}

function named(file: string) {
  const [, subject, , number] = NAME.exec(base(file)) ?? [];
  return subject === undefined ? {} : { subject, group: subject, frame: Number(number) };
}

const dirOf = (file: string) => file.slice(0, file.lastIndexOf("/"));

function hasClasses(folder: Folder, map?: Options["map"]): boolean {
  return classImages(folder, map).some(({ expression }) => expression !== undefined);
}

/** CK+48 has 48 x 48 pictures under the owners' names and no neutral. */
async function isCk48(folder: Folder): Promise<boolean> {
  const images = classImages(folder).filter(({ expression }) => expression !== undefined);
  const [first] = images;
  if (first === undefined) return false;
  if (images.some(({ file, expression }) => expression === "neutral" || !NAME.test(base(file)))) return false;
  const header = readHeader(await folder.bytes(first.file));
  return typeof header !== "string" && header.width === 48 && header.height === 48;
}

async function* readClasses(folder: Folder, { map }: Options, tally: Tally): AsyncGenerator<Item> {
  for (const { file, expression, label, name } of classImages(folder, map)) {
    tally.rows();
    if (expression === undefined)
      yield { source: file, reason: "unlabelled", detail: "no folder above it names a class" };
    else {
      const id = NAME.test(base(file)) ? base(name) : safeId(name);
      yield { ...named(file), id, image: { file }, expression, source: file, rawLabel: label };
    }
  }
}

async function* readCsv(folder: Folder, _options: Options, tally: Tally): AsyncGenerator<Item> {
  const file = folder.findFiles("ckextended.csv")[0]!;
  const rows = csvRows(folder.lines(file), { file });
  let row = 0;
  for await (const { line, values } of csvRecords(rows, {
    file,
    required: ["emotion", "pixels"],
    optional: ["Usage"],
  })) {
    tally.rows();
    const source = `${file}:${line}`;
    const id = `ckextended_${String(row++).padStart(4, "0")}`;
    const expression = CSV_CODES[Number(values.emotion)];
    const pixels = parsePixelCell(values.pixels, 48 * 48);
    if (expression === undefined)
      yield { source, reason: "invalid", detail: `emotion "${values.emotion}" is none of 0..7` };
    else if (typeof pixels === "string") yield { source, reason: "undecodable", detail: pixels };
    else {
      const image = { pixels, width: 48, height: 48, channels: 1 as const };
      yield { id, image, expression, source, rawLabel: values.emotion };
    }
  }
}
