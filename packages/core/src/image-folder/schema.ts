/**
 * The image folder: what an adapter's extraction leaves on disk and everything later reads.
 *
 *     dataset.json                     what was extracted, how, and whether the owner's totals match
 *     skipped.jsonl                    one row for every item left out, with its reason
 *     <split or "all">/metadata.jsonl  one row an image, sorted by id (code units)
 *     <split or "all">/<expression>/<id>.<png|jpg|...>
 *
 * A valid Hugging Face `imagefolder`. This module holds schemas only (`image-folder-reader` reads): neither loads an image decoder.
 */
import { z } from "zod";
import { Expression } from "../expressions.js";
import { FaceCrop } from "../pixels/face-crop.js";

/** Splits that owners publish; "all" where they publish none. */
export const SPLITS = ["train", "val", "test", "all"] as const;
export const Split = z.enum(SPLITS);
export type Split = z.infer<typeof Split>;

/** Why an item of the source is in no class. A closed list: nothing is left out without one of these. */
export const SKIP_REASONS = [
  "none",
  "uncertain",
  "no-face",
  "unknown",
  "other",
  "invalid",
  "compound",
  "multi-label",
  "unlabelled",
  "missing-file",
  "undecodable",
  "bad-box",
  /** More faces than one were found in it, and an option says that it is left out then. */
  "several-faces",
  /** An option leaves it out. */
  "not-chosen",
  /** A file that is not a picture and that the form does not read, a packed one, or a link that leads nowhere. */
  "unread",
] as const;
export const SkipReason = z.enum(SKIP_REASONS);
export type SkipReason = z.infer<typeof SkipReason>;

/** What the pictures of a dataset show: a cut-out face, or a whole photo. */
export const ImageKind = z.enum(["crop", "photo"]);
export type ImageKind = z.infer<typeof ImageKind>;

/** What `group` means. Only `subject` makes a split subject-independent. */
export const GroupKind = z.enum(["subject", "clip", "video", "photo", "none"]);
export type GroupKind = z.infer<typeof GroupKind>;

/** Begins the group space of a user's own data of which nobody said whether it shares people with other data. */
export const OWN_GROUP_SPACE = "own/";

/** Face box in pixels of the source image, origin top-left; may be fractional. */
export const Box = z.strictObject({ x: z.number(), y: z.number(), width: z.number(), height: z.number() });
export type Box = z.infer<typeof Box>;

/** One row of `metadata.jsonl`. Every key is in every row; `null` where the owner does not say. */
export const MetadataRow = z.strictObject({
  /** Path of the image relative to the split folder, with forward slashes. */
  file_name: z.string(),
  id: z.string(),
  expression: Expression,
  /** Position of `expression` in the canonical order. */
  label: z.number().int().min(0).max(7),
  subject: z.string().nullable(),
  /** Items with the same group must stay on one side of a split. */
  group: z.string().nullable(),
  /** Frame number within the group. */
  frame: z.number().int().nullable(),
  /** Box that was cut out, after clipping to the image. */
  box: Box.nullable(),
  /** Path (and row or face) of the item in the owner's tree. */
  source: z.string(),
  /** sha256 of width, height and the 8-bit grey pixels before any resize, hex. */
  pixel_hash: z.string(),
  /** 64-bit difference hash, 16 hex digits. */
  dhash: z.string(),
  /** The owner's label as written. */
  raw_label: z.string().nullable(),
  /** Owner's votes or soft label over the eight canonical classes. */
  votes: z.array(z.number()).length(8).nullable(),
  valence: z.number().nullable(),
  arousal: z.number().nullable(),
  /** Action units as `AU number -> intensity` (or 1 for present), FACS numbering. */
  action_units: z.record(z.string(), z.number()).nullable(),
});
export type MetadataRow = z.infer<typeof MetadataRow>;

/** One row of `skipped.jsonl`. */
export const SkippedRow = z.strictObject({ source: z.string(), reason: SkipReason, detail: z.string().nullable() });
export type SkippedRow = z.infer<typeof SkippedRow>;

/** Comparison of what was read with the owner's published totals. */
export const Verification = z.strictObject({
  status: z.enum(["match", "differs", "partial", "unknown"]),
  details: z.array(z.string()),
});
export type Verification = z.infer<typeof Verification>;

/** `dataset.json`. */
export const DatasetInfo = z.object({
  schema: z.literal(1),
  adapter: z.string(),
  title: z.string(),
  form: z.string(),
  options: z.record(z.string(), z.unknown()),
  decoder: z.string(),
  imageKind: ImageKind,
  groupKind: GroupKind,
  /** Datasets that share people, clips or pictures share a space: their groups are comparable. */
  groupSpace: z.string(),
  counts: z.record(z.string(), z.record(z.string(), z.number().int())),
  total: z.number().int(),
  skipped: z.record(z.string(), z.number().int()),
  verification: Verification,
  /** Folder below `--from` that holds the form; "" for that folder itself. */
  root: z.string().default(""),
  /** Part of each face box added on every side before cutting. */
  margin: z.number().default(0),
  /** Side of the faces in pixels where they were aligned on the eyes. */
  aligned: z.number().int().nullable().default(null),
  /** How faces were found and cut out, where they were. */
  faceCrop: FaceCrop.optional(),
  /** What became of pictures in which several faces were found. */
  severalFaces: z.enum(["largest", "refuse"]).optional(),
  /** What should be known about the dataset as a whole, e.g. class folders whose names mean nothing. */
  warnings: z.array(z.string()).default([]),
  /** Annotation rows (or listed files) read: each is a sample or a skip. `null` where nobody counted. */
  rows: z.number().int().nullable().default(null),
  /** What was done with the pictures, and how many boxes were clipped to their picture. */
  pictures: z
    .object({
      copied: z.number().int(),
      cropped: z.number().int(),
      converted: z.number().int(),
      clippedBoxes: z.number().int(),
      /** Pictures in which several faces were found, and the largest was taken. */
      severalFaces: z.number().int().optional(),
    })
    .optional(),
  /** What lay in the source: number of files, and sha256 over their sorted paths. */
  source: z.object({ files: z.number().int(), listing: z.string() }).optional(),
  /** sha256 over all metadata rows: equal fingerprints mean equal data. */
  fingerprint: z.string(),
  /** `manifest.json` lies beside it (those of early versions have none). */
  manifest: z.boolean().default(false),
  version: z.string(),
});
export type DatasetInfo = z.infer<typeof DatasetInfo>;
