/**
 * `fer pipeline`: the commands that a config file has sections for, one after another. Artifacts alone remember what is
 * finished: each command keeps its own where nothing changed, goes on with it where it was interrupted, and refuses it,
 * with the difference, where its options or data are others.
 */
import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { OptionsError } from "@fer/core";
import { type Metrics, RUN_FILES } from "@fer/core/run";
import { z } from "zod";
import { type Command, type CommandResult, defineCommand } from "../command.js";
import type { LoadedConfig } from "../config/load-config.js";
import { parsedSections } from "../config/sections.js";
import { COMMANDS, type CommandEntry, SECTIONS, type SectionName } from "./index.js";

export const PipelineOptions = z.strictObject({
  overwrite: z.boolean().default(false).describe("Replace what was made with other options or of other data"),
});

export default defineCommand({
  options: PipelineOptions,
  details:
    "extract -> assemble -> train -> evaluate -> report, as fer.config.ts or fer.config.json says. What is finished is kept, what was interrupted goes on; what was made with other options is refused, with the difference.",
  examples: ["fer pipeline", "fer pipeline --config experiments/large.config.ts"],
  kept: () => "Finished stages were kept: the same command goes on in the one that was interrupted.",
  async run({ overwrite }, context) {
    const { config, output, signal } = context;
    if (config === undefined) throw noConfig();
    const reports: StageReport[] = [];
    const run = async ({ name, section, command, options, values, given }: Stage): Promise<void> => {
      signal.throwIfAborted();
      const replacing = "overwrite" in command.options.shape ? { overwrite: overwrite || options["overwrite"] } : {};
      const result = await command.run(
        { ...options, ...replacing },
        {
          ...context,
          values,
          given: { ...given, ...replacing },
        },
      );
      reports.push({ name, section, result });
      output.note(`${name}: ${result.isKept === true ? "kept" : "done"}`);
    };
    for (const stage of await stagesOf(config)) await run(stage);
    for (const stage of await reportStages(reports)) await run(stage);
    return summaryOf(reports);
  },
});

/** A command, and what the config file says to it. */
interface Stage {
  /** Unique within the pipeline: `extract data/ckplus`. */
  name: string;
  section: SectionName | "report";
  command: Command;
  options: Record<string, unknown>;
  values: Readonly<Record<string, unknown>>;
  /** The options before their defaults. */
  given: Readonly<Record<string, unknown>>;
}

interface StageReport extends Pick<Stage, "name" | "section"> {
  result: CommandResult;
}

/** The stages of a config file; all of it is checked before the first one starts. */
async function stagesOf(config: LoadedConfig): Promise<Stage[]> {
  const stages: Stage[] = [];
  for (const section of SECTIONS) {
    const { load }: CommandEntry = COMMANDS[section];
    const { default: command } = await load();
    for (const said of await parsedSections<Stage["options"], Stage["values"]>(config, section))
      stages.push({ name: `${section} ${command.target?.(said.options)}`, section, command, ...said });
  }
  const names = stages.map(({ name }) => name);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) {
    throw new OptionsError({
      code: "BAD_CONFIG",
      subject: config.file,
      found: `two sections write the same: ${twice}`,
      expected: "folders or sets of different names",
      fix: "Rename one of them",
    });
  }
  if (stages.length > 0) return stages;
  throw new OptionsError({
    code: "BAD_CONFIG",
    subject: config.file,
    found: "it has no section that a stage comes from: there is nothing to do",
    expected: `at least one of ${SECTIONS.join(", ")}`,
    fix: "Add one; fer init writes an example",
  });
}

/** Training draws the report of its run; it is drawn again where an evaluation is younger than it. */
async function reportStages(reports: readonly StageReport[]): Promise<Stage[]> {
  const { default: command } = await COMMANDS.report.load();
  const runs = reports
    .filter(({ section }) => section === "train")
    .flatMap(({ result }) => trained(result).runs ?? [trained(result).run]);
  const stages = [];
  for (const run of runs) {
    const drawn = await timeOf(join(run, RUN_FILES.report));
    const files = await readdir(join(run, RUN_FILES.evaluations)).catch(() => []);
    const times = await Promise.all(files.map((file) => timeOf(join(run, RUN_FILES.evaluations, file))));
    if (drawn !== null && times.some((time) => time !== null && time > drawn))
      stages.push({
        name: `report ${run}`,
        section: "report" as const,
        command,
        options: { run },
        values: {},
        given: { run },
      });
  }
  return stages;
}

const timeOf = (file: string): Promise<number | null> =>
  stat(file).then(
    ({ mtimeMs }) => mtimeMs,
    () => null,
  );

/** What `fer train` says; `runs`: of several seeds. */
const trained = ({ json }: CommandResult) =>
  json as { run: string; runs?: readonly string[]; metrics: Metrics | null; report: string | null };

/** The outcome of training and evaluations; for machines every stage. */
function summaryOf(reports: readonly StageReport[]): CommandResult {
  const last = reports.findLast(({ section }) => section === "train");
  const shown = reports.filter(({ section }) => section === "train" || section === "evaluate");
  const { run = null, metrics = null, report = null } = last === undefined ? {} : trained(last.result);
  const texts = (shown.length > 0 ? shown : reports.slice(-1)).map(({ result }) => result.text);
  return {
    text: [...texts, ...(report === null ? [] : [`report: ${report}`])].join("\n\n"),
    json: {
      stages: reports.map(({ name, result }) => ({
        stage: name,
        status: result.isKept === true ? "kept" : "done",
        result: result.json,
      })),
      run,
      metrics,
      report,
    },
  };
}

const noConfig = (): OptionsError =>
  new OptionsError({
    code: "NO_CONFIG",
    subject: "fer pipeline",
    found: "there is no fer.config.ts or fer.config.json in this folder",
    fix: "Run fer init to write one, or name one with --config",
  });
