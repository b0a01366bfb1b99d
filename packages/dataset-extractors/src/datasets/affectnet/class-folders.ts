/**
 * Copies of AffectNet sorted into class folders by third parties: words (which sort by name, not by code), some with a
 * `labels.csv` that contradicts them here and there, or AffectNet's numbers, which need a map. Where folder and csv
 * disagree, the label that was not taken is kept in `raw_label`, so that the disagreements can be counted.
 */
import type { Form } from "../../definition.js";
import type { SkippedInput } from "../../items.js";
import { expressionNamed, OptionsError } from "@fer/core";
import { csvTable, headedTables } from "../../files/csv.js";
import { safeId } from "../../ids.js";
import {
  classFolders as readClassFolders,
  classImages,
  classMisfit,
  isNumbered,
  leafNames,
} from "../../readers/class-folders.js";
import { unknownCode } from "../../readers/codes.js";
import { COMMON_SPLITS, splitOf } from "../../readers/splits.js";
import type { Folder } from "../../tree/folder.js";
import { CODES } from "./codes.js";
import type { AffectNetOptions } from "./options.js";

/** With one of these the folder is another form. */
const ANNOTATION = /\.(csv|npy|json|ya?ml)$/i;
const COLUMNS = ["pth", "label"] as const;

export const classFolders: Form<AffectNetOptions> = {
  name: "class-folders",
  tree: `[{train,val,test}/]{anger,contempt,disgust,...}/*.jpg      labels.csv (pth,label) optional
[{train,val}/]{0..7}/*.jpg                               only with a map`,
  detect(folder, { map }) {
    if (classImages(folder, map).some(({ expression }) => expression !== undefined)) return folder;
    const isCodes =
      map === undefined && isNumbered(folder) && [...leafNames(folder)].every((name) => /^\d$/.test(name));
    const misfit = isCodes
      ? { misses: "class folders are numbered, and --map does not say what they mean", near: 0.6 }
      : classMisfit(folder);
    if (folder.files.some((file) => ANNOTATION.test(file))) return misfit;
    if (isCodes) throw mapNeeded(folder);
    return misfit;
  },
  async *read(folder, { map, labels, warn }) {
    const { rows, skips } = await csvLabels(folder);
    yield* skips;
    yield* readClassFolders({
      images: classImages(folder, map),
      notes: { warn: map === undefined ? warn : () => {} },
      read({ file, expression, label, above, name }) {
        const row = rows.get(file.toLowerCase());
        rows.delete(file.toLowerCase());
        const other = row === undefined ? expression : expressionNamed(row.label)!;
        const rawLabel =
          row === undefined || other === expression
            ? label
            : labels === "csv"
              ? `${row.label} (folder: ${label})`
              : `${label} (${row.source}: ${row.label})`;
        return {
          id: safeId(name),
          expression: labels === "csv" ? other : expression,
          split: splitOf(above, COMMON_SPLITS) ?? "all",
          rawLabel,
        };
      },
    });
    for (const { name, source } of rows.values())
      yield { source, reason: "missing-file", detail: `"${name}" is not in the folder` };
  },
};

interface CsvLabels {
  /** By the path of the picture that a row names, in lower case. */
  rows: Map<string, { label: string; name: string; source: string }>;
  /** Rows that cannot be compared with a folder. */
  skips: SkippedInput[];
}

/** Rows of every labels.csv (`pth,label`). */
async function csvLabels(folder: Folder): Promise<CsvLabels> {
  const found: CsvLabels = { rows: new Map(), skips: [] };
  for (const file of (await headedTables(folder, COLUMNS)).files) {
    for await (const { pth, label: cell, source } of csvTable(folder, { file, required: COLUMNS })) {
      const [name, label] = [pth.trim(), cell.trim()];
      if (expressionNamed(label) === undefined)
        throw unknownCode({ source, what: "the label", found: label, expected: "the name of an expression" });
      const key = (folder.find(name).path ?? `${source} ${name}`).toLowerCase();
      if (found.rows.has(key)) found.skips.push({ source, reason: "invalid", detail: `"${name}" has a row already` });
      else found.rows.set(key, { label, name, source });
    }
  }
  return found;
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
