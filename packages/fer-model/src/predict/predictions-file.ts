/**
 * `predictions.csv`: one row a sample: id, truth, prediction, what the baselines say (where they were asked), and the
 * probability of each class with six decimals.
 */
import { csvCell, writeAtomic } from "@fer/core";

/** By sample: class indices, and what the network thinks of each class. */
export interface Predicted {
  truth: ArrayLike<number>;
  predicted: ArrayLike<number>;
  majority: ArrayLike<number> | null;
  ridge: ArrayLike<number> | null;
  /** `[count, classes]`. */
  probabilities: Float32Array;
}

/** Predictions of a part. */
export interface Predictions extends Predicted {
  ids: readonly string[];
  classes: readonly string[];
}

/** Writes the file. */
export async function writePredictions(file: string, predictions: Predictions): Promise<void> {
  const { ids, classes, probabilities } = predictions;
  const columns = (["truth", "predicted", "majority", "ridge"] as const).filter((name) => predictions[name] !== null);
  const lines = [["id", ...columns, ...classes.map((name) => `p_${name}`)].join(",")];
  for (const [i, id] of ids.entries()) {
    const row = [...probabilities.subarray(i * classes.length, (i + 1) * classes.length)].map((p) => p.toFixed(6));
    lines.push([csvCell(id), ...columns.map((name) => classes[predictions[name]![i]!]), ...row].join(","));
  }
  await writeAtomic(file, `${lines.join("\n")}\n`);
}

/** What a file says, by sample. */
export interface ReadPredictions
  extends Record<"truth" | "predicted", number[]>, Record<"majority" | "ridge", number[] | null> {
  ids: string[];
  /** `[count, classes]`, as written. */
  probabilities: number[];
}

/**
 * Reads a file.
 *
 * @param classes Names, in the order of the indices.
 *
 * @example
 * ```ts
 * import { parsePredictions } from "@fer/model";
 *
 * const text = "id,truth,predicted,p_sad,p_happy\na,sad,happy,0.250000,0.750000\n";
 * console.log(parsePredictions(text, ["sad", "happy"]).predicted); // [ 1 ]
 * ```
 */
export function parsePredictions(text: string, classes: readonly string[]): ReadPredictions {
  const [names, ...rows] = text
    .trimEnd()
    .split("\n")
    .map((line) => line.split(",")) as [string[], ...string[][]];
  // Counted from the end, since an id may hold a comma.
  const column = (name: string): number[] | null => {
    const fromEnd = names.indexOf(name) - names.length;
    return fromEnd < -names.length ? null : rows.map((row) => classes.indexOf(row.at(fromEnd)!));
  };
  return {
    ids: rows.map((row) => unquoted(row.slice(0, 1 - names.length).join(","))),
    truth: column("truth")!,
    predicted: column("predicted")!,
    majority: column("majority"),
    ridge: column("ridge"),
    probabilities: rows.flatMap((row) => row.slice(-classes.length).map(Number)),
  };
}

const unquoted = (cell: string): string => (cell.startsWith('"') ? cell.slice(1, -1).replaceAll('""', '"') : cell);

/** Files of one shape as one: their text (one header, all rows) and what it says. */
export function joinPredictions(texts: readonly string[], classes: readonly string[]): Predicted & { text: string } {
  const [first, ...others] = texts as [string, ...string[]];
  const rows = others.map((text) => text.slice(text.indexOf("\n") + 1));
  const text = [first, ...rows].join("");
  const { ids: _, probabilities, ...columns } = parsePredictions(text, classes);
  return { text, ...columns, probabilities: Float32Array.from(probabilities) };
}

/** Files about the same samples as one: the mean of their probabilities, `[count, classes]`. */
export function meanPredictions(
  texts: readonly string[],
  classes: readonly string[],
): Pick<Predictions, "truth" | "probabilities"> {
  const files = texts.map((text) => parsePredictions(text, classes));
  const { truth, probabilities } = files[0]!;
  const sums = probabilities.map((_, at) => files.reduce((sum, file) => sum + file.probabilities[at]!, 0));
  return { truth, probabilities: Float32Array.from(sums, (sum) => sum / texts.length) };
}
