/** Runs stages one after another and skips those that are finished already. */
import type { CommandContext } from "../command.js";
import { type Stage, type StageOutcome, fingerprintOf } from "./stage.js";
import { readStamp, writeStamp } from "./stamp.js";

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
  /** Make everything again. */
  force: boolean;
  hooks: CommandContext["hooks"];
  /** Called when a stage starts, and when it is skipped. */
  note(text: string): void;
}

/**
 * Runs the stages in order. A stage is skipped when its stamp says that it finished with these very inputs and its
 * artifact is still what it wrote; an artifact that the pipeline made from other inputs is replaced, any other one is
 * left to the library, which refuses to overwrite it. Interrupted at any moment, the same call goes on in the stage
 * it was in.
 */
export async function runStages(stages: readonly Stage[], options: RunStagesOptions): Promise<StageReport[]> {
  const outputs = new Map<string, string>();
  const reports: StageReport[] = [];
  for (const stage of stages) {
    options.hooks.signal.throwIfAborted();
    const report = await runStage(stage, fingerprintOf(await stage.inputs(outputs)), options);
    outputs.set(stage.name, report.output);
    reports.push(report);
  }
  return reports;
}

async function runStage(stage: Stage, inputs: string, options: RunStagesOptions): Promise<StageReport> {
  const { state, force, hooks, note } = options;
  const stamp = readStamp(state, stage.name);
  const ours = stamp !== undefined && (await stage.fingerprint()) === stamp.output;
  const existing = ours && stamp.inputs === inputs && !force ? await stage.existing() : undefined;
  const report = (outcome: StageOutcome, skipped: boolean): StageReport => ({
    ...outcome,
    stage: stage.name,
    to: stage.to,
    skipped,
  });
  if (existing !== undefined && stage.checksItself !== true) {
    note(`${stage.name}: finished already, ${stage.to} is kept`);
    return report(existing, true);
  }
  if (ours && existing === undefined) {
    const why = force ? "--force" : "options, data or version changed";
    note(`${stage.name}: ${why}, ${stage.to} is made again`);
    stage.discard();
  }
  const outcome = await stage.run(hooks, note);
  writeStamp(state, { stage: stage.name, inputs, output: outcome.output });
  note(`${stage.name}: ${outcome.reused ? "finished already, kept" : "wrote"} ${stage.to}`);
  return report(outcome, outcome.reused === true);
}
