/**
 * A user's own pictures in folders named after their class (or mapped by `map`), with or without folders named after
 * a split above or below them. The subject can be read out of the path by a regular expression.
 */
import { z } from "zod";
import type { Notes } from "../definition.js";
import { defineAdapter } from "../adapter.js";
import { OptionsError } from "@fer/core";
import { safeId } from "../ids.js";
import { classFolders, classImages, classMisfit, FolderMap, isNumbered, mapNeeded } from "../readers/class-folders.js";
import { checkSizes, OwnData, ownKinds } from "../readers/own-data.js";
import type { Folder } from "../tree/folder.js";

const Options = z.strictObject({
  map: FolderMap.optional(),
  subjectPattern: z
    .string()
    .optional()
    .describe('regular expression on the relative path; its first group is the subject, e.g. "^.*/(p\\d+)_"'),
  ...OwnData.shape,
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
      ...ownKinds,
      groupKind: ({ subjectPattern }) => (subjectPattern === undefined ? "none" : "subject"),
      detect(folder, { map, subjectPattern }) {
        pattern(subjectPattern);
        if (classImages(folder, map).some(({ expression }) => expression !== undefined)) return folder;
        if (map === undefined && isNumbered(folder)) throw mapNeeded("folders", folder);
        return classMisfit(folder);
      },
      read: readClassFolders,
    },
  ],
});

async function* readClassFolders(folder: Folder, { map, subjectPattern, imageKind, warn }: Options & Notes) {
  const subjectOf = pattern(subjectPattern);
  const images = classImages(folder, map);
  const files = images.filter(({ expression }) => expression !== undefined).map(({ file }) => file);
  await checkSizes({ adapter: "folders", folder, files, imageKind, notes: { warn } });
  yield* classFolders({
    images,
    // folders that a map leaves out are left out on purpose
    notes: { warn: map === undefined ? warn : () => {} },
    read({ file, expression, label, split = "all", name }) {
      const found = subjectOf?.exec(file);
      if (subjectOf !== undefined && found == null)
        return { reason: "unknown", detail: `its path does not match the subject pattern ${subjectPattern}` };
      return { id: safeId(name), expression, split, subject: found?.[1] ?? found?.[0] ?? null, rawLabel: label };
    },
  });
}

function pattern(text: string | undefined): RegExp | undefined {
  if (text === undefined) return undefined;
  try {
    return new RegExp(text, "u");
  } catch (cause) {
    throw new OptionsError({
      code: "INVALID_OPTIONS",
      subject: "folders",
      found: `subjectPattern "${text}" is not a regular expression (${(cause as Error).message})`,
      expected: "one with a group for the subject",
      fix: 'For example "^.*/(p\\d+)_" for pictures called p12_3.png',
      cause,
    });
  }
}
