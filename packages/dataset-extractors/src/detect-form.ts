/** Which form of a dataset a folder is: exactly one, in one copy. Else the message says what is there and what is near. */
import { DatasetError, OptionsError } from "@fer/core";
import type { AdapterDefinition, DetectedForm, Form, Misfit } from "./definition.js";
import { findCopies } from "./tree/copies.js";
import { areParts } from "./readers/splits.js";
import { Folder } from "./tree/folder.js";
import { fileName, howToUnpack } from "./tree/names.js";

/** What an adapter knows its dataset by. */
type Detectable = Pick<AdapterDefinition, "name" | "ownNames" | "options"> & { forms: readonly Form[] };

/** What is looked at. */
interface Detection {
  folder: Folder;
  options: Record<string, unknown>;
  /** The form that was asked for. */
  form: string | undefined;
}

/**
 * The form that fits.
 *
 * @throws DatasetError where none fits, several do, or two copies of the dataset lie in the folder.
 */
export async function detectForm(
  adapter: Detectable,
  { folder, options, form: wanted }: Detection,
): Promise<DetectedForm> {
  const { name, forms, ownNames = false } = adapter;
  const candidates = wanted === undefined ? forms : forms.filter((form) => form.name === wanted);
  if (candidates.length === 0) throw unknownForm(adapter, wanted!);
  const found: DetectedForm[] = [];
  const misfits: { form: Form; misfit: Misfit }[] = [];
  for (const form of candidates) {
    const place = await form.detect(folder, options);
    if (place instanceof Folder) found.push({ form, folder: place });
    else if (place !== undefined) misfits.push({ form, misfit: place });
  }
  const [first] = found;
  if (first === undefined) throw noForm(adapter, { folder, wanted, candidates, misfits });
  if (found.length > 1) throw severalForms(name, { folder, found });
  const fits = async (dir: string) => {
    try {
      return (await first.form.detect(folder.at(dir).peek(), options)) instanceof Folder;
    } catch {
      return false;
    }
  };
  const copies = await findCopies(folder, { fits, sameContent: !ownNames, areParts });
  if (copies !== undefined) throw twoCopies(name, { folder, copies });
  return first;
}

function unknownForm({ name, forms }: Pick<Detectable, "name" | "forms">, wanted: string): OptionsError {
  return new OptionsError({
    code: "UNKNOWN_FORM",
    subject: name,
    found: `no form is called "${wanted}"`,
    expected: `one of ${forms.map((form) => form.name).join(", ")}`,
  });
}

function severalForms(name: string, { folder, found }: { folder: Folder; found: DetectedForm[] }): DatasetError {
  const names = found.map(({ form }) => form.name);
  return new DatasetError({
    code: "AMBIGUOUS_FORM",
    subject: name,
    found: `"${folder.root}" fits several forms: ${names.join(", ")}`,
    expected: "one",
    fix: `Say which with --form ${names.join(" or --form ")}`,
  });
}

function twoCopies(name: string, { folder, copies }: { folder: Folder; copies: [string, string] }): DatasetError {
  const [one, other] = copies.map((dir) => (dir === "" ? `"${folder.root}" itself` : `"${dir}"`));
  return new DatasetError({
    code: "TWO_COPIES",
    subject: name,
    found: `"${folder.root}" holds the dataset twice: in ${one} and in ${other}`,
    expected: "one copy, since every picture would be there twice",
    fix: `Pass one of them: --from "${folder.absolute(copies[1])}"`,
    context: { copies },
  });
}

interface NoForm {
  folder: Folder;
  wanted: string | undefined;
  candidates: readonly Form[];
  misfits: readonly { form: Form; misfit: Misfit }[];
}

function noForm(
  { name, options }: Pick<Detectable, "name" | "options">,
  { folder, wanted, candidates, misfits }: NoForm,
): DatasetError {
  const [nearest] = misfits.toSorted((a, b) => b.misfit.near - a.misfit.near);
  const fits = wanted === undefined ? "fits no known form" : `does not fit the form "${wanted}"`;
  const near =
    nearest === undefined || nearest.misfit.near === 0
      ? ""
      : `${wanted === undefined ? `; the nearest is "${nearest.form.name}"` : ""}: ${nearest.misfit.misses}`;
  const [packed] = folder.archives;
  return new DatasetError({
    code: "UNKNOWN_LAYOUT",
    subject: name,
    found: `${contents(folder)} under "${folder.root}" ${fits}${near}`,
    expected: `the form ${either(candidates.map((form) => form.name))} ("fer datasets ${name}" shows what they look like)`,
    fix:
      packed === undefined
        ? (mapping(nearest?.misfit, options) ?? "Pass the folder that contains it")
        : `"${fileName(packed)}" is packed: unpack it first (${howToUnpack(packed)})`,
    context: { files: folder.files.length, archives: folder.archives, trees: candidates.map((form) => form.tree) },
  });
}

/** How to say what folders mean, where the adapter can be told. */
function mapping(misfit: Misfit | undefined, options: Detectable["options"]): string | undefined {
  const folders = misfit?.folders ?? [];
  if (folders.length === 0 || !("map" in options.shape)) return undefined;
  const pairs = folders.map(([folder, near]) => `${folder}=${near ?? "..."}`).join(",");
  return `Rename the folders, or say what they mean with --map ${/[^\w=,.-]/.test(pairs) ? `"${pairs}"` : pairs}`;
}

const either = (names: string[]) =>
  names.length < 2 ? names.join("") : `${names.slice(0, -1).join(", ")} or ${names.at(-1)!}`;

function contents(folder: Folder): string {
  const images = folder.images().length;
  if (folder.files.length === 0)
    return folder.archives.length > 0 ? `only archives ("${folder.archives[0]}")` : "nothing";
  const files = folder.files.length === 1 ? "1 file" : `${folder.files.length} files`;
  return `${files}, ${images} of them images, first "${folder.files[0]}",`;
}
