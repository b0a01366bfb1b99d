/**
 * Fine-tuning: a training that starts from the network of a run or of a file of layers, with its last layer fitted to the
 * classes of the set and, if asked for, some layers frozen.
 *
 * The columns of the last layer belong to classes. Those of a run are known by name, so each goes to the class of its
 * name, wherever that stands now; classes that the run did not have get new columns. The classes of a file are
 * known where `<file>.fer.json` or the table of known files tells them; else its last layer is replaced.
 */
import { stat } from "node:fs/promises";
import { join } from "node:path";
import { nearest, OptionsError, byCodeUnit } from "@fer/core";
import { readTrainingIndex, RUN_FILES, RunFolder, type RunStart, type TrainingIndex } from "@fer/core/run";
import type { LayersModel } from "@tensorflow/tfjs";
import { loadLayersFile } from "../formats/open-model-file.js";
import { openRun } from "../predict/run.js";
import { fitHead } from "./fit-head.js";
import type { FitTask } from "./task.js";

type Call = Pick<FitTask, "options" | "set" | "given">;

/**
 * Runs `use` with the start of a training: new weights, or the network that the option `from` names in the place of
 * `given.model`.
 *
 * @throws OptionsError where that network does not fit the set, has no last layer that could be fitted, or lacks a layer
 * that is to be frozen; FormatError where a file is not as it was written.
 */
export async function withStart<T>(
  { options, set, given }: Call,
  use: (start: Pick<FitTask, "given" | "start">) => Promise<T>,
): Promise<T> {
  checkStart({ options, given });
  if (options.from === null) return use({ given, start: null });
  const source = await sourceOf(options.from, { options, set });
  const { classes } = set.info;
  const { model, head } = await fitHead(source.network, { from: source.classes, classes, seed: options.seed });
  try {
    for (const layer of model.layers) layer.trainable = true;
    const info = { ...source.start, ...head, frozen: freeze(model, options.freeze) };
    given.onProgress?.({
      stage: "train",
      unit: "images",
      done: 0,
      total: null,
      message: described(options.from, info),
    });
    return await use({ given: { ...given, model }, start: { info, seen: source.seen } });
  } finally {
    model.dispose();
  }
}

/** One line: whose network it is, and what was done to it. */
function described(from: string, { architecture, kept, added, dropped, frozen }: RunStart): string {
  const list = (what: string, names: readonly string[]): string[] =>
    names.length === 0 ? [] : [`${what} ${names.join(", ")}`];
  const isNew = kept.length === 0;
  return [
    `starts from ${from} (${architecture})`,
    ...(isNew ? ["its last layer is replaced"] : list("new outputs for", added)),
    ...list("without those for", dropped),
    ...(frozen.length === 0 ? [] : [`${frozen.length} layers frozen`]),
  ].join("; ");
}

function checkStart({ options, given }: Pick<Call, "options" | "given">): void {
  const { from, freeze: frozen } = options;
  if (from !== null && given.model !== undefined) {
    throw new OptionsError({
      code: "TWO_STARTS",
      subject: "from",
      found: `${from}, and a model passed by value`,
      expected: "one of them",
      fix: "Leave one out",
    });
  }
  if (from === null && frozen.length > 0) {
    throw new OptionsError({
      code: "NOTHING_TO_FREEZE",
      subject: "freeze",
      found: `${frozen.join(", ")}, and no network to start from`,
      expected: "the option from beside it: new weights have to be trained",
      fix: "Name a run or a Keras file, or leave freeze out",
    });
  }
}

/** A network, and what is known of it. */
interface Source {
  network: LayersModel;
  /** `null` where they are not known. */
  classes: readonly string[] | null;
  start: Pick<RunStart, "architecture" | "net">;
  seen: TrainingIndex | null;
}

async function sourceOf(from: string, call: Pick<Call, "options" | "set">): Promise<Source> {
  const isRun = (await stat(join(from, RUN_FILES.config)).catch(() => null)) !== null;
  if (isRun) return sourceRun(from, call);
  return { ...(await loadLayersFile(from)), start: { architecture: "custom" }, seen: null };
}

/** @throws OptionsError where the run was trained on images that were prepared in another way. */
async function sourceRun(from: string, { options, set }: Pick<Call, "options" | "set">): Promise<Source> {
  const { crop, standardize } = options;
  const { info } = set;
  const run = await openRun(from);
  const seen = await readTrainingIndex(await RunFolder.open(from));
  const network = await run.network();
  const model = run.model!;
  const { size, channels } = info.image;
  const found = {
    size: model.size,
    channels: model.channels,
    crop: model.crop ?? null,
    standardize: model.standardize,
  };
  const wanted = { size, channels, crop, standardize };
  const differing = (Object.keys(wanted) as (keyof typeof wanted)[]).filter((key) => found[key] !== wanted[key]);
  if (differing.length > 0) {
    network.dispose();
    throw new OptionsError({
      code: "START_DOES_NOT_FIT",
      subject: `run ${from}`,
      found: differing.map((key) => `${key} ${found[key]} there, ${wanted[key]} here`).join(", "),
      expected: "images prepared as those that the run was trained on",
      fix: "Set the options crop and standardize as there, and assemble the set in the size and colour of the run",
    });
  }
  return {
    network,
    classes: model.classes,
    start: { architecture: model.architecture, ...(model.net === undefined ? {} : { net: model.net }) },
    seen,
  };
}

/** Freezes what the patterns name; returns the names of all frozen layers that have weights, in their order. */
function freeze(model: LayersModel, patterns: readonly string[]): string[] {
  const weighty = model.layers.filter((layer) => layer.weights.length > 0);
  const names = weighty.map(({ name }) => name);
  const frozen = new Set<string>();
  for (const pattern of patterns) {
    const found = pattern === "body" ? names.slice(0, -1) : names.filter((name) => matches(pattern, name));
    if (found.length === 0) throw noSuchLayer(pattern, names);
    for (const name of found) frozen.add(name);
  }
  if (frozen.size === names.length) {
    throw new OptionsError({
      code: "ALL_FROZEN",
      subject: "freeze",
      found: "every layer that has weights",
      expected: "at least one that is trained",
      fix: 'Leave some out; "body" is all of them but the last',
    });
  }
  for (const layer of weighty) if (frozen.has(layer.name)) layer.trainable = false;
  return names.filter((name) => frozen.has(name));
}

const matches = (pattern: string, name: string): boolean =>
  pattern.endsWith("*") ? name.startsWith(pattern.slice(0, -1)) : name === pattern;

function noSuchLayer(pattern: string, names: readonly string[]): OptionsError {
  const near = nearest(pattern, names);
  return new OptionsError({
    code: "NO_SUCH_LAYER",
    subject: "freeze",
    found: `the network has no layer ${pattern}`,
    expected: `one of ${[...names].sort(byCodeUnit).join(", ")}; the beginning of names and *; or body, all but the last`,
    ...(near.length === 0 ? {} : { fix: `Did you mean ${near.join(" or ")}?` }),
  });
}
