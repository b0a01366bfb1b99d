/**
 * Trains a run again from its own record, and holds the two against each other: byte by byte where both ran on the same
 * processor, engine and versions, elsewhere by their scores.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, dirname, join, resolve } from "node:path";
import { OptionsError, parseOptions, type TaskHooks } from "@fer/core";
import { type RunConfig, RUN_FILES, RunFolder } from "@fer/core/run";
import { acceptedFingerprint, type AssembledSet } from "@fer/core/set";
import { z } from "zod";
import { type EngineName, ENGINES } from "../engine/engine.js";
import { engines } from "../engine/index.js";
import { openRun, type Run } from "../predict/run.js";
import { fingerprintsOf } from "./by-value.js";
import { TrainerOptions } from "./options.js";
import { readSampleWeights } from "./sample-weights.js";
import { withStart } from "./starting-model.js";
import { openTeacher } from "./teacher.js";
import { FerTrainer } from "./trainer.js";

export const ReproduceOptions = z.strictObject({
  engine: z
    .enum(["recorded", "auto", ...ENGINES])
    .default("recorded")
    .describe("What runs the training step; recorded: that of the run, or where it cannot run here the fastest"),
  tolerance: z
    .number()
    .gt(0)
    .lt(1)
    .default(0.02)
    .describe("Largest difference of accuracy and macro-F1 where processor, engine or versions are others"),
  from: TrainerOptions.shape.from.describe("Network that the run started from, where it has moved"),
  teacher: TrainerOptions.shape.teacher.describe("Runs that taught it: where they are is not recorded"),
  sampleWeights: TrainerOptions.shape.sampleWeights.describe(
    "File of the weights of its samples: where it is is not recorded",
  ),
  to: z
    .string()
    .min(1)
    .nullable()
    .default(null)
    .describe("Run folder to keep the second run in, which an interrupted training goes on in; left out: none is kept"),
});
export type ReproduceOptions = z.infer<typeof ReproduceOptions>;

/** What came of it. */
export interface Reproduction {
  run: string;
  /** The second run; `null` where it was not kept. */
  again: string | null;
  /** `identical`: the same bytes; `close`: scores within the tolerance, elsewhere; `different`: neither. */
  verdict: "identical" | "close" | "different";
  /** Weights, history and predictions, those of folds too. */
  files: readonly { file: string; isEqual: boolean }[];
  /** What is otherwise here than it was there: bytes may differ. Empty: they must not. */
  otherwise: readonly string[];
  /** Scores of the test part; without one the last figures of the history. */
  scores: readonly { name: string; there: number; here: number }[];
  tolerance: number;
}

/**
 * Trains a run again on its set.
 *
 * @param folder The run: not a fold of one.
 * @throws OptionsError where the set, or a file that the training needs, is not the one of the run, where that is not
 *   named, or where something was passed by value, which no record holds; otherwise as `FerTrainer.fit`.
 * @example
 * ```ts
 * import { reproduceRun } from "@fer/model";
 * import { openSet } from "@fer/core/set";
 *
 * const { verdict } = await reproduceRun("runs/first", { set: await openSet("features/mix") });
 * console.log(verdict); // identical
 * ```
 */
export async function reproduceRun(
  folder: string,
  { set, onProgress, signal, ...asked }: z.input<typeof ReproduceOptions> & TaskHooks & { set: AssembledSet },
): Promise<Reproduction> {
  const options = parseOptions(asked, { schema: ReproduceOptions, subject: "reproduce options" });
  const run = await openRun(folder);
  await refuseOthers(run, { set, to: options.to });
  const recorded = await recordedOptions(run.config, { set, ...options });
  const to = options.to ?? join(await mkdtemp(join(tmpdir(), "fer-again-")), basename(folder));
  try {
    const hooks = { ...(onProgress === undefined ? {} : { onProgress }), ...(signal === undefined ? {} : { signal }) };
    const again = await new FerTrainer({ ...recorded, to }).fit(set, hooks);
    return { run: folder, again: options.to, ...(await heldAgainst(run, { again, tolerance: options.tolerance })) };
  } finally {
    if (options.to === null) await rm(dirname(to), { recursive: true, force: true });
  }
}

async function refuseOthers({ folder, config }: Run, { set, to }: { set: AssembledSet; to: string | null }) {
  const bad = (parts: { found: string; expected: string; fix: string }): OptionsError =>
    new OptionsError({ code: "NOT_REPRODUCIBLE", subject: folder, ...parts });
  if (config.fold !== null) {
    throw bad({
      found: `fold ${config.fold.index} of a run`,
      expected: "a run of its own, or of folds",
      fix: `Pass ${dirname(folder)}`,
    });
  }
  const isByValue = config.given !== undefined && config.given.model !== null && config.start === undefined;
  if (isByValue || (config.given?.augmentations.length ?? 0) > 0) {
    throw bad({
      found: `${isByValue ? "its network was" : "augmentations were"} passed by value`,
      expected: "a run whose record holds all of it",
      fix: "Run the program that trained it",
    });
  }
  if (to !== null && resolve(to) === resolve(folder)) {
    throw bad({
      found: "the second run would go into the same folder",
      expected: "another one",
      fix: "Name it with to",
    });
  }
  const fingerprint = await acceptedFingerprint(set);
  if (fingerprint === config.data.fingerprint) return;
  throw new OptionsError({
    code: "OTHER_SET",
    subject: `set ${set.name}`,
    found: `it is not the one that ${folder} was trained on (fingerprint ${fingerprint.slice(0, 12)})`,
    expected: `${config.data.name}, fingerprint ${config.data.fingerprint.slice(0, 12)}`,
    fix: "Assemble it as it was then, of the same images",
  });
}

