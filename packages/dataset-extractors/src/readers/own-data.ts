/**
 * A user's own pictures: nobody else knows whether two folders show the same people, and whether pictures are cut-out
 * faces or whole photos.
 */
import { z } from "zod";
import { DatasetError } from "@fer/core";
import { OWN_GROUP_SPACE, type ImageKind } from "@fer/core/image-folder";
import type { Notes } from "../definition.js";
import type { Folder } from "../tree/folder.js";
import { countPhotos } from "./picture-sizes.js";

/** Options of adapters for own pictures. */
export const OwnData = z.strictObject({
  groupSpace: z
    .string()
    .regex(/^[\w.-]+$/, "letters, digits, dots, dashes and underscores")
    .optional()
    .describe(
      "Name that all own datasets with the same people share, so that p1 is the same person in them (default: the name of the folder or archive)",
    ),
  imageKind: z
    .enum(["auto", "crop", "photo"])
    .default("auto")
    .describe(
      "What the pictures show: cut-out faces (crop), or whole photos (photo); auto takes them for faces, and refuses pictures of sizes that no face has",
    ),
});
export type OwnData = z.infer<typeof OwnData>;

/** What a form of own pictures is. */
export const ownKinds = {
  imageKind: ({ imageKind }: OwnData): ImageKind => (imageKind === "photo" ? "photo" : "crop"),
  /** Two datasets of which nobody said that they share people are taken to show different ones. */
  groupSpace: ({ groupSpace }: OwnData, name: string): string => groupSpace ?? `${OWN_GROUP_SPACE}${name}`,
};

/** Part of the pictures from which on they are refused; all of them where there are fewer than {@link FEW}. */
const MOST = 0.75;
/** Part from which on a word is said. */
const SOME = 0.05;
const FEW = 8;

/** Pictures that should be cut-out faces. */
export interface OwnPictures {
  adapter: string;
  folder: Folder;
  files: readonly string[];
  imageKind: OwnData["imageKind"];
  notes: Notes;
  /** Columns of the list that nobody reads, which may be a face box. */
  unreadColumns?: readonly string[];
}

/**
 * Says where pictures that nobody called photos look like some.
 *
 * @throws DatasetError where most of them do.
 */
export async function checkSizes(own: OwnPictures): Promise<void> {
  const { adapter, folder, files, imageKind, notes, unreadColumns = [] } = own;
  if (imageKind !== "auto") return;
  const { looked, photos, example } = await countPhotos(folder, files);
  if (photos === 0 || photos < SOME * looked) return;
  const found = `${photos} of ${looked} pictures looked at have the size or shape of a whole photo, not of a cut-out face (${example})`;
  if (photos < (looked < FEW ? 1 : MOST) * looked) {
    notes.warn(`${found}; if they are photos, say so with --image-kind photo`);
    return;
  }
  const box =
    unreadColumns.length < 1 ? "" : `; if a face box is in ${unreadColumns.join(", ")}, name its columns with --box`;
  throw new DatasetError({
    code: "WHOLE_PHOTOS",
    subject: adapter,
    found,
    expected: "faces that are cut out already, or word that they are not",
    fix: `Say what they are: --image-kind photo for whole photos (cut the faces out later), --image-kind crop if they are faces all the same${box}`,
    context: { looked, photos },
  });
}
