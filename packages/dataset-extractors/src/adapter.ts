/**
 * The contract of a dataset adapter: it maps the files of an owner to a stream of samples. It does not decode, write,
 * resize, log or split. One file a dataset in `datasets/`, all run through the suite of `test/contract.ts`.
 *
 * A dataset circulates in several *forms* (owner's tree, csv, folders sorted by a third party). Each form says how it
 * is recognised by content (`detect`), what its owner's totals are (`expected`), and how it is read (`read`).
 */
import { z } from "zod";
import { DatasetError, OptionsError, EXPRESSIONS, Expression } from "@fer/core";
import { Folder } from "./tree/folder.js";
import { Box, GroupKind, ImageKind, SkipReason, Split } from "@fer/core/image-folder";

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
  /** Unique within its split, in the owner's own words; becomes the file name, so no slash (see {@link safeId}). */
  id: z
    .string()
    .min(1)
    .max(200)
    .regex(/^(?!\.)[^/\\:*?"<>|\p{Cc}]+$/u, 'an id becomes a file name: none of / \\ : * ? " < > | and no leading dot'),
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
  /** `false` for an item that no annotation row stands for: it does not count as a row read. */
  listed: z.boolean().default(true),
});
/** A sample after parsing: every key present. */
export type Sample = z.output<typeof Sample>;
/** A sample as adapters write it: keys with defaults may be left out. */
export type SampleInput = z.input<typeof Sample>;

/** One item of a dataset that is in no class, with the reason. */
export const Skipped = z.strictObject({
  source: z.string().min(1),
  reason: SkipReason,
  detail: z.string().nullable().default(null),
  /** `false` for a file that no annotation row names: it does not count as a row read. */
  listed: z.boolean().default(true),
});
export type Skipped = z.output<typeof Skipped>;
export type SkippedInput = z.input<typeof Skipped>;

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

/** Lets a reader say how many annotation rows (or listed files) it has read; the tool compares that with the items. */
export interface Tally {
  /** Counts `n` rows read (default 1). Call it where the row is read, before deciding what becomes of it. */
  rows(n?: number): void;
}

/** One layout in which a dataset is found on disk. */
export interface Form<Options = Record<string, unknown>> {
  /** Kebab-case, unique within the adapter, e.g. `official`. */
  name: string;
  /** The layout as text, for the documentation. */
  tree: string;
  /** Where this form differs from the adapter. */
  imageKind?: ImageKind | ((options: Options) => ImageKind);
  groupKind?: GroupKind | ((options: Options) => GroupKind);
  /** Or a function of the options and the name of the folder or archive that is read (for data that has no name). */
  groupSpace?: string | ((options: Options, name: string) => string);
  /** Owner's totals under these options; none where options select a part that nobody has counted. */
  expected?: readonly ExpectedInput[] | ((options: Options) => readonly ExpectedInput[]);
  /**
   * The folder that holds this form (the given one, or one below it: `folder.at("basic")`), or `undefined`.
   * Cheap: looks at names and at the first line of a file, never at images. `options` are passed for forms that exist
   * only under an explicit option (a map of folder numbers).
   */
  detect(folder: Folder, options: Options): Folder | undefined | Promise<Folder | undefined>;
  /** The items in an order that does not depend on the file system. `folder` is what `detect` returned. */
  read(folder: Folder, options: Options, tally: Tally): AsyncIterable<SampleInput | SkippedInput>;
}

/** What the author of an adapter writes. */
export interface AdapterDefinition<Options extends z.ZodObject = z.ZodObject> {
  /** The name on the command line, lower case. */
  name: string;
  title: string;
  /** How to cite the dataset, one line. */
  citation: string;
  licence: string;
  homepage: string;
  /** How one gets the files, one sentence. */
  access: string;
  imageKind: ImageKind;
  groupKind: GroupKind;
  /** Datasets that share people, clips or pictures share a space. */
  groupSpace: string;
  splits: readonly Split[];
  /** What the adapter was checked on. */
  verified: "real files" | "synthetic only";
  /** Options of this adapter alone, a `z.strictObject` with a description and a default for every key. */
  options: Options;
  forms: readonly Form<z.output<Options>>[];
}

/** A form that fits, and where. */
export interface DetectedForm {
  form: Form;
  /** The folder that holds the form. */
  folder: Folder;
}

