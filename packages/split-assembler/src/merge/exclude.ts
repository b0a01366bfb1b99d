/** Leaves out the samples of a list that somebody has looked through: a table with the column sample, and verdict. */
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { basename, dirname } from "node:path";
import { type FerErrorParts, OptionsError } from "@fer/core";
import { csvTable, Folder } from "@fer/dataset-extractors/readers";
import type { Samples } from "./samples.js";

/** Samples to leave out, by id or source, and the sha256 of the file. */
export interface Exclusion {
  file: string;
  names: ReadonlySet<string>;
  sha256: string;
}

/** Rows whose verdict is `keep` stay; a table without verdicts names what goes. @throws OptionsError, FormatError */
export async function readExclusion(path: string): Promise<Exclusion> {
  const bytes = await readFile(path).catch((cause: NodeJS.ErrnoException) => {
    throw bad({
      subject: path,
      found: `it cannot be read (${cause.code})`,
      expected: "a table (.csv) with the columns sample and verdict",
    });
  });
  const folder = await Folder.open(dirname(path));
  const columns = { file: basename(path), required: ["sample"], optional: ["verdict"] } as const;
  const names = new Set<string>();
  for await (const { sample, verdict, source } of csvTable<"sample" | "verdict">(folder, columns)) {
    const word = verdict.trim().toLowerCase();
    if (word !== "" && word !== "keep" && word !== "exclude")
      throw bad({ subject: path, found: `${source}: the verdict "${verdict}"`, expected: "keep or exclude" });
    if (word !== "keep") names.add(sample);
  }
  return { file: path, names, sha256: createHash("sha256").update(bytes).digest("hex") };
}

/** What is left of the samples. @throws OptionsError where the list names samples that are not there: it is of other data */
export function withoutExcluded(samples: Samples, { file, names }: Exclusion): Samples {
  const found = new Set<string>();
  const left = samples.where(({ id, key }) => {
    const name = [key, id].find((each) => names.has(each));
    if (name === undefined) return true;
    if (found.has(name))
      throw bad({
        subject: file,
        found: `the id "${name}" is that of several images`,
        expected: "sources, such as rafdb/train/happy/train_00001.jpg",
      });
    found.add(name);
    return false;
  });
  const stale = [...names].filter((name) => !found.has(name));
  if (stale.length === 0) return left;
  throw bad({
    subject: file,
    found: `${stale.length} of its ${names.size} samples are not among the images, the first is "${stale[0]}"`,
    expected: "a list of these data",
  });
}

const bad = (parts: Pick<FerErrorParts, "subject" | "found" | "expected">): OptionsError =>
  new OptionsError({ code: "BAD_EXCLUSION", ...parts });
