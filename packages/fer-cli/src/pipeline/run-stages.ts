/** Runs stages one after another and skips those that are finished already. */
import type { CommandContext } from "../define-command.js";
import { type Stage, type StageOutcome, fingerprintOf } from "./stage.js";
import { readStamp, removeStamp, writeStamp } from "./stamp.js";

/** What happened to a stage. */
export interface StageReport extends StageOutcome {
  stage: string;
  to: string;
  /** `true` where the artifact was there already, made from the same inputs. */
  skipped: boolean;
}

/** How stages run. */
export interface RunStagesOptions {
  /** Folder of the stamps. */
  state: string;
  /** Run all stages again. */
  force: boolean;
  hooks: CommandContext["hooks"];
  /** Called when a stage starts, and when it is skipped. */
  note(text: string): void;
}

/**
 * Runs the stages in order. A stage is skipped when its stamp says that it finished with these very inputs and its
 * artifact is still what it wrote. Interrupted at any moment, the same call goes on with the stage it was in.
 */
export async function runStages(stages: readonly Stage[], options: RunStagesOptions): Promise<StageReport[]> {
  const outputs = new Map<string, string>();
  const reports: StageReport[] = [];
  for (const stage of stages) {
    options.hooks.signal.throwIfAborted();
    const inputs = fingerprintOf(await stage.inputs(outputs));
    const finished = options.force ? undefined : await finishedOutcome(stage, inputs, options.state);
    if (finished === undefined) {
      options.note(`${stage.name} -> ${stage.to}`);
      removeStamp(options.state, stage.name);
    } else options.note(`${stage.name}: finished already, ${stage.to} is kept`);
    const outcome = finished ?? (await stage.run(options.hooks));
    if (finished === undefined) writeStamp(options.state, { stage: stage.name, inputs, output: outcome.output });
    outputs.set(stage.name, outcome.output);
    reports.push({ stage: stage.name, to: stage.to, skipped: finished !== undefined, ...outcome });
  }
  return reports;
}

async function finishedOutcome(stage: Stage, inputs: string, state: string): Promise<StageOutcome | undefined> {
  const stamp = readStamp(state, stage.name);
  if (stamp?.inputs !== inputs) return undefined;
  const existing = await stage.existing();
  return existing?.output === stamp.output ? existing : undefined;
}
