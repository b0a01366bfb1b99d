/** `dataset.json` of an image folder whose owner has changed its metadata. */
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { EXPRESSIONS } from "../expressions.js";
import type { TextLine } from "../files/text-lines.js";
import { writeAtomic } from "../files/write-atomic.js";
import { DatasetError, type FerErrorParts } from "../errors.js";
import { DatasetInfo, MetadataRow, SPLITS } from "./schema.js";

/**
 * Counts the rows of an image folder again, and takes their fingerprint, where metadata are among the changed files.
 *
 * @returns whether `dataset.json` was written anew
 * @throws DatasetError for a row that is not one
 */
export async function recountImageFolder(folder: string, changed: readonly string[]): Promise<boolean> {
  if (!changed.some((file) => file.endsWith("metadata.jsonl"))) return false;
  const path = join(folder, "dataset.json");
  const info = JSON.parse(await readFile(path, "utf8")) as DatasetInfo;
  const fingerprint = createHash("sha256");
  const counts: DatasetInfo["counts"] = {};
  for (const split of SPLITS) {
    const text = await readFile(join(folder, split, "metadata.jsonl"), "utf8").catch(() => null);
    if (text === null) continue;
    fingerprint.update(`${split}\n`).update(text);
    const rows = text.split("\n").filter((line) => line !== "");
    const file = join(folder, split, "metadata.jsonl");
    const labels = rows.map((row, index) => expressionOf({ line: index + 1, text: row }, file));
    counts[split] = Object.fromEntries(
      EXPRESSIONS.flatMap((name) => {
        const count = labels.filter((label) => label === name).length;
        return count === 0 ? [] : [[name, count]];
      }),
    );
  }
  const total = Object.values(counts)
    .flatMap((classes) => Object.values(classes))
    .reduce((sum, n) => sum + n, 0);
  const details = [...new Set([...info.verification.details, "metadata were changed by hand since, and accepted"])];
  const verification = { ...info.verification, details };
  const recounted = { ...info, counts, total, verification, fingerprint: fingerprint.digest("hex") };
  await writeAtomic(path, `${JSON.stringify(recounted, null, 2)}\n`);
  return true;
}

function expressionOf({ line, text }: TextLine, file: string): string {
  const bad = ({ found, ...parts }: Pick<FerErrorParts, "found" | "expected" | "cause">): DatasetError =>
    new DatasetError({
      code: "BAD_METADATA",
      subject: file,
      found: `line ${line} ${found}`,
      fix: "Correct it, then accept the change again",
      ...parts,
    });
  let row: MetadataRow;
  try {
    row = MetadataRow.parse(JSON.parse(text));
  } catch (cause) {
    throw bad({
      found: "is not a metadata row",
      expected: "one JSON object an image, with the keys that the other rows have",
      cause,
    });
  }
  const { expression, label } = row;
  if (EXPRESSIONS[label] === expression) return expression;
  throw bad({
    found: `has the expression ${expression} and the label ${label}`,
    expected: `the label ${EXPRESSIONS.indexOf(expression)}`,
  });
}
