/** Options of {@link Assembler}: one schema for types, defaults, flags, help and config files. */
import { DecoderName, Workers } from "@fer/dataset-extractors/options";
import { EXPRESSIONS, OptionsError } from "@fer/core";
import { z } from "zod";
import { policies, POLICY_NAMES, type PolicyName } from "./policies/index.js";
import { POLICY_OPTIONS, type PolicyOption, usedOptions } from "./policies/policy.js";
import { PROTOCOL_NAMES } from "./protocols/protocols.js";
import { Fit } from "@fer/core/set";

const Selectors = z.array(z.string().min(1)).min(1).nullable().default(null);

/** All options; only `name` has no default. */
export const AssemblerOptions = z.strictObject({
  name: z
    .string()
    .regex(/^[A-Za-z0-9][A-Za-z0-9._+-]*$/, "letters, digits and . _ + - only")
    .describe("Name of the set: its files are called <name>.json, <name>_train_images.npy and so on"),
  to: z.string().min(1).default("features").describe("Folder for the files of the set"),
  split: z
    .enum(["auto", ...POLICY_NAMES])
    .default("auto")
    .describe(
      "Split policy: auto (the owner's parts where there are any, else people apart, else groups, else random: says which and why), subject (no person in two parts), group (no person, clip, video or photo in two parts), ratio (random), official (the owner's parts), original (the original framework's), cross-dataset (trained on some datasets, tested on others), from-file (a list); or folds: subject-kfold, group-kfold, kfold (random, as scikit-learn), subject-modulo (the protocol of CK+), leave-one-subject-out, folds-from-file",
    ),
  protocol: z
    .enum(PROTOCOL_NAMES)
    .nullable()
    .default(null)
    .describe(
      "Published protocol that fixes split and classes, so that numbers can be compared; other data, and parts or classes that are missing, are refused",
    ),
  seed: z.number().int().min(0).max(4_294_967_295).default(0).describe("Seed of the policies that are random"),
  testShare: z.number().min(0).lt(1).default(0.2).describe("Share of the test part, for the policies with a seed"),
  valShare: z
    .number()
    .min(0)
    .lt(1)
    .default(0)
    .describe(
      "Share of the validation part, for the policies with a seed (of folds: of what is not tested); 0 leaves it to the trainer to carve one out of train",
    ),
  folds: z
    .number()
    .int()
    .min(2)
    .nullable()
    .default(null)
    .describe("Number of folds, for the policies that make them; ten if left out"),
  train: Selectors.describe(
    "What the policies official and cross-dataset train on: an owner's part (train), a dataset (rafdb) or a part of one (rafdb/train); if left out, the owner's train, or every dataset that is not tested",
  ),
  test: Selectors.describe(
    "What the policies official and cross-dataset test on, in the same way; if left out, the owner's test, or his val where he labels no test",
  ),
  valFrom: Selectors.describe(
    "What the policies official and cross-dataset validate on, in the same way; train: a share of it (valShare); if left out, the owner's val where it is not tested",
  ),
  splitFile: z
    .string()
    .min(1)
    .nullable()
    .default(null)
    .describe(
      "List for the policies from-file and folds-from-file: a table with the columns sample (id or source) and part, or JSON with ids or index arrays",
    ),
  leaks: z
    .enum(["report", "drop-from-train", "fail"])
    .default("report")
    .describe(
      "Pictures that stand in train and in val or test, exactly or nearly: report counts them, drop-from-train takes them out of train and lists them in <name>_dropped.jsonl, fail refuses them and people on both sides",
    ),
  near: z
    .boolean()
    .default(true)
    .describe("Compare the pictures of both sides by their pixels, to find nearly the same ones; reads them once more"),
  size: z.number().int().min(8).max(1024).default(48).describe("Side of the square images in pixels"),
  channels: z.literal([1, 3]).default(1).describe("1 for grey, 3 for RGB"),
  dtype: z
    .enum(["auto", "uint8", "float32"])
    .default("auto")
    .describe("Number type of the images, raw 0..255; auto is float32 for the policy original and uint8 otherwise"),
  fit: Fit.default("stretch").describe("What makes an image square: stretch, pad (black bars) or crop (centre square)"),
  wholeImage: z.boolean().default(false).describe("Accept photos from which no face was cut out"),
  against: z
    .array(z.string().min(1))
    .default([])
    .describe(
      "Other sets (<folder>/<name>), runs, or models that fer export wrote, such as @fer/weights/fer2013: do val and test hold what they were trained on? Same pixels, near ones (by difference hash) and groups are counted, and refused with --leaks fail",
    ),
  map: z
    .partialRecord(z.enum(EXPRESSIONS), z.enum([...EXPRESSIONS, "none"]))
    .default({})
    .describe("Expressions that are taken for another one, or left out: contempt=disgust,fear=none"),
  limit: z
    .record(z.string(), z.number().int().min(1))
    .default({})
    .describe(
      "Images to take of a dataset (rafdb=5000) or of a part of one (rafdb/train=5000), by seed, the same share of every class",
    ),
  exclude: z
    .string()
    .min(1)
    .nullable()
    .default(null)
    .describe(
      "Table (.csv) of samples to leave out: the column sample (id or source), and verdict (keep or exclude) where somebody has looked them through",
    ),
  cap: z
    .number()
    .int()
    .min(1)
    .nullable()
    .default(null)
    .describe("Most training images of a class; which ones, by seed"),
  oversample: z
    .boolean()
    .default(false)
    .describe(
      "Write <name>_train_oversampled.npy too: rows of train, those of small classes several times, by seed, so that every class is as often as the largest",
    ),
  classes: z.literal([7, 8]).default(7).describe("7 leaves contempt out (counted), 8 keeps it"),
  allowMissing: z.boolean().default(false).describe("Accept a set in which a class has no image"),
  decoder: DecoderName.default("jimp").describe(
    "Library that decodes the images: jimp, or sharp (faster, must be installed)",
  ),
  page: z
    .boolean()
    .default(true)
    .describe(
      "Write <name>.html, which shows counts, twins on both sides as pictures, sources, licences and whom to cite, and <name>.croissant.json for other tools",
    ),
  workers: Workers,
  overwrite: z.boolean().default(false).describe("Replace a set of this name that has other data or options"),
});
/** All options, resolved. */
export type AssemblerOptions = z.infer<typeof AssemblerOptions>;
/** Options as a caller gives them: all but `name` may be left out. */
export type AssemblerInput = z.input<typeof AssemblerOptions>;

