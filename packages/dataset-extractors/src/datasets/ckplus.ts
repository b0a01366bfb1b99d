/**
 * CK+ (extended Cohn-Kanade, 2010) and its derivatives. 593 sequences of 123 people, from a relaxed face to a peak;
 * 327 carry an emotion label. The label belongs to the last frame (the peak); taking the first as neutral is a
 * convention, not the owners' word, and therefore an option. Code 2 is contempt: the codes are not canonical.
 */
import { z } from "zod";
import type { Notes } from "../definition.js";
import { defineAdapter } from "../adapter.js";
import { type SampleInput, type SkippedInput } from "../items.js";
import { byCodeUnit, DatasetError, type Expression } from "@fer/core";
import { headedTables } from "../files/csv.js";
import { safeId } from "../ids.js";
import { classFolders, classImages, classMisfit, FolderMap, isNumbered, mapNeeded } from "../readers/class-folders.js";
import { meaningOf } from "../readers/codes.js";
import { pixelImage, pixelRows } from "../readers/pixel-table.js";
import { pictureHeader } from "../readers/picture-sizes.js";
import type { Folder } from "../tree/folder.js";
import { fileName, fileStem, folderOf } from "../tree/names.js";

const CODES = ["neutral", "anger", "contempt", "disgust", "fear", "happy", "sad", "surprise"] as const;
/** ckextended.csv numbers like FER2013, with contempt behind. */
const CSV_CODES = ["anger", "disgust", "fear", "happy", "sad", "surprise", "neutral", "contempt"] as const;
const NAME = /^(S\d{3})_(\d{3})_(\d{8})/;
const CSV = "ckextended.csv";
/** The largest code of the owners. */
const PEAK_CODE = 7;
/** Rows of ckextended.csv among which a twentieth is anger, code 0. */
const ENOUGH = 100;

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
  ownNames: true,
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
      detect(folder) {
        const [images, labels] = [imageRoot(folder) !== undefined, labelFiles(folder).length > 0];
        if (images && labels) return folder;
        if (images) return { misses: "there are sequences, and no S005_001_00000011_emotion.txt", near: 0.5 };
        return labels
          ? { misses: "there are emotion labels, and no pictures S005/001/S005_001_00000001.png", near: 0.5 }
          : undefined;
      },
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
      async detect(folder) {
        if (folder.findFiles(CSV).length > 0) return folder;
        const [other] = (await headedTables(folder, ["emotion", "pixels"])).files;
        if (other === undefined) return undefined;
        return { misses: `"${other}" has the columns of ${CSV}: call it so if that is what it is`, near: 0.6 };
      },
      read: readCsv,
    },
    {
      name: "class-folders",
      tree: "{anger,contempt,disgust,fear,happy,neutral,sadness,surprise}/**/*.{png,jpg}",
      async detect(folder, { map }) {
        if (map !== undefined) return undefined;
        if (!hasClasses(folder)) return classMisfit(folder);
        return (await isCk48(folder)) ? undefined : folder;
      },
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

const labelFiles = (folder: Folder) => folder.files.filter((file) => /^S.*_emotion\.txt$/.test(fileName(file)));

/** A sequence: its pictures in order of their numbers, and its label file. */
interface Sequence {
  key: string;
  images: string[];
  label: string | undefined;
}

function sequences(folder: Folder): Sequence[] {
  const found = new Map<string, Sequence>();
  const sequence = (file: string) => {
    const key = fileStem(file).slice(0, 8);
    const known = found.get(key) ?? { key, images: [], label: undefined };
    found.set(key, known);
    return known;
  };
  for (const file of folder.images(imageRoot(folder)!)) if (NAME.test(fileName(file))) sequence(file).images.push(file);
  for (const file of labelFiles(folder)) sequence(file).label = file;
  for (const { images } of found.values()) images.sort((a, b) => byCodeUnit(fileStem(a), fileStem(b)));
  return [...found.values()].sort((a, b) => byCodeUnit(a.key, b.key));
}

async function* readOfficial(folder: Folder, options: Options): AsyncGenerator<Item> {
  const labels = await Promise.all(labelFiles(folder).map(async (file) => Number(await folder.text(file))));
  const numbers = [...new Set(labels.filter(Number.isInteger))].sort((a, b) => a - b);
  // 0 is reserved for neutral; where it stands for anger, there is no 7
  if (numbers.some((code) => code > PEAK_CODE) || (numbers[0] === 0 && numbers.at(-1) !== PEAK_CODE))
    throw otherCodes("the files *_emotion.txt", { numbers, expected: "1 (anger) to 7 (surprise)" });
  for (const sequence of sequences(folder)) yield* readSequence({ folder, sequence, options });
}

interface SequenceTask {
  folder: Folder;
  sequence: Sequence;
  options: Options;
}

async function* readSequence({ folder, sequence, options }: SequenceTask): AsyncGenerator<Item> {
  const { key, images, label } = sequence;
  const { frames, neutral } = options;
  const [first] = images;
  const peak = images.at(-1);
  if (first === undefined || peak === undefined) {
    yield { source: label ?? key, reason: "missing-file", detail: `sequence ${key} has a label but no pictures` };
    return;
  }
  const text = label === undefined ? "" : (await folder.text(label)).trim();
  const expression = text === "" ? undefined : CODES[Number(text)];
  const isFirst = numberOf(first) === 1;
  const isNeutral = isFirst && (neutral === "all" || (neutral === "labelled" && expression !== undefined));
  if (isNeutral) yield frame(folder, { file: first, expression: "neutral", rawLabel: null });
  const rest = isNeutral ? images.slice(1) : images;
  if (expression === undefined || label === undefined) {
    // the folder stands for all its frames
    const source = folderOf(first);
    const none = label === undefined ? "the sequence has no emotion label" : `"${label}" is empty`;
    if (text === "") yield { source, reason: "unlabelled", detail: none };
    else yield { source, reason: "invalid", detail: `${label}: emotion "${text}" is not one of 0 to 7` };
    return;
  }
  // the label's name carries the number of the peak: without that picture, the last one there shows something else
  if (numberOf(label) !== numberOf(peak)) {
    const detail = `its peak, frame ${numberOf(label)}, is not among the pictures (the last is ${numberOf(peak)})`;
    yield { source: label, reason: "missing-file", detail: `sequence ${key}: ${detail}` };
    for (const source of rest) yield { source, reason: "not-chosen", detail };
    return;
  }
  for (const [at, file] of rest.entries()) {
    if (at >= rest.length - frames) yield frame(folder, { file, expression, rawLabel: text });
    else yield { source: file, reason: "not-chosen", detail: `not among the last of its sequence (frames: ${frames})` };
  }
}

interface Frame {
  file: string;
  expression: Expression;
  rawLabel: string | null;
}

/** One picture with what its name says, and its landmarks and action units where they are shipped. */
async function frame(folder: Folder, { file, expression, rawLabel }: Frame): Promise<SampleInput> {
  const numbers = async (suffix: string) => {
    const { path } = folder.find(`${fileStem(file)}_${suffix}.txt`);
    if (path === undefined) return null;
    const lines = (await folder.text(path)).split("\n").map((line) => line.trim().split(/\s+/).map(Number));
    return lines.filter((line) => line.length === 2 && line.every(Number.isFinite)) as [number, number][];
  };
  const units = await numbers("facs");
  return {
    ...named(file),
    id: fileStem(file),
    image: { file },
    expression,
    source: file,
    rawLabel,
    landmarks: await numbers("landmarks"),
    actionUnits: units && Object.fromEntries(units.map(([unit, intensity]) => [String(unit), intensity])),
  };
}

const numberOf = (file: string): number => Number(NAME.exec(fileName(file))?.[3]);

function named(file: string) {
  const [, subject, , number] = NAME.exec(fileName(file)) ?? [];
  return subject === undefined ? {} : { subject, group: subject, frame: Number(number) };
}

function hasClasses(folder: Folder, map?: Options["map"]): boolean {
  return classImages(folder, map).some(({ expression }) => expression !== undefined);
}

/** CK+48 has 48 x 48 pictures under the owners' names and no neutral. */
async function isCk48(folder: Folder): Promise<boolean> {
  const images = classImages(folder).filter(({ expression }) => expression !== undefined);
  const [first] = images;
  if (first === undefined) return false;
  if (images.some(({ file, expression }) => expression === "neutral" || !NAME.test(fileName(file)))) return false;
  const header = await pictureHeader(folder, first);
  return typeof header !== "string" && header.width === 48 && header.height === 48;
}

function readClasses(folder: Folder, { map, warn }: Options & Notes): AsyncGenerator<Item> {
  return classFolders({
    images: classImages(folder, map),
    notes: { warn: map === undefined ? warn : () => {} },
    ownName: ({ file }) => (NAME.test(fileName(file)) ? fileStem(file) : undefined),
    read({ file, expression, label, name }) {
      const id = NAME.test(fileName(file)) ? fileName(name) : safeId(name);
      return { ...named(file), id, expression, rawLabel: label };
    },
  });
}

async function* readCsv(folder: Folder): AsyncGenerator<Item> {
  const file = folder.findFiles(CSV)[0]!;
  const seen = new Set<number>();
  let rows = 0;
  for await (const { source, row, emotion, pixels } of pixelRows(folder, file)) {
    const id = `ckextended_${String(row).padStart(4, "0")}`;
    const table = (code: string) =>
      CSV_CODES[Number(code)] ?? { reason: "invalid" as const, detail: `emotion "${code}" is not one of 0 to 7` };
    const expression = meaningOf({ source, what: "emotion", cell: emotion, table, expected: "0 to 7" });
    seen.add(Number(emotion));
    rows += 1;
    if (typeof expression !== "string") yield { ...expression, source };
    else if (typeof pixels === "string") yield { source, reason: "undecodable", detail: pixels };
    else yield { id, image: pixelImage(pixels), expression, source, rawLabel: emotion };
  }
  if (!seen.has(0) && (rows >= ENOUGH || [...seen].some((code) => code >= CSV_CODES.length)))
    throw otherCodes(file, { numbers: [...seen].sort((a, b) => a - b), expected: "0 (anger) to 7 (contempt)" });
}

function otherCodes(subject: string, { numbers, expected }: { numbers: number[]; expected: string }): DatasetError {
  return new DatasetError({
    code: "OTHER_NUMBERS",
    subject,
    found: `the emotions are numbered ${numbers.join(", ")}`,
    expected: `the owners' codes ${expected}: these are numbered otherwise, and every label could be wrong`,
    fix: "Use the files as their owners ship them",
    context: { numbers },
  });
}
