/** Epochs of a run as they stand on disk: of the finished one, or of the work on it, and of each fold. */
import { isWorkFolder, unfinishedIn } from "@fer/core/artifact";
import { foldFolder, type HistoryRow, Outcome, parseHistory, RUN_FILES } from "@fer/core/run";
import { existsSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { type Catalog, identityOf, problemOf, type RunPlace, underWay } from "../artifacts/catalog.js";
import type { Curve, LiveRun } from "../protocol.js";

/**
 * A run that was found, as it is now.
 *
 * @throws HttpProblem where it is gone
 */
export async function liveRun(catalog: Catalog, place: RunPlace): Promise<LiveRun> {
  const { path } = place;
  const work = underWay(place);
  const state = work === null ? "finished" : work.isAtWork ? "at-work" : "interrupted";
  const epochs = work === null ? null : epochsOf(identityOf(work).options);
  const home = work?.tree ?? place.folder!;
  try {
    const curves = await curvesIn(home);
    // It was finished, and has moved, since it was found.
    if (work !== null && curves.length === 0 && !existsSync(home))
      return await liveRun(catalog, await catalog.run(path));
    return { path, state, epochs, curves, problem: null };
  } catch (error) {
    return { path, state: "unreadable", epochs, curves: [], problem: problemOf(error, catalog) };
  }
}

/** Curves of a run, or one a fold; none before the first epoch of a training. */
async function curvesIn(home: string): Promise<Curve[]> {
  const own = await rowsIn(home);
  if (own !== null) return [{ fold: null, rows: own, bestEpoch: await bestIn(home) }];
  const entries = await readdir(home).catch(() => [] as string[]);
  const found: Curve[] = [];
  for (const name of entries) {
    const work = isWorkFolder(name) ? await unfinishedIn(join(home, name)) : null;
    const fold = foldNumber(work?.name ?? name);
    if (fold === null) continue;
    const inside = work?.tree ?? join(home, name);
    const rows = await rowsIn(inside);
    if (rows !== null) found.push({ fold, rows, bestEpoch: work === null ? await bestIn(inside) : null });
  }
  return found.sort((a, b) => a.fold! - b.fold!);
}

async function rowsIn(folder: string): Promise<HistoryRow[] | null> {
  const path = join(folder, RUN_FILES.historyLines);
  const text = await readFile(path, "utf8").catch(() => null);
  return text === null ? null : parseHistory(text, basename(path));
}

async function bestIn(folder: string): Promise<number | null> {
  const text = await readFile(join(folder, RUN_FILES.outcome), "utf8").catch(() => null);
  return text === null ? null : Outcome.parse(JSON.parse(text)).bestEpoch;
}

/** 1-based; `null` of another folder. */
function foldNumber(name: string): number | null {
  const number = Number(/^fold-(\d+)$/.exec(name)?.[1]);
  return Number.isInteger(number) && foldFolder(number) === name ? number : null;
}

const epochsOf = ({ epochs }: Record<string, unknown>): number | null => (typeof epochs === "number" ? epochs : null);
