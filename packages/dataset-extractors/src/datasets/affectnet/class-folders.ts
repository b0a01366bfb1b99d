/**
 * Copies of AffectNet sorted into class folders by third parties: words (which sort by name, not by code), some with a
 * `labels.csv` that contradicts them here and there, or AffectNet's numbers, which need a map. Where folder and csv
 * disagree, the label that was not taken is kept in `raw_label`, so that the disagreements can be counted.
 */
import { safeId } from "../../adapter.js";
import type { Form } from "../../adapter.js";
import { expressionNamed, OptionsError } from "@fer/core";
import { classImages, isNumbered, leafNames, splitOf } from "../../readers/class-folders.js";
import { csvRecords, csvRows, headedTables } from "../../files/csv.js";
import type { Folder } from "../../tree/folder.js";
import { unknownCode } from "../../readers/codes.js";
import { CODES } from "./codes.js";
import type { AffectNetOptions } from "./options.js";

const SPLITS = {
  train: "train",
  trainset: "train",
  training: "train",
  val: "val",
  valid: "val",
  validation: "val",
  valset: "val",
  test: "test",
} as const;

/** With one of these the folder is another form. */
const ANNOTATION = /\.(csv|npy|json|ya?ml)$/i;

/** The form. */
export const classFolders: Form<AffectNetOptions> = {
  name: "class-folders",
  tree: `[{train,val,test}/]{anger,contempt,disgust,...}/*.jpg      labels.csv (pth,label) optional
[{train,val}/]{0..7}/*.jpg                               only with a map`,
  detect(folder, { map }) {
    const named = classImages(folder, map).some(({ expression }) => expression !== undefined);
    const codes =
      map === undefined && !named && isNumbered(folder) && !folder.files.some((file) => ANNOTATION.test(file));
    if (codes && [...leafNames(folder)].every((name) => /^[0-7]$/.test(name))) throw mapNeeded(folder);
    return named ? folder : undefined;
  },
  async *read(folder, { map, labels }, tally) {
    const rows = await csvLabels(folder);
    for (const { file, expression, label, above, name } of classImages(folder, map)) {
      if (expression === undefined) {
        yield { source: file, reason: "unlabelled", detail: "no folder above it names a class", listed: false };
        continue;
      }
      tally.rows();
      const row = rows.get(file.toLowerCase());
      if (row !== undefined) rows.delete(file.toLowerCase());
      const disagree = row !== undefined && expressionNamed(row.label) !== expression;
      const taken = disagree && labels === "csv" ? expressionNamed(row.label)! : expression;
      const other = labels === "csv" ? `${row?.label} (folder: ${label})` : `${label} (${row?.source}: ${row?.label})`;
      yield {
        id: safeId(name),
        image: { file },
        expression: taken,
        split: splitOf(above, SPLITS) ?? "all",
        source: file,
        rawLabel: disagree ? other : label,
      };
    }
    for (const { name, source } of rows.values()) {
      tally.rows();
      yield { source, reason: "missing-file", detail: `"${name}" is not in the folder` };
    }
  },
};

/** Rows of every labels.csv (`pth,label`) by the path of the picture they name. */
async function csvLabels(folder: Folder): Promise<Map<string, { label: string; name: string; source: string }>> {
  const labels = new Map<string, { label: string; name: string; source: string }>();
  for (const file of await headedTables(folder, ["pth", "label"])) {
    for await (const { line, values } of csvRecords(csvRows(folder.lines(file), { file }), {
      file,
      required: ["pth", "label"],
    })) {
      const name = values.pth.trim();
      const label = values.label.trim();
      const source = `${file}:${line}`;
      if (expressionNamed(label) === undefined)
        throw unknownCode(source, "the label", label, "the name of an expression");
      labels.set((folder.find(name).path ?? `${source} ${name}`).toLowerCase(), { label, name, source });
    }
  }
  return labels;
}

function mapNeeded(folder: Folder): OptionsError {
  return new OptionsError({
    code: "MAP_NEEDED",
    subject: "affectnet",
    found: `"${folder.root}" has numbered folders, and numbers mean other classes in other copies`,
    expected: "a map from folder to expression",
    fix: `If they are AffectNet's codes, pass --map ${CODES.map((name, code) => `${code}=${name}`).join(",")}`,
  });
}
