/**
 * The contract of a dataset adapter: it maps the files of an owner to a stream of samples. It does not decode, write,
 * resize, log or split. One file a dataset in `datasets/`, all run through the suite of `test/contract.ts`.
 *
 * A dataset circulates in several *forms* (owner's tree, csv, folders sorted by a third party). Each form says how it
 * is recognised by content (`detect`), what its owner's totals are (`expected`), and how it is read (`read`).
 */
import { z } from "zod";
import { parseOptions } from "@fer/core";
import { GroupKind, ImageKind, Split } from "@fer/core/image-folder";
import { detectForm, type DetectedForm, type Misfit } from "./detect-form.js";
import {
  expectedOf,
  type Expected,
  type ExpectedInput,
  type Sample,
  type SampleInput,
  type Skipped,
  type SkippedInput,
} from "./items.js";
import { readForm } from "./read-form.js";
import { Folder } from "./tree/folder.js";

/** What a form may say beside its items. */
export interface Notes {
  /** Something about the dataset as a whole that its user should know: shown, and kept in `dataset.json`. */
  warn(message: string): void;
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
   * The folder that holds this form (the given one, or one below it: `folder.at("basic")`), or what it misses, or
   * `undefined`. Cheap: looks at names and at the first line of a file, never at images. `options` are passed for forms
   * that exist only under an explicit option (a map of folder numbers).
   */
  detect(folder: Folder, options: Options): Folder | Misfit | undefined | Promise<Folder | Misfit | undefined>;
  /**
   * The items in an order that does not depend on the file system; `folder` is what `detect` returned. Every row of an
   * annotation is one item (the readers of `readers/` see to that); files that no item names are listed afterwards.
   */
  read(folder: Folder, options: Options, notes: Notes): AsyncIterable<SampleInput | SkippedInput>;
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
  /**
   * Whether the owner gives every picture a name of its own, so that two folders with the same names in them are two
   * copies of the dataset, and are refused. Else they are only where the files have the same content.
   */
  ownNames?: boolean;
  /** Options of this adapter alone, a `z.strictObject` with a description and a default for every key. */
  options: Options;
  forms: readonly Form<z.output<Options>>[];
}

/** How a dataset is read. */
export interface ReadOptions {
  /** Options of the adapter. */
  options?: Record<string, unknown>;
  /** The form, where the folder fits several. */
  form?: string | undefined;
}

/** A parsed adapter. */
export interface DatasetAdapter extends Omit<AdapterDefinition, "forms"> {
  forms: readonly Form[];
  /** Owner's totals of each form under default options. */
  expected: Readonly<Record<string, readonly Expected[]>>;
  /** The form that fits the folder; refuses none and several (unless `form` says which), and two copies of one. */
  detect(folder: Folder, how?: ReadOptions): Promise<DetectedForm>;
  /** Samples and skips of the folder, each parsed: all that lies in it, see {@link readForm}. */
  read(root: string | Folder, how?: ReadOptions & Partial<Notes>): AsyncGenerator<Sample | Skipped>;
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
 *     async *read(folder) {
 *       for (const file of folder.images()) {
 *         yield { id: file.replace(/\.png$/, ""), image: { file }, expression: "happy", source: file };
 *       }
 *     },
 *   }],
 * });
 * console.log(mine.forms[0]?.name); // flat
 * ```
 */
export function defineAdapter<Options extends z.ZodObject>(definition: AdapterDefinition<Options>): DatasetAdapter {
  parseOptions(definition, { schema: DefinitionHead, subject: `adapter "${String(definition.name)}"` });
  const forms = definition.forms as readonly Form[];
  const adapter: DatasetAdapter = {
    ...(definition as AdapterDefinition),
    forms,
    get expected() {
      const options = parseAdapterOptions(adapter, {});
      return Object.fromEntries(forms.map((form) => [form.name, expectedOf(form, options)]));
    },
    async detect(folder, { options = {}, form } = {}) {
      return detectForm(adapter, { folder, options: parseAdapterOptions(adapter, options), form });
    },
    async *read(root, { options = {}, form, warn = () => {} } = {}) {
      const folder = typeof root === "string" ? await Folder.open(root) : root;
      const own = parseAdapterOptions(adapter, options);
      const detected = await detectForm(adapter, { folder, options: own, form });
      yield* readForm(detected, { adapter: adapter.name, options: own, warn });
    },
  };
  return adapter;
}

/** An adapter's own options with their defaults; the message names each wrong key. */
export function parseAdapterOptions(
  { name, options: schema }: Pick<DatasetAdapter, "name" | "options">,
  options: Record<string, unknown>,
): Record<string, unknown> {
  return parseOptions(options, { schema, subject: `${name} options` });
}

/** What the pictures and groups of a form are, under these options; `name` is that of the folder or archive read. */
export function kindsOf(
  adapter: Pick<DatasetAdapter, "imageKind" | "groupKind" | "groupSpace">,
  { form, options, name }: { form: Form; options: Record<string, unknown>; name: string },
): { imageKind: ImageKind; groupKind: GroupKind; groupSpace: string } {
  const { imageKind = adapter.imageKind, groupKind = adapter.groupKind, groupSpace = adapter.groupSpace } = form;
  return {
    imageKind: typeof imageKind === "function" ? imageKind(options) : imageKind,
    groupKind: typeof groupKind === "function" ? groupKind(options) : groupKind,
    groupSpace: typeof groupSpace === "function" ? groupSpace(options, name) : groupSpace,
  };
}
