/** The review of labels: those that look wrong, and what a person says of them. */
import { HttpProblem } from "@fer/core/http";
import { findMislabelled, MISLABELLED_ODDS, type Mislabelled } from "@fer/model";
import { basename, join, relative } from "node:path";
import { z } from "zod";
import type { Catalog } from "../artifacts/catalog.js";
import { refuseLinkOut } from "../artifacts/inside.js";
import type { ReviewAnswer, Verdict } from "../protocol.js";
import { sampleOf } from "../runs/samples.js";
import type { Tested, TestedRuns } from "../runs/tested-runs.js";
import { VerdictTable } from "./verdict-table.js";

export const ReviewQuery = z.object({
  path: z.string().min(1),
  odds: z.coerce.number().min(1).max(1e6).default(MISLABELLED_ODDS),
});

/** Body of `api/verdict`. */
export const VerdictBody = z.strictObject({
  path: z.string().min(1),
  /** Row of the predictions. */
  at: z.number().int().min(0),
  verdict: z.enum(["keep", "exclude"]).nullable(),
  corrected: z.string().nullable().default(null),
});

export interface ReviewParts {
  catalog: Catalog;
  tested: TestedRuns;
  /** Table that was named; beside the folder's artifacts where none was. */
  verdicts: string | undefined;
}

/** Finds labels that look wrong in what a run was tested on, and keeps the tables. */
export class Review {
  readonly #parts: ReviewParts;
  readonly #tables = new Map<string, VerdictTable>();

  constructor(parts: ReviewParts) {
    this.#parts = parts;
  }

  /** @throws HttpProblem 404 where the run was not tested, or its set is not there */
  async list({ path, odds }: z.output<typeof ReviewQuery>): Promise<ReviewAnswer> {
    const tested = await this.#tested(path);
    const table = await this.#table(tested.set);
    const said = await table.read();
    const { classes, truth, probabilities } = tested;
    const found = findMislabelled({ labels: truth, probabilities, classes: classes.length }, { odds });
    return {
      set: tested.set,
      table: relative(this.#parts.catalog.root, table.path),
      classes: [...classes],
      items: found.map(({ sample: at, suggested, margin }) => {
        const sample = sampleOf(tested, at);
        const source = sample.source!;
        return Object.assign(sample, {
          source,
          suggested: classes[suggested]!,
          margin,
          said: said.get(source) ?? null,
        });
      }),
    };
  }

  /** @throws HttpProblem 404 where there is no such image, 400 for a class that there is none of */
  async say({ path, at, verdict, corrected }: z.output<typeof VerdictBody>): Promise<{ said: Verdict | null }> {
    const tested = await this.#tested(path);
    const { classes, truth, probabilities, places } = tested;
    const place = places[at];
    if (place === undefined) throw new HttpProblem(404, { code: "NOT_FOUND", message: "The run has no such image" });
    if (corrected !== null && !classes.includes(corrected))
      throw new HttpProblem(400, { code: "BAD_CLASS", message: `The classes are ${classes.join(", ")}` });
    const label = truth[at]!;
    const of = (k: number): number => probabilities[at * classes.length + k]!;
    const others = [...classes.keys()].filter((k) => k !== label);
    const suggested = others.reduce((best, k) => (of(k) > of(best) ? k : best));
    const said = verdict === null ? null : { verdict, corrected: verdict === "keep" ? null : corrected };
    const judged: Pick<Mislabelled, "confidence" | "margin"> = {
      confidence: of(label),
      margin: (of(label) - of(suggested) + 1) / 2,
    };
    const names = { sample: place.facts.source, given: classes[label]!, suggested: classes[suggested]! };
    await (await this.#table(tested.set)).say({ ...names, ...judged }, said);
    return { said };
  }

  async #tested(path: string): Promise<Tested & { set: string; places: NonNullable<Tested["places"]> }> {
    const tested = await this.#parts.tested.get(path);
    const { set, places } = tested;
    if (set === null || places === null)
      throw new HttpProblem(404, { code: "NO_SET", message: "The set of the run is not in the folder that is shown" });
    return { ...tested, set, places };
  }

  async #table(set: string): Promise<VerdictTable> {
    const { catalog, verdicts } = this.#parts;
    const path = verdicts ?? join(catalog.root, `${basename(set)}.verdicts.csv`);
    if (verdicts === undefined) await refuseLinkOut(catalog.root, path);
    const table = this.#tables.get(path) ?? new VerdictTable(path);
    this.#tables.set(path, table);
    return table;
  }
}