type Given = NonNullable<ConstructorParameters<typeof FerTrainer>[0]>;

/** The options of a run as a trainer takes them; a budget is the number of steps that it came to. */
async function recordedOptions(
  config: RunConfig,
  { set, engine: asked, sampleWeights, teacher, from }: ReproduceOptions & { set: AssembledSet },
): Promise<Given> {
  const { options, budget, start, given } = config;
  const { architecture, net, ...rest } = options as Given;
  const engine = asked === "recorded" ? await recordedEngine(config.engine.name) : asked;
  const recorded: Given = {
    ...rest,
    // What it said stands in the other options.
    recipe: "none",
    report: false,
    ...(start === undefined ? { architecture, net } : { from: from ?? rest.from }),
    engine,
    budget: null,
    steps: budget?.steps ?? rest.steps ?? null,
    sampleWeights,
    teacher,
  };
  const weights = sampleWeights === null ? null : `sha256 ${(await readSampleWeights(sampleWeights)).fingerprint}`;
  refuseOther("sampleWeights", { found: weights, recorded: options["sampleWeights"] });
  const taught = teacher === null ? null : (await openTeacher(teacher, set)).fingerprints.map((of) => `sha256 ${of}`);
  refuseOther("teacher", { found: taught?.join(", ") ?? null, recorded: joined(options["teacher"]) });
  if (start !== undefined) {
    const { options: parsed } = new FerTrainer(recorded);
    const found = await withStart({ options: parsed, set, given: {} }, async (begun) =>
      fingerprintsOf(begun.given.model as Parameters<typeof fingerprintsOf>[0], []),
    );
    refuseOther("from", { found: found?.model ?? null, recorded: given?.model });
  }
  return recorded;
}

const joined = (list: unknown): unknown => (Array.isArray(list) ? list.join(", ") : list);

function refuseOther(name: string, { found, recorded = null }: { found: string | null; recorded: unknown }): void {
  if (found === recorded) return;
  throw new OptionsError({
    code: "OTHER_FILE",
    subject: name,
    found: found ?? "nothing is named, and where it was is not recorded",
    expected:
      recorded === null ? "none: the run was trained without" : `what the run was trained with, ${String(recorded)}`,
    fix: recorded === null ? "Leave it out" : `Name it with ${name}`,
  });
}

async function recordedEngine(name: string): Promise<EngineName | "auto"> {
  const known = ENGINES.find((each) => each === name);
  return known !== undefined && (await engines[known].probe()).available ? known : "auto";
}

async function heldAgainst(
  run: Run,
  { again, tolerance }: { again: Run; tolerance: number },
): Promise<Pick<Reproduction, "verdict" | "files" | "otherwise" | "scores" | "tolerance">> {
  const files = await comparedFiles(await RunFolder.open(run.folder), await RunFolder.open(again.folder));
  const otherwise = differencesOfPlace(run.config, again.config);
  const here = scoresOf(again);
  const scores = scoresOf(run).map(({ name, value }, at) => ({ name, there: value, here: here[at]!.value }));
  const isClose = scores.every((score) => Math.abs(score.there - score.here) <= tolerance);
  const isIdentical = files.every(({ isEqual }) => isEqual);
  const verdict = isIdentical ? "identical" : otherwise.length > 0 && isClose ? "close" : "different";
  return { verdict, files, otherwise, scores, tolerance };
}

/** What a training decides: weights, history, predictions. */
const DECIDED = ["best.h5", "last.h5", RUN_FILES.historyLines, RUN_FILES.predictions];

async function comparedFiles(there: RunFolder, here: RunFolder): Promise<{ file: string; isEqual: boolean }[]> {
  const compared: { file: string; isEqual: boolean }[] = [];
  for (const file of DECIDED) {
    const [then, now] = [await there.bytes(file), await here.bytes(file)];
    if (then === null && now === null) continue;
    compared.push({ file, isEqual: then !== null && now !== null && then.equals(now) });
  }
  for (const fold of there.folds) {
    const inFold = await comparedFiles(await there.openFold(fold), await here.openFold(fold));
    compared.push(...inFold.map(({ file, isEqual }) => ({ file: `${fold}/${file}`, isEqual })));
  }
  return compared;
}

/** Whatever may show in the last bits. */
function differencesOfPlace(there: RunConfig, here: RunConfig): string[] {
  const rows: [string, string | null | undefined, string | null | undefined][] = [
    ["engine", there.engine.name, here.engine.name],
    ["version of the engine", there.engine.version, here.engine.version],
    ["device", there.engine.device, here.engine.device],
    ["processor", there.processor, here.processor],
    ["precision", there.precision, here.precision],
    ...[...new Set([...Object.keys(there.versions), ...Object.keys(here.versions)])].map(
      (name): [string, string | undefined, string | undefined] => [name, there.versions[name], here.versions[name]],
    ),
  ];
  const differing = rows.filter(([, then, now]) => then !== now);
  const moved = (there.sessions ?? []).filter(({ from }) => from !== null).length;
  return [
    ...differing.map(([name, then, now]) => `${name} ${then ?? "not recorded"} there, ${now ?? "not known"} here`),
    ...(moved === 0 ? [] : ["it went on after an interruption in another place, or with less than it had"]),
  ];
}

function scoresOf({ metrics, history }: Run): { name: string; value: number }[] {
  if (metrics !== null)
    return [
      { name: "accuracy", value: metrics.accuracy },
      { name: "macro-F1", value: metrics.macroF1 },
    ];
  const last = history.at(-1)!;
  const validation = last.val_accuracy === null ? [] : [{ name: "validation accuracy", value: last.val_accuracy }];
  return [{ name: "training accuracy", value: last.accuracy }, ...validation];
}
