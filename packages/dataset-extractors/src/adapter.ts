/**
 * The contract of a dataset adapter: it maps the files of an owner to a stream of samples. It does not decode, write,
 * resize, log or split. One file a dataset in `datasets/`, all run through the suite of `test/contract.ts`.
 */
import { z } from "zod";
import { parseOptions } from "@fer/core";
import { GroupKind, ImageKind, Split } from "@fer/core/image-folder";
import { type AdapterDefinition, type DetectedForm, expectedOf, type Form, type Notes } from "./definition.js";
import { detectForm } from "./detect-form.js";
import type { Expected, Sample, Skipped } from "./items.js";
import { readForm } from "./read-form.js";
import { Folder } from "./tree/folder.js";

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