/** A parsed adapter. */
export interface DatasetAdapter extends Omit<AdapterDefinition, "forms"> {
  forms: readonly Form[];
  /** Owner's totals of each form under default options. */
  expected: Readonly<Record<string, readonly Expected[]>>;
  /** The form that fits the folder; refuses none and several (unless `form` says which). */
  detect(folder: Folder, options?: Record<string, unknown>, form?: string): Promise<DetectedForm>;
  /** Samples and skips of the folder, each parsed. */
  read(
    root: string | Folder,
    options?: Record<string, unknown>,
    form?: string,
    tally?: Tally,
  ): AsyncGenerator<Sample | Skipped>;
}

const KEBAB = /^[a-z0-9]+(-[a-z0-9]+)*$/;

const DefinitionHead = z.object({
  name: z.string().regex(KEBAB),
  title: z.string().min(1),
  citation: z.string().min(1),
  licence: z.string().min(1),
  homepage: z.string().min(1),
  access: z.string().min(1),
  imageKind: ImageKind,
  groupKind: GroupKind,
  groupSpace: z.string().min(1),
  splits: z.array(Split).min(1),
  verified: z.enum(["real files", "synthetic only"]),
  options: z.instanceof(z.ZodObject),
  forms: z
    .array(z.object({ name: z.string().regex(KEBAB), tree: z.string().min(1) }).loose())
    .min(1)
    .refine((forms) => new Set(forms.map((f) => f.name)).size === forms.length, "form names must differ"),
});

/**
 * Makes an adapter out of its definition: checks the definition once, and parses every item it yields.
 *
 * @throws OptionsError when the definition is malformed.
 * @example
 * ```ts
 * import { defineAdapter } from "@fer/dataset-extractors";
 * import { z } from "zod";
 *
 * const mine = defineAdapter({
 *   name: "mine", title: "My faces", citation: "none", licence: "mine", homepage: "none", access: "my disk",
 *   imageKind: "crop", groupKind: "none", groupSpace: "mine", splits: ["all"], verified: "synthetic only",
 *   options: z.strictObject({}),
 *   forms: [{
 *     name: "flat", tree: "happy_*.png",
 *     detect: (folder) => (folder.images().some((f) => f.startsWith("happy_")) ? folder : undefined),
 *     async *read(folder, _options, tally) {
 *       for (const file of folder.images()) {
 *         tally.rows();
 *         yield { id: file.replace(/\.png$/, ""), image: { file }, expression: "happy", source: file };
 *       }
 *     },
 *   }],
 * });
 * console.log(mine.forms[0]?.name); // flat
 * ```
 */
export function defineAdapter<Options extends z.ZodObject>(definition: AdapterDefinition<Options>): DatasetAdapter {
  const head = DefinitionHead.safeParse(definition);
  if (!head.success) throw invalid(`adapter "${String(definition.name)}"`, "its definition is malformed", head.error);
  const { name } = definition;
  const forms = definition.forms as readonly Form[];
  const parseOptions = (options: Record<string, unknown>) => parseAdapterOptions(name, definition.options, options);
  const adapter: DatasetAdapter = {
    ...(definition as AdapterDefinition),
    forms,
    get expected() {
      return Object.fromEntries(forms.map((form) => [form.name, expectedOf(form, parseOptions({}))]));
    },
    async detect(folder, options = {}, wanted) {
      return detectForm(name, forms, folder, parseOptions(options), wanted);
    },
    async *read(root, options = {}, wanted, tally = { rows: () => {} }) {
      const folder = typeof root === "string" ? await Folder.open(root) : root;
      const parsed = parseOptions(options);
      const detected = await detectForm(name, forms, folder, parsed, wanted);
      yield* readForm(name, detected, parsed, tally);
    },
  };
  return adapter;
}

/** Parses an adapter's own options; the message names each wrong key. */
export function parseAdapterOptions(
  name: string,
  schema: z.ZodObject,
  options: Record<string, unknown>,
): Record<string, unknown> {
  const parsed = schema.safeParse(options);
  if (parsed.success) return parsed.data;
  throw invalid(`${name} options`, "they are not valid", parsed.error, `Known options: ${optionNames(schema)}`);
}

/** Owner's totals of a form under these options. */
export function expectedOf(form: Form, options: Record<string, unknown>): Expected[] {
  const expected = typeof form.expected === "function" ? form.expected(options) : (form.expected ?? []);
  return expected.map((row) => Expected.parse(row));
}

