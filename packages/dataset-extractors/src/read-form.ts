/** The items of a form, parsed and accounted for: what lies in the folder is a sample, a skip with its reason, or an error. */
import { DatasetError, EXPRESSIONS, labelOf, parseOptions } from "@fer/core";
import type { z } from "zod";
import { type DetectedForm, expectedOf } from "./definition.js";
import { Sample, Skipped, type Expected } from "./items.js";
import { UniqueIds } from "./ids.js";
import { isPermuted } from "./permuted.js";
import { unread } from "./tree/unread.js";

/** Who reads, and how. */
export interface Reading {
  /** Name of the adapter. */
  adapter: string;
  /** Options of the adapter, with their defaults. */
  options: Record<string, unknown>;
  warn(message: string): void;
}

/**
 * Items of a detected form: ids unique and short enough for file names, pictures that are not there turned into skips.
 * Then, as skips with `listed: false`, whatever lies below the folder that was passed and no item has named: pictures,
 * other files (a folder of which nothing was read is one skip), archives, links that lead nowhere.
 *
 * @throws DatasetError where the counts of a split are the owner's, but of other classes.
 */
export async function* readForm(
  { form, folder }: DetectedForm,
  { adapter, options, warn }: Reading,
): AsyncGenerator<Sample | Skipped> {
  folder.forget();
  const ids = new UniqueIds();
  const counts = new Map<string, number[]>();
  for await (const item of form.read(folder, { ...options, warn })) {
    if ("reason" in item) {
      const skipped = parsed(item, { schema: Skipped, adapter });
      if (skipped.file !== undefined) folder.use(skipped.file);
      else if (!isRow(skipped.source)) void (folder.use(skipped.source) || folder.useAll(skipped.source));
      yield skipped;
      continue;
    }
    const sample = parsed(item, { schema: Sample, adapter });
    const { source, image, split, expression } = sample;
    if ("file" in image && !folder.use(image.file)) {
      yield parsed(
        { source, reason: "missing-file", detail: `"${image.file}" is not in the folder` },
        { schema: Skipped, adapter },
      );
      continue;
    }
    let perClass = counts.get(split);
    if (perClass === undefined) counts.set(split, (perClass = EXPRESSIONS.map(() => 0)));
    perClass[labelOf(expression)]! += 1;
    sample.id = ids.take(sample);
    yield sample;
  }
  for (const expected of expectedOf(form, options)) {
    const found = counts.get(expected.split);
    if (found !== undefined && expected.of === "images" && isPermuted(found, expected.counts ?? []))
      throw otherCodes(adapter, { expected, found });
  }
  for (const skip of unread(folder)) yield { ...skip, listed: false };
}

/** Whether a source names a row or a face (`list.csv:12`, `photo.jpg#3`) and not a file. */
function isRow(source: string): boolean {
  let at = source.length;
  while (at > 0 && source.charCodeAt(at - 1) >= 48 && source.charCodeAt(at - 1) <= 57) at -= 1;
  return at < source.length && (source[at - 1] === ":" || source[at - 1] === "#");
}

function parsed<S extends z.ZodType>(
  item: z.input<S> & { source: string },
  { schema, adapter }: { schema: S; adapter: string },
): z.output<S> {
  const result = schema.safeParse(item);
  // looked at once more for its message, which takes too long for every item
  return result.success
    ? result.data
    : parseOptions(item, { schema, subject: `${adapter} item ${JSON.stringify(item.source)}` });
}

function otherCodes(
  adapter: string,
  { expected, found }: { expected: Expected; found: readonly number[] },
): DatasetError {
  const named = (counts: readonly number[]) =>
    EXPRESSIONS.flatMap((name, label) => (counts[label] ? [`${name} ${counts[label].toLocaleString("en-US")}`] : []));
  return new DatasetError({
    code: "OTHER_CODES",
    subject: adapter,
    found: `split "${expected.split}" has the owner's counts for other classes (${named(found).join(", ")})`,
    expected: named(expected.counts ?? []).join(", "),
    fix: "The labels are numbered otherwise than by the owner: say what they mean with --map, where the form has that option, or use the owner's files",
  });
}
