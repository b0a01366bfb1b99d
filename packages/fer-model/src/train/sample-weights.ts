/**
 * How much single samples count in the loss, from a file: two columns with a head, `id` and `weight`.
 *
 *     id,weight
 *     train_00012,0.5
 *
 * A sample that the file does not name counts 1. Samples of other parts may be in it, and are passed over.
 */
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { FormatError, OptionsError } from "@fer/core";
import type { Subset } from "../data/subset.js";

export interface SampleWeights {
  byId: ReadonlyMap<string, number>;
  /** sha256 of the file, hex. */
  fingerprint: string;
}

/**
 * Reads such a file.
 *
 * @throws FormatError where it is not such a file, a weight is not a number of 0 or more, or an id comes twice.
 */
export async function readSampleWeights(path: string): Promise<SampleWeights> {
  const bytes = await readFile(path).catch((cause: unknown) => {
    throw new FormatError({
      code: "NO_WEIGHTS_FILE",
      subject: path,
      found: "it cannot be read",
      expected: "a file with the columns id and weight",
      cause,
    });
  });
  const [head, ...lines] = bytes
    .toString("utf8")
    .replace(/^\uFEFF/, "")
    .split(/\r?\n/);
  const bad = (found: string, expected: string): FormatError =>
    new FormatError({ code: "BAD_WEIGHTS_FILE", subject: path, found, expected, fix: "Correct the file" });
  if (head !== "id,weight") throw bad(`the first line is ${JSON.stringify(head)}`, "id,weight");
  const byId = new Map<string, number>();
  for (const [index, line] of lines.entries()) {
    if (line === "") continue;
    const comma = line.lastIndexOf(",");
    const [id, text] = [line.slice(0, Math.max(comma, 0)), line.slice(comma + 1)];
    const weight = text === "" ? Number.NaN : Number(text);
    const at = `line ${index + 2} is ${JSON.stringify(line)}`;
    if (id === "" || !(weight >= 0 && weight < Infinity)) throw bad(at, "an id, a comma and a number of 0 or more");
    if (byId.has(id)) throw bad(`${at}, and the id has come before`, "every id once");
    byId.set(id, weight);
  }
  return { byId, fingerprint: createHash("sha256").update(bytes).digest("hex") };
}

/** The weights of samples in their order, `[count]`. @throws OptionsError where the file names none of them, or one twice */
export async function rowWeights(samples: Subset, { byId }: SampleWeights): Promise<Float32Array> {
  const ids = await samples.ids();
  const named = ids.filter((id) => byId.has(id)).length;
  if (named === 0) {
    throw new OptionsError({
      code: "NO_SAMPLE_WEIGHED",
      subject: "sampleWeights",
      found: `${byId.size} ids, none of them of a training sample`,
      expected: `ids of the set, such as ${ids[0]}`,
      fix: "Take the ids from <name>_train.jsonl",
    });
  }
  const known = new Set<string>();
  for (const id of ids) {
    if (byId.has(id) && known.has(id)) {
      throw new OptionsError({
        code: "TWO_SAMPLES_WEIGHED",
        subject: "sampleWeights",
        found: `${id} is the id of two training samples`,
        expected: "ids of one sample each",
        fix: "Leave the id out; in a set of several datasets the same id may stand in two of them",
      });
    }
    known.add(id);
  }
  return Float32Array.from(ids, (id) => byId.get(id) ?? 1);
}
