/** The stages of a config file. All of it is checked before the first stage starts. */
import { ExtractOptions, adapters, parseAdapterOptions, unknownName } from "@fer/dataset-extractors";
import { OptionsError } from "@fer/core/errors";
import { TrainerOptions } from "@fer/model";
import { AssemblerOptions } from "@fer/split-assembler";
import { z } from "zod";
import { configSection } from "../config/config-section.js";
import type { FerConfig } from "../config/fer-config.js";
import type { LoadedConfig } from "../config/load-config.js";
import { EvaluateSection } from "../config/schema.js";
import type { ConfigSection } from "../define-command.js";
import { flagsFrom } from "../options/flags.js";
import { parseOptions } from "../options/parse-options.js";
import { assembleStage } from "./stages/assemble-stage.js";
import { evaluateStage } from "./stages/evaluate-stage.js";
import { extractStage } from "./stages/extract-stage.js";
import { reportStage } from "./stages/report-stage.js";
import { trainStage } from "./stages/train-stage.js";
import type { Stage } from "./stage.js";

const AssembleSection = AssemblerOptions.extend({ folders: z.array(z.string()).min(1).optional() });
const TrainSection = TrainerOptions.extend({ to: z.string().min(1), set: z.string().optional() });

/** Stages in the order in which they run. */
export function stagesOf(config: LoadedConfig): Stage[] {
  const sections = config.config;
  const extracted = (sections.extract ?? []).map((section, index) => extractOf(config, section, index));
  const assembled = section(config, "assemble", AssembleSection);
  const trained = section(config, "train", TrainSection);
  const stages = [...extracted];

  if (assembled !== undefined) {
    const { folders = extracted.map((stage) => stage.to), ...options } = assembled.options;
    if (folders.length === 0) throw missing(config, "assemble.folders", "no image folder: there is no extract section");
    stages.push(
      assembleStage(
        options,
        folders,
        extracted.map((stage) => stage.name),
      ),
    );
  }
  if (trained !== undefined) {
    const own = assembled === undefined ? undefined : `${assembled.options.to}/${assembled.options.name}`;
    const { set = own, ...options } = trained.options;
    if (set === undefined) throw missing(config, "train.set", "no set: there is no assemble section");
    // The report is a stage of its own: it also shows the evaluations.
    stages.push(trainStage({ ...options, report: false }, set, trained.byValue));
    const evaluations = (sections.evaluate ?? []).map((each, index) => {
      const { options: parsed } = checked(config, configSection(config, `evaluate[${index}]`, each)!, EvaluateSection);
      return evaluateStage(options.to, parsed);
    });
    stages.push(...evaluations);
    const names = evaluations.map((stage) => stage.name);
    if (options.report) stages.push(reportStage(options.to, names));
  }
  const names = stages.map((stage) => stage.name);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) throw twoStages(config, twice);
  if (stages.length === 0) throw missing(config, "extract, assemble, train", "nothing to do: the config has no stage");
  return stages;
}

function extractOf(config: LoadedConfig, each: NonNullable<FerConfig["extract"]>[number], index: number): Stage {
  const { options, byValue } = checked(config, configSection(config, `extract[${index}]`, each)!, ExtractOptions);
  const own = byValue["adapter"] as (typeof adapters)[string] | undefined;
  const adapter = own ?? adapters[options.adapter ?? ""];
  if (adapter === undefined) throw unknownName("adapter", options.adapter ?? "", Object.keys(adapters));
  parseAdapterOptions(adapter.name, adapter.options, options.options);
  return extractStage(options, own);
}

function section<S extends z.ZodObject>(config: LoadedConfig, name: string, schema: S) {
  const found = configSection(config, name);
  return found === undefined ? undefined : checked(config, found, schema);
}

function checked<S extends z.ZodObject>(config: LoadedConfig, found: ConfigSection, schema: S) {
  const flags = flagsFrom(schema, { options: null });
  const baseName = `${config.file}: ${found.name}`;
  const options = parseOptions(schema, { flags, given: new Map(), base: found.options, baseName });
  return { options, byValue: found.byValue };
}

function missing(config: LoadedConfig, key: string, found: string): OptionsError {
  return new OptionsError({
    code: "BAD_CONFIG",
    subject: config.file,
    found,
    fix: `Add ${key}; fer init writes an example`,
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