/** Options that change neither a sample nor a byte, and so do not belong to its inputs. */
export const INERT_OPTIONS = [
  "to",
  "workers",
  "overwrite",
  "page",
] as const satisfies readonly (keyof AssemblerOptions)[];

/** As they are where nothing but the name is given. */
export const untouchedOptions = ({ name }: Pick<AssemblerOptions, "name">): AssemblerOptions =>
  AssemblerOptions.parse({ name });

/** Options that change the result of a policy, with those that draw from its samples. */
export function usedBy(
  policy: PolicyName,
  { valShare, cap, limit, oversample }: AssemblerOptions,
): readonly PolicyOption[] {
  const uses = usedOptions(policies[policy], valShare);
  return cap === null && Object.keys(limit).length === 0 && !oversample ? uses : [...uses, "seed"];
}

/** Refuses options that contradict each other or have no effect; `why` the policy was chosen. @throws OptionsError */
export function checkOptions(options: AssemblerOptions, why?: string): AssemblerOptions {
  const { split, valShare, testShare } = options;
  const uses = split === "auto" ? POLICY_OPTIONS : usedBy(split, options);
  if (uses.includes("testShare") && valShare + testShare >= 1) {
    throw new OptionsError({
      code: "BAD_SHARES",
      subject: "assembler options",
      found: `valShare ${valShare} and testShare ${testShare} leave nothing for train`,
      expected: "a sum below 1",
    });
  }
  const untouched = untouchedOptions(options);
  const ignored = POLICY_OPTIONS.filter((key) => options[key] !== untouched[key] && !uses.includes(key));
  if (ignored.length === 0) return options;
  const takers = POLICY_NAMES.filter((name) => ignored.every((key) => usedBy(name, options).includes(key)));
  throw new OptionsError({
    code: "UNUSED_OPTION",
    subject: "assembler options",
    found: `the policy ${split}${why === undefined ? "" : `, taken because ${why},`} does not use ${ignored.join(", ")}`,
    expected: `a policy that does (${takers.join(", ")}), or no such option`,
  });
}