/** What the pictures and groups of a form are, under these options; `name` is that of the folder or archive read. */
export function kindsOf(
  adapter: Pick<DatasetAdapter, "imageKind" | "groupKind" | "groupSpace">,
  form: Form,
  options: Record<string, unknown>,
  name: string,
): { imageKind: ImageKind; groupKind: GroupKind; groupSpace: string } {
  const { imageKind = adapter.imageKind, groupKind = adapter.groupKind, groupSpace = adapter.groupSpace } = form;
  return {
    imageKind: typeof imageKind === "function" ? imageKind(options) : imageKind,
    groupKind: typeof groupKind === "function" ? groupKind(options) : groupKind,
    groupSpace: typeof groupSpace === "function" ? groupSpace(options, name) : groupSpace,
  };
}

/** Items of a detected form, each parsed. */
export async function* readForm(
  name: string,
  detected: DetectedForm,
  options: Record<string, unknown>,
  tally: Tally,
): AsyncGenerator<Sample | Skipped> {
  for await (const item of detected.form.read(detected.folder, options, tally)) {
    const parsed = "reason" in item ? Skipped.safeParse(item) : Sample.safeParse(item);
    if (!parsed.success) {
      throw invalid(
        `${name} item ${JSON.stringify(item.source)}`,
        "the adapter yielded a malformed item",
        parsed.error,
      );
    }
    yield parsed.data;
  }
}

async function detectForm(
  name: string,
  forms: readonly Form[],
  folder: Folder,
  options: Record<string, unknown>,
  wanted: string | undefined,
): Promise<DetectedForm> {
  const names = forms.map((form) => form.name);
  const candidates = wanted === undefined ? forms : forms.filter((form) => form.name === wanted);
  if (candidates.length === 0) {
    throw new OptionsError({
      code: "UNKNOWN_FORM",
      subject: name,
      found: `no form is called "${wanted}"`,
      expected: `one of ${names.join(", ")}`,
    });
  }
  const found: DetectedForm[] = [];
  for (const form of candidates) {
    const place = await form.detect(folder, options);
    if (place !== undefined) found.push({ form, folder: place });
  }
  if (found.length === 1) return found[0]!;
  if (found.length > 1) {
    throw new DatasetError({
      code: "AMBIGUOUS_FORM",
      subject: name,
      found: `"${folder.root}" fits several forms: ${found.map((f) => f.form.name).join(", ")}`,
      expected: "one",
      fix: `Say which with --form ${found.map((f) => f.form.name).join(" or --form ")}`,
    });
  }
  throw new DatasetError({
    code: "UNKNOWN_LAYOUT",
    subject: name,
    found: `${describe(folder)} under "${folder.root}" ${wanted === undefined ? "fits no known form" : `does not fit the form "${wanted}"`}`,
    expected: `the form ${list(candidates.map((form) => form.name))} ("fer datasets ${name}" shows what they look like)`,
    fix: folder.archives.length > 0 ? `Unpack ${folder.archives[0]} first` : "Pass the folder that contains it",
    context: { files: folder.files.length, archives: folder.archives, trees: candidates.map((form) => form.tree) },
  });
}

const list = (names: string[]) =>
  names.length < 2 ? names.join("") : `${names.slice(0, -1).join(", ")} or ${names.at(-1)!}`;

function describe(folder: Folder): string {
  const images = folder.images().length;
  if (folder.files.length === 0) return folder.archives.length > 0 ? "archives but no file" : "nothing";
  const files = folder.files.length === 1 ? "1 file" : `${folder.files.length} files`;
  return `${files}, ${images} of them images, first "${folder.files[0]}",`;
}

function invalid(subject: string, found: string, error: z.ZodError, fix?: string): OptionsError {
  const issues = error.issues.map((issue) => `${issue.path.join(".") || "value"}: ${issue.message}`).join("; ");
  return new OptionsError({
    code: "INVALID_OPTIONS",
    subject,
    found: `${found} (${issues})`,
    ...(fix === undefined ? {} : { fix }),
    context: { issues: error.issues },
    cause: error,
  });
}

const optionNames = (schema: z.ZodObject) => Object.keys(schema.shape).join(", ") || "none";

/**
 * A name that can be an id, out of a relative path: separators become `__`; a leading dot and what
 * file systems forbid become `_`.
 *
 * @example
 * ```ts
 * import { safeId } from "@fer/dataset-extractors";
 *
 * console.log(safeId("clip 3/0001")); // clip 3__0001
 * ```
 */
export function safeId(path: string): string {
  return path
    .replaceAll(/[/\\]/g, "__")
    .replaceAll(/[:*?"<>|\p{Cc}]/gu, "_")
    .replace(/^\./, "_");
}

/** Canonical counts `[neutral, anger, ...]` as a record. */
export function countsByName(counts: readonly number[]): Partial<Record<Expression, number>> {
  return Object.fromEntries(counts.map((n, label) => [EXPRESSIONS[label]!, n]));
}
