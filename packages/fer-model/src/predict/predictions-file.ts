/**
 * `predictions.csv`: one row a sample: id, truth, prediction, what the baselines say (where they were asked), and the
 * probability of each class with six decimals.
 */
import { writeAtomic } from "@fer/core";

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
    lines.push([quoted(id), ...columns.map((name) => classes[predictions[name]![i]!]), ...row].join(","));
  }
  await writeAtomic(file, `${lines.join("\n")}\n`);
}

/** RFC 4180: quotes where a comma, a quote or a line break asks for them. */
const quoted = (text: string): string => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);

/** Files of one shape as one: their text (one header, all rows) and what it says. */
export function joinPredictions(texts: readonly string[], classes: readonly string[]): Predicted & { text: string } {
  const header = texts[0]!.slice(0, texts[0]!.indexOf("\n"));
  const rows = texts.flatMap((text) => text.trimEnd().split("\n").slice(1));
  const names = header.split(",");
  const column = (name: string): number[] | null => {
    // Counted from the end, since an id may hold a comma.
    const fromEnd = names.indexOf(name) - names.length;
    return fromEnd < -names.length ? null : rows.map((row) => classes.indexOf(row.split(",").at(fromEnd)!));
  };
  return {
    text: `${[header, ...rows].join("\n")}\n`,
    truth: column("truth")!,
    predicted: column("predicted")!,
    majority: column("majority"),
    ridge: column("ridge"),
    // The last columns.
    probabilities: Float32Array.from(rows.flatMap((row) => row.split(",").slice(-classes.length).map(Number))),
  };
}

/** Ids and class indices of a file. */
export function parsePredictions(
  text: string,
  classes: readonly string[],
): Pick<Predictions, "ids"> & { truth: readonly number[]; predicted: readonly number[] } {
  const [header, ...rows] = text.trimEnd().split("\n");
  const { truth, predicted } = joinPredictions([text], classes);
  // All columns but the first; an id may hold a comma.
  const others = header!.split(",").length - 1;
  const ids = rows.map((row) => unquoted(row.split(",").slice(0, -others).join(",")));
  return { ids, truth: [...(truth as number[])], predicted: [...(predicted as number[])] };
}

const unquoted = (cell: string): string => (cell.startsWith('"') ? cell.slice(1, -1).replaceAll('""', '"') : cell);

/** Files about the same samples as one: the mean of their probabilities, `[count, classes]`. */
export function meanPredictions(
  texts: readonly string[],
  classes: readonly string[],
): Pick<Predictions, "truth" | "probabilities"> {
  const { truth } = joinPredictions(texts.slice(0, 1), classes);
  const sums = new Float64Array(truth.length * classes.length);
  for (const text of texts) {
    for (const [row, line] of text.trimEnd().split("\n").slice(1).entries()) {
      for (const [label, value] of line.split(",").slice(-classes.length).entries())
        sums[row * classes.length + label]! += Number(value);
    }
  }
  return { truth, probabilities: Float32Array.from(sums, (sum) => sum / texts.length) };
}
