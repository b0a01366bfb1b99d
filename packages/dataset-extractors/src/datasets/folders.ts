/**
 * A user's own pictures in folders named after their class (or mapped by `map`), with or without folders named after
 * a split above or below them. The subject can be read out of the path by a regular expression.
 */
import { z } from "zod";
import { defineAdapter, safeId } from "../adapter.js";
import { OptionsError } from "@fer/core";
import { classImages, FolderMap, isNumbered, mapNeeded } from "../readers/class-folders.js";
import type { Folder } from "../tree/folder.js";
import { GroupSpace, ownGroupSpace } from "../readers/own-data.js";
import { ImageKind } from "@fer/core/image-folder";

const Options = z.strictObject({
  map: FolderMap.optional(),
  subjectPattern: z
    .string()
    .optional()
    .describe('regular expression on the relative path; its first group is the subject, e.g. "^.*/(p\\d+)_"'),
  groupSpace: GroupSpace,
  imageKind: ImageKind.default("crop").describe("what the pictures show: cut-out faces (crop) or whole photos (photo)"),
});
type Options = z.infer<typeof Options>;

export const folders = defineAdapter({
  name: "folders",
  title: "Own pictures in class folders",
  citation: "none",
  licence: "the user's own",
  homepage: "none",
  access: "Pictures of your own.",
  imageKind: "crop",
  groupKind: "subject",
  groupSpace: "own",
  splits: ["train", "val", "test", "all"],
  verified: "real files",
  options: Options,
  forms: [
    {
      name: "class-folders",
      tree: `
<root>/[train|val|test/]<class>/**/*.{png,jpg,...}      class = neutral, angry, anger, happy, ... as a whole name`,
      imageKind: ({ imageKind }) => imageKind,
      groupSpace: ownGroupSpace,
      groupKind: ({ subjectPattern }) => (subjectPattern === undefined ? "none" : "subject"),
      detect(folder, { map, subjectPattern }) {
        pattern(subjectPattern);
        if (classImages(folder, map).some(({ expression }) => expression !== undefined)) return folder;
        if (map === undefined && isNumbered(folder)) throw mapNeeded("folders", folder);
        return undefined;
      },
      read: readClassFolders,
    },
  ],
});

async function* readClassFolders(folder: Folder, { map, subjectPattern }: Options, tally: { rows(): void }) {
  const subjectOf = pattern(subjectPattern);
  for (const { file, expression, label, split, name } of classImages(folder, map)) {
    tally.rows();
    if (expression === undefined) {
      yield { source: file, reason: "unlabelled" as const, detail: "no folder above it names a class" };
      continue;
    }
    const found = subjectOf?.exec(file);
    if (subjectOf !== undefined && found == null) {
      const detail = `its path does not match the subject pattern ${subjectPattern}`;
      yield { source: file, reason: "unknown" as const, detail };
      continue;
    }
    const subject = found?.[1] ?? found?.[0] ?? null;
    yield {
      id: safeId(name),
      image: { file },
      expression,
      split: split ?? "all",
      subject,
      source: file,
      rawLabel: label,
    };
  }
}

function pattern(text: string | undefined): RegExp | undefined {
  if (text === undefined) return undefined;
  try {
    return new RegExp(text, "u");
  } catch (cause) {
    throw new OptionsError({
      code: "INVALID_OPTIONS",
      subject: "folders",
      found: `subjectPattern "${text}" is no regular expression (${(cause as Error).message})`,
      expected: "one with a group for the subject",
      fix: 'For example "^.*/(p\\d+)_" for pictures called p12_3.png',
      cause,
    });
  }
}
