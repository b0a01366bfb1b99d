/** What runs said about the images that they were tested on, with what their sets know of these images. */
import { HttpProblem } from "@fer/core/http";
import { foldNumbers, Metrics, RUN_FILES, RunFolder } from "@fer/core/run";
import type { AssembledSet, Part, SampleRow } from "@fer/core/set";
import { parsePredictions } from "@fer/model";
import { stat } from "node:fs/promises";
import { join } from "node:path";
import type { Catalog } from "../artifacts/catalog.js";
import { Kept } from "../kept.js";
import type { OpenSets } from "../sets/open-sets.js";

/** Runs that are kept. */
const MOST = 4;

/** Where an image is. */
interface ImagePlace {
  part: Part;
  row: number;
  /** What its set says of it. */
  facts: SampleRow;
  /** Number of the fold that tests it; `null` in a set of parts. */
  fold: number | null;
}

/** A test: class indices and probabilities by image. */
export interface Tested {
  /** Of the run. */
  folder: string;
  classes: readonly string[];
  part: Metrics["part"];
  ids: readonly string[];
  truth: readonly number[];
  predicted: readonly number[];
  /** `[n, classes]` */
  probabilities: readonly number[];
  /** Path of its set; `null` where that does not lie in the folder that is shown, or is another one by now. */
  set: string | null;
  /** By image; `null` where there is no set to say. */
  places: readonly ImagePlace[] | null;
}

/** Reads tests, and keeps the last ones. */
export class TestedRuns {
  readonly #catalog: Catalog;
  readonly #sets: OpenSets;
  readonly #kept = new Kept<Tested>({ most: MOST });

  constructor(catalog: Catalog, sets: OpenSets) {
    this.#catalog = catalog;
    this.#sets = sets;
  }

  /** @throws HttpProblem 404 where it was not tested; FormatError where it is not as it was written */
  async get(path: string): Promise<Tested> {
    const { folder } = await this.#catalog.run(path);
    const file = folder === null ? null : await stat(join(folder, RUN_FILES.predictions)).catch(() => null);
    if (folder === null || file === null)
      throw new HttpProblem(404, { code: "NOT_TESTED", message: "The run was not tested, or is not finished" });
    return this.#kept.get(path, { stamp: `${file.mtimeMs} ${file.size}`, make: () => this.#read(folder) });
  }

  async #read(folder: string): Promise<Tested> {
    const run = await RunFolder.open(folder);
    const metrics = (await run.json(RUN_FILES.metrics, Metrics))!;
    const bytes = (await run.bytes(RUN_FILES.predictions))!;
    const { classes, part } = metrics;
    const said = parsePredictions(bytes.toString("utf8"), classes);
    const set = await this.#catalog.setOf(run.config.data);
    const folds = part === "folds" ? foldNumbers(run.config) : null;
    const places = set === null ? null : await placesIn(await this.#sets.get(set), { part, folds, ids: said.ids });
    return { folder, classes, part, ...said, set: places === null ? null : set, places };
  }
}

/** Where tested images are in their set; `null` where their ids say that it is another one. */
async function placesIn(
  set: AssembledSet,
  { part, folds, ids }: { part: Metrics["part"]; folds: readonly number[] | null; ids: readonly string[] },
): Promise<ImagePlace[] | null> {
  const name = part === "folds" ? "all" : part;
  if (!set.has(name)) return null;
  const facts: SampleRow[] = [];
  for await (const row of set.part(name).rows()) facts.push(row);
  const rows: { row: number; fold: number | null }[] = [];
  if (folds === null) for (const row of facts.keys()) rows.push({ row, fold: null });
  else for (const fold of folds) for (const row of (await set.fold(fold)).test) rows.push({ row, fold });
  if (rows.length !== ids.length || rows.some(({ row }, at) => facts[row]!.id !== ids[at])) return null;
  return rows.map(({ row, fold }) => ({ part: name, row, fold, facts: facts[row]! }));
}
