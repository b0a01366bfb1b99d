/**
 * What the author of an adapter writes. A dataset circulates in several *forms* (owner's tree, csv, folders sorted by a
 * third party). Each form says how it is recognised by content (`detect`), what its owner's totals are (`expected`), and
 * how it is read (`read`).
 */
import type { z } from "zod";
import type { GroupKind, ImageKind, Split } from "@fer/core/image-folder";
import { Expected, type ExpectedInput, type SampleInput, type SkippedInput } from "./items.js";
import type { Folder } from "./tree/folder.js";

/** What a form may say beside its items. */
export type Notes = {
  /** Something about the dataset as a whole that its user should know: shown, and kept in `dataset.json`. */
  warn(message: string): void;
};

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
   * `warn`, beside the options, says what the user should know of the whole.
   */
  read(folder: Folder, options: Options & Notes): AsyncIterable<SampleInput | SkippedInput>;
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

/** Why a folder is not a form. */
export interface Misfit {
  /** What is there and what is missing, as `labels.csv has the columns image, lable; "label" is missing`. */
  misses: string;
  /** How much of the form is there, from 0 to 1: the message speaks of the nearest. */
  near: number;
  /** What folders with pictures are called, and the class that each is near to: an adapter may have an option for that. */
  folders?: readonly (readonly [string, string | undefined])[];
}

/** A form that fits, and where. */
export interface DetectedForm {
  form: Form;
  /** The folder that holds the form. */
  folder: Folder;
}

/** Owner's totals of a form under these options. */
export function expectedOf(form: Form, options: Record<string, unknown>): Expected[] {
  const expected = typeof form.expected === "function" ? form.expected(options) : (form.expected ?? []);
  return expected.map((row) => Expected.parse(row));
}

/** What the pictures and groups of a form are, under these options; `name` is that of the folder or archive read. */
export function kindsOf(
  adapter: Pick<AdapterDefinition, "imageKind" | "groupKind" | "groupSpace">,
  { form, options, name }: { form: Form; options: Record<string, unknown>; name: string },
): { imageKind: ImageKind; groupKind: GroupKind; groupSpace: string } {
  const { imageKind = adapter.imageKind, groupKind = adapter.groupKind, groupSpace = adapter.groupSpace } = form;
  return {
    imageKind: typeof imageKind === "function" ? imageKind(options) : imageKind,
    groupKind: typeof groupKind === "function" ? groupKind(options) : groupKind,
    groupSpace: typeof groupSpace === "function" ? groupSpace(options, name) : groupSpace,
  };
}
