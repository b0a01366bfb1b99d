/** Runs one command: loads it, derives its flags, merges flags and config file, prints the result or the failure. */
import { CommanderError } from "commander";
import type { Command } from "./command.js";
import { COMMANDS, type CommandEntry, type CommandName, type SectionName } from "./commands/index.js";
import { findConfig, type LoadedConfig, loadConfig } from "./config/load-config.js";
import { type ConfigSection, configSection, writtenSections } from "./config/sections.js";
import { commandFlags, parseWords, usageOf } from "./options/command-line.js";
import { withFlagNames } from "./options/flag-names.js";
import { mergedOptions, optionsFrom } from "./options/flag-values.js";
import type { Flag } from "./options/flags.js";
import { EXIT, failureOf } from "./output/failure.js";
import { endSoon, interruptSignal, isInterrupt } from "./output/interrupt.js";
import type { Output } from "./output/output.js";

/** A command that was asked for, and the words after its name. */
export interface CommandCall {
  name: CommandName;
  words: readonly string[];
  output: Output;
}

/** Resolves to the exit code. */
export async function runCommand({ name, words, output }: CommandCall): Promise<number> {
  const entry: CommandEntry = COMMANDS[name];
  const { default: command } = await entry.load();
  const signal = interruptSignal(() => output.note("stopping after this step; Ctrl-C again ends at once"));
  const positionals: readonly string[] = command.positionals ?? [];
  let flags: readonly Flag[] = commandFlags(command, command.options);
  let kept: (() => string) | undefined;
  let config: LoadedConfig | undefined;
  try {
    config = await configOf(entry, words);
    const schema = command.optionsFor?.(words, config) ?? command.options;
    flags = commandFlags(command, schema);
    const given = parseWords({ name, entry, command, flags }, words);
    const section =
      config === undefined
        ? undefined
        : await sectionFor({ name, entry, command, config, given: [...given.keys()] }, words);
    if (config !== undefined)
      output.note(section === undefined ? `read ${config.file}` : `options from ${section.name}`);
    const sources = {
      subject: `fer ${name}`,
      flags,
      given,
      positionals,
      base: section?.options,
      baseName: section?.name,
    };
    const options = optionsFrom(schema, sources);
    kept = () => command.kept?.(options) ?? "Nothing was written.";
    const hooks = { signal, onProgress: output.progress };
    const context = { config, values: section?.values ?? {}, given: mergedOptions(sources) };
    const result = await command.run(options, { output, signal, hooks, ...context });
    if (result.isShown !== true) output.result(result);
    return result.exitCode ?? EXIT.ok;
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return EXIT.ok;
    if (isInterrupt(error, signal)) {
      output.error(`interrupted. ${kept?.() ?? ""}`.trim(), {
        error: { name: "Interrupted", code: "INTERRUPTED", message: "interrupted" },
      });
      endSoon(signal);
      return EXIT.interrupted;
    }
    const usage = `Usage: fer ${name} ${usageOf(positionals, flags)}. fer ${name} --help lists the options.`;
    const failure = failureOf(error, { usage, say: (message) => said(message, { flags, config }) });
    output.error(failure.text, failure.json);
    return failure.exitCode;
  }
}

/** Options by the names of their flags; what is said of the config file is in its own words. */
const said = (
  message: string,
  { flags, config }: { flags: readonly Flag[]; config: LoadedConfig | undefined },
): string => (config !== undefined && message.includes(config.file) ? message : withFlagNames(message, flags));

/**
 * The config file of a command that reads one. It is read before the words are understood, since it may hold an adapter,
 * whose options are flags; never for the help, as it is a program that runs.
 */
async function configOf(entry: CommandEntry, words: readonly string[]): Promise<LoadedConfig | undefined> {
  const before = words.slice(0, words.includes("--") ? words.indexOf("--") : undefined);
  if (entry.config === undefined || before.includes("--help") || before.includes("-h")) return undefined;
  const at = before.findLastIndex((word) => /^--(no-)?config(=|$)/.test(word));
  const word = before[at];
  if (word === "--no-config") return undefined;
  const named = word?.startsWith("--config=") ? word.slice("--config=".length) : before[at + 1];
  const file = word === undefined ? (entry.config === "found" ? findConfig(process.cwd()) : undefined) : named;
  return file === undefined ? undefined : loadConfig(file);
}

/** A command, the config file that it reads, and the flags that are given. */
interface SectionCall {
  name: string;
  entry: CommandEntry;
  command: Command;
  config: LoadedConfig;
  given: readonly Flag[];
}

/** The part of the config file that these words mean. */
async function sectionFor(
  { name, entry, command, config, given }: SectionCall,
  words: readonly string[],
): Promise<ConfigSection | undefined> {
  if (entry.section === undefined) return undefined;
  const written = writtenSections(config, name as SectionName);
  const index =
    entry.section === "one"
      ? 0
      : command.entryFor?.(
          written.map(({ entry: options }) => options),
          words,
        );
  const meant = index === undefined ? undefined : written[index];
  if (meant === undefined) return undefined;
  return configSection(meant, { config, command, given: given.map(({ path }) => path[0]!) });
}
