/** The test images of which a run is surest and wrong, for trackers that show pictures. */
import { Metrics, RUN_FILES, RunFolder } from "@fer/core/run";
import type { AssembledSet, Part } from "@fer/core/set";
import { parsePredictions } from "../predict/predictions-file.js";

interface Mistake {
  truth: string;
  predicted: string;
  /** Of what was predicted, [0, 1]. */
  confidence: number;
  /** `[size, size, channels]`, 0..255. */
  pixels: Uint8Array;
}

export interface Mistakes {
  /** The surest first. */
  mistakes: Mistake[];
  size: number;
  channels: number;
}

/**
 * Reads at most `count` of them.
 *
 * @param set The set that the run was trained on.
 */
export async function worstMistakes(
  folder: string,
  { set, count = 24 }: { set: AssembledSet; count?: number },
): Promise<Mistakes> {
  const run = await RunFolder.open(folder);
  const metrics = await run.json(RUN_FILES.metrics, Metrics);
  const bytes = await run.bytes(RUN_FILES.predictions);
  if (metrics === null || bytes === null) return { mistakes: [], size: 0, channels: 1 };
  const { classes } = metrics;
  const { ids, truth, predicted, probabilities } = parsePredictions(bytes.toString("utf8"), classes);
  const sureness = (i: number): number => probabilities[i * classes.length + predicted[i]!]!;
  const wrong = ids
    .map((_, i) => i)
    .filter((i) => truth[i] !== predicted[i])
    .sort((a, b) => sureness(b) - sureness(a) || a - b)
    .slice(0, count);
  const part = set.part(set.folds > 0 ? "all" : (metrics.part as Part));
  const position = await positionsOf(new Set(wrong.map((i) => ids[i]!)), part.rows());
  const found = wrong.filter((i) => position.has(ids[i]!));
  const length = part.rowLength;
  const pixels = await part.read(found.map((i) => position.get(ids[i]!)!));
  const [size, , channels] = part.shape;
  return {
    size,
    channels,
    mistakes: found.map((i, at) => ({
      truth: classes[truth[i]!]!,
      predicted: classes[predicted[i]!]!,
      confidence: sureness(i),
      pixels: pixels.slice(at * length, (at + 1) * length),
    })),
  };
}

async function positionsOf(
  wanted: ReadonlySet<string>,
  rows: AsyncIterable<{ id: string }>,
): Promise<Map<string, number>> {
  const found = new Map<string, number>();
  let position = 0;
  for await (const { id } of rows) {
    if (wanted.has(id)) found.set(id, position);
    position++;
  }
  return found;
}
