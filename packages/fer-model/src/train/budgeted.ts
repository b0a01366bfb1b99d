/** Gives a training with a budget its number of steps: the one that was written down, or one that is measured now. */
import { join } from "node:path";
import { readFile } from "node:fs/promises";
import { formatCount, FormatError, OptionsError } from "@fer/core";
import { RunBudget, writeJson } from "@fer/core/run";
import { processorName } from "../engine/processor.js";
import { budgetSeconds, type Costs, secondsOf, stepsWithin } from "./budget.js";
import { checkSamples } from "./check-task.js";
import { updateSize } from "./options.js";
import { lengthOf, plannedOptions } from "./planned-options.js";
import { refuseSizes, wholeEdge } from "./sized-step.js";
import { stageOf } from "./stage.js";
import type { TrainTask } from "./task.js";
import { timeSteps } from "./time-steps.js";

const FILE = "budget.json";

/** Share of a budget that timing may take. */
const TIMING = 0.1;

export interface BudgetPlace {
  /** Where the number is kept until the run is complete. */
  scratch: string;
  /** Trainings that share the budget: folds. */
  trainings: number;
}

/**
 * The task with as many steps as its budget comes to; as it is where it has none.
 *
 * @throws OptionsError `BUDGET_TOO_SHORT` where that is less than an epoch; FormatError where what was written down cannot
 *   be read.
 */
export async function budgeted(task: TrainTask, place: BudgetPlace): Promise<TrainTask> {
  const { options, samples, drawn, given } = task;
  if (options.budget === null) return task;
  const budget = (await writtenBudget(place.scratch)) ?? task.budget ?? (await measuredBudget(task, place));
  await writeJson(join(place.scratch, FILE), budget);
  const planned = plannedOptions({ ...options, steps: budget.steps }, drawn.count);
  checkSamples(samples, planned);
  const { stepsPerEpoch } = lengthOf(planned, drawn.count);
  const message = `${budget.budget} are ${formatCount(budget.steps)} steps (${formatCount(budget.steps / stepsPerEpoch, 1)} epochs), measured on ${budget.processor}`;
  given.onProgress?.({ ...stageOf(task), done: 0, total: null, message });
  return { ...task, options: planned, budget };
}

/** What an earlier call measured. */
async function writtenBudget(scratch: string): Promise<RunBudget | null> {
  const path = join(scratch, FILE);
  const text = await readFile(path, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return null;
    throw error;
  });
  if (text === null) return null;
  try {
    return RunBudget.parse(JSON.parse(text));
  } catch (cause) {
    throw new FormatError({
      code: "DAMAGED",
      subject: path,
      found: "it cannot be read",
      expected: "the number of steps that the training was begun with",
      fix: "Remove the folder that it lies in to begin again",
      cause,
    });
  }
}

async function measuredBudget(task: TrainTask, { trainings }: BudgetPlace): Promise<RunBudget> {
  const { options, drawn, engine, precision, given, begun } = task;
  const budget = options.budget!;
  const seconds = budgetSeconds(budget);
  await refuseSizes(task);
  const { costs, timed } = await timeSteps(task, {
    most: (seconds * TIMING) / trainings,
    onStep: (done, total) => given.onProgress?.({ stage: "time steps", unit: "steps", done, total }),
  });
  const gone = (performance.now() - begun) / 1000;
  const left = (seconds - gone) / trainings;
  const { stepsPerEpoch } = lengthOf(options, drawn.count);
  const training = { ...costs, whole: wholeEdge(task), stepsPerEpoch, growth: options };
  const steps = stepsWithin(left, training);
  if (steps < stepsPerEpoch) {
    const needed = gone + trainings * secondsOf(stepsPerEpoch, training);
    throw tooShort({ budget, steps, stepsPerEpoch, costs, needed, size: updateSize(options) });
  }
  const { name, device, gpu } = engine.status;
  return {
    budget,
    steps,
    secondsPerStep: Object.fromEntries([...costs.step].map(([edge, each]) => [edge, Number(each.toPrecision(4))])),
    timedSteps: timed,
    processor: gpu === true ? String(device) : processorName(),
    engine: name,
    precision,
  };
}

interface TooShort {
  budget: string;
  steps: number;
  stepsPerEpoch: number;
  costs: Costs;
  /** Seconds. */
  needed: number;
  size: number;
}

function tooShort({ budget, steps, stepsPerEpoch, costs, needed, size }: TooShort): OptionsError {
  const each = [...costs.step.values()].at(-1)!;
  return new OptionsError({
    code: "BUDGET_TOO_SHORT",
    subject: "budget",
    found: `${budget} are ${steps} steps here, at ${Number(each.toPrecision(2))} s for one of ${size} images`,
    expected: `at least an epoch, which has ${stepsPerEpoch}: ${shown(needed)}`,
    fix: "Raise it, or ask for a part of an epoch with steps",
  });
}

/** A budget that is not shorter: `90s`, `12m`. */
const shown = (seconds: number): string => (seconds < 120 ? `${Math.ceil(seconds)}s` : `${Math.ceil(seconds / 60)}m`);
