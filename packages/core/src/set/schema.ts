/**
 * The assembled set: what the assembler leaves on disk and the trainer reads.
 *
 *     <name>.json                      counts, policy, seed, image settings, class names, fingerprints, leak report
 *     <name>_<part>_images.npy         [n, size, size, channels] raw 0..255, uint8 (policy `original`: float32)
 *     <name>_<part>_labels.npy         [n, classes] one-hot float32
 *     <name>_<part>_votes.npy          [n, classes] float32: the owner's votes or shares for each class, not normalised; NaN
 *                                      where there are none. In a set of 7 classes those for contempt are left out
 *     <name>_<part>_va.npy             [n, 2] float32: valence and arousal, NaN where unknown
 *     <name>_<part>.jsonl              a row a sample, in array order
 *     <name>_fold-<k>_<part>.npy       [n] int64: rows of the part `all` that fold k (from 01) trains, validates, tests on
 *     <name>_train_oversampled.npy     [n] int64: rows of train (of a fold: of `all`), those of small classes several times
 *     <name>_dropped.jsonl             training samples that were taken out as twins of held-out ones
 *     <name>.manifest.json             what it was made of, and the hash of every file
 */
import { GroupKind, ImageKind } from "../image-folder/schema.js";
import { z } from "zod";
import { FaceCrop } from "../pixels/face-crop.js";

/** Parts a set can have. Policy `original` writes train, test and full; policies with folds write all, once. */
export const PARTS = ["train", "val", "test", "full", "all"] as const;
export const Part = z.enum(PARTS);
export type Part = z.infer<typeof Part>;

/** One row of `<name>_<part>.jsonl`. */
export const SampleRow = z.strictObject({
  id: z.string(),
  /** Prefixed by its group space, so that groups of merged datasets do not collide; `null` where unknown. */
  group: z.string().nullable(),
  /** `<adapter>/<path in the image folder>`. */
  source: z.string(),
  pixel_hash: z.string(),
});
export type SampleRow = z.infer<typeof SampleRow>;

/** Samples of one part. */
export const PartInfo = z.strictObject({
  count: z.number().int(),
  perClass: z.record(z.string(), z.number().int()),
  /** Number of distinct groups. */
  groups: z.number().int(),
  /** Samples by dataset and owner's part (`rafdb/train`); of the parts of a set, not of folds. */
  from: z.record(z.string(), z.number().int()).optional(),
});
export type PartInfo = z.infer<typeof PartInfo>;

/** What is known of some samples beside their class; `<name>_<part>_<target>.npy`. */
export const TARGETS = ["votes", "va"] as const;
export type Target = (typeof TARGETS)[number];

/** What a fold does with samples of the part `all`. */
export const FOLD_PARTS = ["train", "val", "test"] as const;
export type FoldPartName = (typeof FOLD_PARTS)[number];

/** How non-square images were made square. */
export const Fit = z.enum(["stretch", "pad", "crop"]);
export type Fit = z.infer<typeof Fit>;

/** Pictures, groups and labels that stand on both sides of a split (counts of samples, or of groups). */
export const LeakReport = z.strictObject({
  /** Samples of val or test whose exact pixels are in train. */
  exact: z.number().int(),
  /** The same by difference hash; `null` where it was not looked for. */
  near: z.number().int().nullable(),
  /** Groups that are in more than one part. */
  groups: z.number().int(),
  /** Pixel-identical images with different labels. */
  conflicts: z.number().int(),
});
export type LeakReport = z.infer<typeof LeakReport>;

/** One fold of a folded set. */
export const FoldInfo = z.strictObject({
  /** Who is tested, or how a list calls it; `null` where its number says all. */
  name: z.string().nullable(),
  train: PartInfo,
  /** `null` where validation is left to the trainer. */
  val: PartInfo.nullable(),
  test: PartInfo,
  leaks: LeakReport,
  /** Rows of `<name>_fold-<k>_train_oversampled.npy`; absent where that was not asked for. */
  oversampled: z.number().int().optional(),
});
export type FoldInfo = z.infer<typeof FoldInfo>;

