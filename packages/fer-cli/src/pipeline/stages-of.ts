/** The stages of a config file. All of it is checked before the first stage starts. */
import { type DatasetAdapter, type ExtractOptions, unknownName } from "@fer/dataset-extractors";
import { OptionsError } from "@fer/core";
import type { FitContext, TrainerOptions } from "@fer/model";
import type { AssemblerOptions } from "@fer/split-assembler";
import type { Part } from "@fer/core/set";
import { knownAdapters } from "../config/own-adapters.js";
import type { LoadedConfig } from "../config/load-config.js";
import { parsedSections } from "../config/sections.js";
import { assembleStage } from "./stages/assemble-stage.js";
import { evaluateStage } from "./stages/evaluate-stage.js";
import { extractStage } from "./stages/extract-stage.js";
import { reportStage } from "./stages/report-stage.js";
import { trainStage } from "./stages/train-stage.js";
import type { Stage } from "./stage.js";

/** Stages in the order in which they run. */
export async function stagesOf(config: LoadedConfig): Promise<Stage[]> {
  const extracts = await parsedSections<ExtractOptions, { adapter?: DatasetAdapter }>(config, "extract");
  const [assembled] = await parsedSections<AssemblerOptions & { folders: string[] }>(config, "assemble");
  const [trained] = await parsedSections<TrainerOptions & { to: string; set: string }, FitContext>(config, "train");
  const evaluated = await parsedSections<{ run: string; on?: string; part: Part }>(config, "evaluate");
  const extracted = extracts.map(({ options, values }) => {
    const known = knownAdapters(config);
    const adapter = values.adapter ?? known[options.adapter!];
    if (adapter === undefined) throw unknownName("adapter", options.adapter!, Object.keys(known));
    return extractStage(options, values.adapter);
  });
  const stages = [...extracted];

  if (assembled !== undefined) {
    const { folders, ...options } = assembled.options;
    const after = extracted.map((stage) => stage.name);
    stages.push(assembleStage(options, folders, after));
  }
  if (trained !== undefined) {
    const { set, ...options } = trained.options;
    // The report is a stage of its own: it also shows the evaluations.
    stages.push(trainStage({ ...options, report: false }, set, trained.values));
    const evaluations = evaluated.map(({ options: { on = set, part } }) => evaluateStage(options.to, { on, part }));
    stages.push(...evaluations);
    const names = evaluations.map((stage) => stage.name);
    if (options.report) stages.push(reportStage(options.to, names));
  }
  const names = stages.map((stage) => stage.name);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) throw twoStages(config, twice);
  if (stages.length === 0) throw noStages(config);
  return stages;
}

function noStages(config: LoadedConfig): OptionsError {
  return new OptionsError({
    code: "BAD_CONFIG",
    subject: config.file,
    found: "it has no stage: there is nothing to do",
    fix: "Add extract, assemble or train; fer init writes an example",
  });
}

function twoStages(config: LoadedConfig, name: string): OptionsError {
  return new OptionsError({
    code: "BAD_CONFIG",
    subject: config.file,
    found: `two stages are called "${name}"`,
    expected: "folders or sets of different names",
    fix: "Rename one of them",
  });
}
