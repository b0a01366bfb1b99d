/** What comes out of a dataset: samples, skips with a reason, and the totals that its owner states. */
import { z } from "zod";
import { Expression } from "@fer/core";
import { Box, SkipReason, Split } from "@fer/core/image-folder";

/** A picture that is a file of the dataset: path relative to the form's folder, forward slashes. */
const FileImage = z.strictObject({ file: z.string().min(1) });

/** A picture that is part of a table: `[height, width, channels]` row-major bytes, grey or RGB. */
const PixelImage = z.strictObject({
  pixels: z.custom<Uint8Array>((value) => value instanceof Uint8Array, "pixels are a Uint8Array"),
  width: z.number().int().positive(),
  height: z.number().int().positive(),
  channels: z.union([z.literal(1), z.literal(3)]),
});

/** Where the picture of a sample is. */
export const SampleImage = z.union([FileImage, PixelImage]);
export type SampleImage = z.infer<typeof SampleImage>;

/** One face of a dataset, as an adapter yields it. */
export const Sample = z.strictObject({
  /**
   * In the owner's own words; becomes the file name, so no slash (see {@link safeId}). Where another item of the split
   * has it already (file systems may ignore case), or it is too long for a file name, it is made unique and shorter.
   */
  id: z
    .string()
    .min(1)
    .regex(/^(?!\.)[^/\\:*?"<>|\p{Cc}]+$/u, 'a name for a file: without / \\ : * ? " < > | and a leading dot'),
  /** What tells this item from another one with the same id: the number of a row, an extension. */
  distinction: z.string().min(1).optional(),
  image: SampleImage,
  expression: Expression,
  split: Split.default("all"),
  /** Id of the person, only where the owner gives it. */
  subject: z.string().min(1).nullable().default(null),
  /** Items with the same group must stay on one side of a split; defaults to the subject. */
  group: z.string().min(1).nullable().optional(),
  /** Frame number within the group or sequence. */
  frame: z.number().int().nullable().default(null),
  /** Face box in pixels of the picture (after EXIF rotation); cut out where given. */
  box: Box.nullable().default(null),
  /** Landmarks `[[x, y], ...]` in pixels of the picture; 68 points are read in iBUG order. */
  landmarks: z
    .array(z.tuple([z.number(), z.number()]))
    .nullable()
    .default(null),
  /** Path (and row or face, as `list.csv:12` or `photo.jpg#3`) in the owner's tree, relative to the form's folder. */
  source: z.string().min(1),
  /** The owner's label as written. */
  rawLabel: z.string().nullable().default(null),
  /** Votes or soft label over the eight canonical classes, in canonical order. */
  votes: z.array(z.number()).length(8).nullable().default(null),
  valence: z.number().nullable().default(null),
  arousal: z.number().nullable().default(null),
  /** FACS action units, `number -> intensity` (1 where only presence is known). */
  actionUnits: z.record(z.string(), z.number()).nullable().default(null),
});
/** A sample after parsing: every key present. */
export type Sample = z.output<typeof Sample>;
/** A sample as adapters write it: keys with defaults may be left out. */
export type SampleInput = z.input<typeof Sample>;

/** One item of a dataset that is in no class, with the reason. */
export const Skipped = z.strictObject({
  /** As in a sample; a folder stands for all files below it. */
  source: z.string().min(1),
  reason: SkipReason,
  detail: z.string().nullable().default(null),
  /** The picture that a row names which is left out, so that it does not count as one that no row names. */
  file: z.string().min(1).optional(),
  /** `false` for what the form did not read: it is listed by {@link readForm}, and no row. */
  listed: z.boolean().default(true),
});
export type Skipped = z.output<typeof Skipped>;
/** A skip as adapters write it. */
export type SkippedInput = Omit<z.input<typeof Skipped>, "listed">;

/**
 * Owner's totals of one split. `mark` is the confidence: V verified on real files, 2 two sources, D documented by the
 * authors, 1 one source. V must match; the others only warn.
 */
export const Expected = z.strictObject({
  split: Split.default("all"),
  mark: z.enum(["V", "2", "D", "1"]),
  /** Images per class in canonical order (7 or 8 numbers). */
  counts: z.array(z.number().int().min(0)).min(7).max(8).optional(),
  /** Sum over the classes; derived from `counts` where those are given. */
  total: z.number().int().min(0).optional(),
  /** What is counted: images, or distinct groups (clips, sequences). */
  of: z.enum(["images", "groups"]).default("images"),
});
export type Expected = z.output<typeof Expected>;
export type ExpectedInput = z.input<typeof Expected>;