/** `<name>.json`. */
export const SetInfo = z.object({
  schema: z.literal(1),
  name: z.string(),
  classes: z.array(z.string()).min(2),
  parts: z.partialRecord(Part, PartInfo),
  /** Folds over the part `all`, the first is fold 1; absent in a set of parts. */
  folds: z.array(FoldInfo).optional(),
  policy: z.string(),
  /** Why this policy, where the assembler chose it (`split: "auto"`). */
  policyReason: z.string().optional(),
  /** The published protocol that it follows, and whether its counts are the owner's. */
  protocol: z
    .strictObject({
      name: z.string(),
      title: z.string(),
      metric: z.string(),
      paper: z.string(),
      status: z.enum(["match", "differs", "unknown"]),
      details: z.array(z.string()),
    })
    .optional(),
  seed: z.number().int().nullable(),
  image: z.strictObject({
    size: z.number().int().positive(),
    channels: z.literal([1, 3]),
    dtype: z.enum(["uint8", "float32"]),
    fit: Fit,
    wholeImage: z.boolean(),
    /** How the faces of all sources were found and cut out; absent where they came otherwise, or in several ways. */
    cut: FaceCrop.optional(),
  }),
  /** Arrays that every part has beside images and labels; absent where the sources have none. */
  targets: z.array(z.enum(TARGETS)).optional(),
  groupKind: GroupKind,
  imageKind: ImageKind,
  /** Expressions left out (contempt in a 7-class set), by name and count. */
  dropped: z.record(z.string(), z.number().int()),
  /** Images that the split did not take, by dataset and owner's part. */
  leftOut: z.record(z.string(), z.number().int()).optional(),
  /** Expressions that were taken for another one, or left out. */
  map: z.record(z.string(), z.string()).optional(),
  /** Images that were asked for of a dataset or a part of it, and how many were left out so. */
  limit: z.strictObject({ of: z.record(z.string(), z.number().int()), leftOut: z.number().int() }).optional(),
  /** Images that a list excluded. */
  excluded: z.number().int().optional(),
  /** Most training images of a class, and how many were left out so, by class; of folds summed over them. */
  cap: z.strictObject({ most: z.number().int(), leftOut: z.record(z.string(), z.number().int()) }).optional(),
  /** Rows of `<name>_train_oversampled.npy`; absent where that was not asked for, and in a set of folds. */
  oversampled: z.number().int().optional(),
  sources: z.array(
    z.strictObject({ adapter: z.string(), form: z.string(), groupSpace: z.string(), fingerprint: z.string() }),
  ),
  /** Of a folded set the sum over its folds; conflicts are those of all samples. */
  leaks: LeakReport,
  /**
   * Pictures (same pixels) that two of the merged datasets have, and the datasets of which they are all; absent where
   * there are none.
   */
  sharedPictures: z
    .array(
      z.strictObject({
        datasets: z.tuple([z.string(), z.string()]),
        pictures: z.number().int(),
        allOf: z.array(z.string()).optional(),
      }),
    )
    .optional(),
  /** Images and groups of val and test that other sets train on; absent where none were named. */
  against: z
    .array(
      z.strictObject({
        set: z.string(),
        fingerprint: z.string(),
        exact: z.number().int(),
        /** By difference hash; `null` where the run keeps none. Absent in sets of early versions. */
        near: z.number().int().nullable().optional(),
        groups: z.number().int(),
      }),
    )
    .optional(),
  /** Training samples that were taken out (`<name>_dropped.jsonl`), of folds the sum over them; absent where that was not asked for. */
  thinned: z.strictObject({ exact: z.number().int(), near: z.number().int() }).optional(),
  /** Shares of val and test that were asked for; `null` for policies that have their own. */
  shares: z.strictObject({ val: z.number(), test: z.number() }).nullable().optional(),
  /** sha256 over all files of the set but this one. */
  fingerprint: z.string(),
  /** sha256 over the options and the fingerprints of the sources: equal inputs give an equal set. */
  inputs: z.string().optional(),
  /** `<name>.manifest.json` lies beside it (those of early versions have none). */
  manifest: z.boolean().optional(),
  version: z.string(),
});
export type SetInfo = z.infer<typeof SetInfo>;
