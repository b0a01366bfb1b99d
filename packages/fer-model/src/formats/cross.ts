/**
 * Every model on every set, by one protocol: runs, files of other people's models, packages that hold one, and peers. A
 * model is asked as `fer predict` asks it: see `openModel` for what is one view, and what the mean of several.
 */
import { artifactAt, OptionsError } from "@fer/core";
import type { Metrics } from "@fer/core/run";
import type { AssembledSet, Part } from "@fer/core/set";
import type { EngineName } from "../engine/engine.js";
import { keptEvaluation } from "../predict/kept-evaluation.js";
import { openRun, type Run } from "../predict/run.js";
import { evaluateModel, type MeasuredModel } from "./evaluate-model.js";
import { isModel, openModel } from "./load-model.js";
import { type PeerModel, peerPredictor } from "./peer-model.js";

/** One model on one set. */
export interface Crossed {
  /** As it was named. */
  model: string;
  /** Name of the set. */
  set: string;
  part: Part;
  /** What the model was trained on, in words, where its file says so; of a run `metrics.seen` tells it image by image. */
  trainedOn: string | null;
  /** `null` where the model cannot be asked about the set. */
  metrics: Metrics | null;
  /** Why it cannot. */
  problem: string | null;
}

export interface CrossOptions {
  /** Part of each set; default: test, of a set of folds all of it. */
  part?: Part | undefined;
  /** Default: as `loadModel` chooses. */
  engine?: EngineName | "auto" | undefined;
  signal?: AbortSignal | undefined;
  /** Told what was done to images and classes. */
  onNote?: ((text: string) => void) | undefined;
}

/**
 * Measures models on sets. What a run was measured on before is not read again. A model that cannot be asked about a set,
 * whose classes or images are others, has its reason in place of scores.
 *
 * @param models Run folders, files of models or folders that `fer export` wrote, names of packages; or models behind any
 *   program, which are disposed of.
 * @throws OptionsError and FormatError where a model cannot be opened, or a set lacks the part.
 * @example
 * ```ts
 * import { openSet } from "@fer/core/set";
 * import { cross } from "@fer/model";
 *
 * const sets = [await openSet("features/mix"), await openSet("features/other")];
 * for (const { model, set, metrics, problem } of await cross(["runs/first"], { sets }))
 *   console.log(model, set, metrics?.accuracy ?? problem); // such as runs/first mix 0.73
 * ```
 */
export async function cross(
  models: readonly (string | PeerModel)[],
  { sets, ...options }: CrossOptions & { sets: readonly AssembledSet[] },
): Promise<Crossed[]> {
  const rows: Crossed[] = [];
  for (const model of models) {
    const { trainedOn, forSet, dispose } = typeof model === "string" ? await open(model, options) : ofPeer(model);
    const name = typeof model === "string" ? model : model.name;
    try {
      for (const set of sets) {
        const part = options.part ?? (set.folds > 0 ? "all" : "test");
        set.part(part);
        const cell = await measured(forSet(set), { ...options, set, part });
        rows.push({ model: name, set: set.name, part, trainedOn, ...cell });
      }
    } finally {
      await dispose();
    }
  }
  return rows;
}

/** A model that is open. */
interface Opened {
  trainedOn: string | null;
  /** What is measured on a set. */
  forSet(set: AssembledSet): Run | MeasuredModel;
  dispose(): void | Promise<void>;
}

const ofPeer = (peer: PeerModel): Opened => ({
  trainedOn: peer.trainedOn ?? null,
  forSet: ({ info: { image } }) => ({ predictor: peerPredictor(peer, image), index: null }),
  dispose: async () => peer.dispose?.(),
});

async function open(model: string, { engine, onNote }: CrossOptions): Promise<Opened> {
  const kind = await artifactAt(model).then(
    (artifact) => artifact.kind,
    () => null,
  );
  if (kind === "run") {
    const run = await openRun(model);
    return { trainedOn: null, forSet: () => run, dispose: () => undefined };
  }
  if (kind !== null) {
    throw new OptionsError({
      code: "NO_MODEL",
      subject: model,
      found: kind === "seeds" ? "runs of several seeds" : `a ${kind}`,
      expected: "a run, the file of a model, or a package",
      ...(kind === "seeds" ? { fix: `Name its runs, such as ${model}/seed-1` } : {}),
    });
  }
  // What is nothing at all, a run says best.
  if (!(await isModel(model))) await openRun(model);
  const { predictor, format, trainedOn, index } = await openModel(model, { engine });
  onNote?.(`${model}: ${format}${trainedOn === null ? "" : `, trained on ${trainedOn}`}`);
  return { trainedOn, forSet: () => ({ predictor, index }), dispose: () => predictor.dispose() };
}

type Cell = Pick<Crossed, "metrics" | "problem">;

async function measured(
  model: Run | MeasuredModel,
  { set, part, engine, signal, onNote }: CrossOptions & { set: AssembledSet; part: Part },
): Promise<Cell> {
  try {
    return { metrics: await metricsOn(model, { set, part, engine, signal, onNote }), problem: null };
  } catch (error) {
    const isRefused =
      error instanceof OptionsError && (error.code === "DIFFERENT_CLASSES" || error.code === "DIFFERENT_IMAGES");
    if (!isRefused) throw error;
    return { metrics: null, problem: error.message };
  }
}

async function metricsOn(
  model: Run | MeasuredModel,
  { set, part, engine, signal, onNote }: CrossOptions & { set: AssembledSet; part: Part },
): Promise<Metrics> {
  const stop = signal === undefined ? {} : { signal };
  if ("index" in model) return (await evaluateModel(model, { set, part, onNote, ...stop })).metrics;
  const isOwn = part === "test" && model.metrics?.set.fingerprint === set.info.fingerprint;
  if (isOwn && model.metrics !== null) return model.metrics;
  const kept = await keptEvaluation(model.folder, { set, part });
  return kept ?? model.evaluate(set, { part, engine, ...(onNote === undefined ? {} : { onNote }), ...stop });
}
