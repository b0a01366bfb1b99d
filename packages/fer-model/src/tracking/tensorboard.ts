/**
 * Event files for TensorBoard, in the layout of Keras' callback: `<folder>/<run>/train` and `/validation` hold a point an
 * epoch, `/test` the scores and pictures of the finished run.
 */
import { makeFolder, OptionsError, writeAtomic } from "@fer/core";
import type { HistoryRow } from "@fer/core/run";
import { appendFile, readFile, truncate } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { picturesOf } from "./pictures.js";
import { type Event, eventRecord, readEvent, type Value, versionRecord } from "./event.js";
import { frame, framedRecords } from "./tfrecord.js";
import { flatOptions, runFacts, type TrackedTraining, type Tracker, trackedScores } from "./tracker.js";

/** TensorBoard reads whatever has `tfevents` in its name; one name, so that a resumed training goes on in its file. */
const FILE = "events.out.tfevents.0.fer";

/** Tag of the text that says whose events a file holds. */
const OWNER = "run";

/**
 * Tracks a training in event files.
 *
 * @param folder What `tensorboard --logdir` will be given; the run is a folder in it.
 * @example
 * ```ts
 * import { openSet } from "@fer/core/set";
 * import { FerTrainer, tensorBoard } from "@fer/model";
 *
 * const set = await openSet("features/mix");
 * const trainer = new FerTrainer({ to: "runs/first", epochs: 2, architecture: "tiny" });
 * const tracker = tensorBoard("logs", { to: "runs/first", options: trainer.optionsFor(set).options });
 * const run = await trainer.fit(set, { callbacks: [tracker.callback] });
 * await tracker.finish(run, { set });
 * console.log(tracker.place); // logs/first
 * ```
 */
export function tensorBoard(folder: string, { to, name = basename(to), options }: TrackedTraining): Tracker {
  const place = join(folder, name);
  const about = [["run", resolve(to)] as [string, string], ...flatOptions(options)];
  const file = (part: string): EventFile => new EventFile(join(place, part, FILE), { owner: resolve(to), about });
  const [train, validation] = [file("train"), file("validation")];
  const told = async (row: HistoryRow): Promise<void> => {
    await train.tell({ step: row.epoch, values: trainingValues(row) });
    await validation.tell({ step: row.epoch, values: validationValues(row) });
  };
  return {
    place,
    callback: {
      name: "tensorboard",
      async onTrainBegin({ from }) {
        // Epochs after the last checkpoint are trained again.
        await train.open({ keep: from.epoch - 1 });
        await validation.open({ keep: from.epoch - 1 });
      },
      onEpochEnd: told,
    },
    async finish(run, { set, signal }) {
      for (const each of [train, validation]) await each.open({ keep: run.history.length });
      for (const row of run.history) await told(row);
      const { metrics } = run;
      if (metrics === null) return;
      const pictures = await picturesOf({ folder: run.folder, metrics }, { set, signal });
      await file("test").write({
        step: run.history.length,
        values: [
          ...trackedScores(metrics).map(([tag, scalar]): Value => ({ tag, scalar })),
          ...Object.entries(pictures).map(([tag, { png, width, height }]): Value => ({ tag, png, width, height })),
          { tag: "facts", text: markdown(runFacts(run.config)) },
        ],
      });
    },
  };
}

const trainingValues = ({ loss, accuracy, learning_rate }: HistoryRow): Value[] =>
  points({ epoch_loss: loss, epoch_accuracy: accuracy, epoch_learning_rate: learning_rate });

const validationValues = (row: HistoryRow): Value[] =>
  points({ epoch_loss: row.val_loss, epoch_accuracy: row.val_accuracy, epoch_macro_f1: row.val_macro_f1 });

const points = (values: Record<string, number | null | undefined>): Value[] =>
  Object.entries(values).flatMap(([tag, scalar]) => (scalar == null ? [] : [{ tag, scalar }]));

const markdown = (facts: readonly [string, string][]): string =>
  ["| option | value |", "|---|---|", ...facts.map(([name, value]) => `| ${name} | ${value} |`)].join("\n");

/** Whose events a file holds. */
interface Owner {
  owner: string;
  about: readonly [string, string][];
}

/** One event file: a version, whose it is, and an event a step. */
class EventFile {
  readonly #path: string;
  readonly #owner: Owner;
  /** Steps that it holds; `null` before it was opened. */
  #steps: Set<number> | null = null;

  constructor(path: string, owner: Owner) {
    this.#path = path;
    this.#owner = owner;
  }

  /**
   * Makes the file, or cuts off what comes after step `keep`, and a record that a crash left half-written.
   *
   * @throws OptionsError where it holds events of another run.
   */
  async open({ keep }: { keep: number }): Promise<void> {
    const bytes = await readFile(this.#path).catch((error: NodeJS.ErrnoException) => {
      if (error.code === "ENOENT") return null;
      throw error;
    });
    if (bytes === null) return this.#begin();
    const kept = { steps: new Set<number>(), end: 0, owner: null as string | null };
    for (const { record, end } of framedRecords(bytes)) {
      const { step, texts } = readEvent(record);
      if (step > keep) break;
      kept.owner ??= texts.get(OWNER)?.split("\n")[0] ?? null;
      if (step > 0) kept.steps.add(step);
      kept.end = end;
    }
    if (kept.owner === null && bytes.length === 0) return this.#begin();
    if (kept.owner !== this.#owner.owner) throw this.#foreign(kept.owner);
    if (kept.end < bytes.length) await truncate(this.#path, kept.end);
    this.#steps = kept.steps;
  }

  /** Adds an event, if its step is not there. */
  async tell(event: Event): Promise<void> {
    if (event.values.length === 0 || this.#steps!.has(event.step)) return;
    await appendFile(this.#path, frame(eventRecord(event, now())));
    this.#steps!.add(event.step);
  }

  /** The whole file anew, with one event. */
  async write(event: Event): Promise<void> {
    await writeAtomic(this.#path, Buffer.concat([this.#head(), frame(eventRecord(event, now()))]));
  }

  async #begin(): Promise<void> {
    await makeFolder(dirname(this.#path));
    await writeAtomic(this.#path, this.#head());
    this.#steps = new Set();
  }

  #head(): Buffer {
    const { owner, about } = this.#owner;
    const text = `${owner}\n\n${markdown(about)}`;
    const values: Value[] = [{ tag: OWNER, text }];
    return Buffer.concat([frame(versionRecord(now())), frame(eventRecord({ step: 0, values }, now()))]);
  }

  #foreign(owner: string | null): OptionsError {
    return new OptionsError({
      code: "TRACKED_ALREADY",
      subject: this.#path,
      found: owner === null ? "a file that is not ours" : `events of the run ${owner}`,
      expected: `none, or those of ${this.#owner.owner}`,
      fix: "Name another folder, or delete that one",
    });
  }
}

const now = (): number => Date.now() / 1000;
