/** Runs one command: loads it, derives its flags, merges flags and config file, prints the result or the failure. */
import { CommanderError } from "commander";
import type { CommandEntry } from "./commands/index.js";
import { type LoadedConfig, loadConfig } from "./config/load-config.js";
import type { ConfigSection } from "./define-command.js";
import { commandLine, parseWords, usageOf } from "./options/command-line.js";
import { flagsFrom } from "./options/flags.js";
import { parseOptions } from "./options/parse-options.js";
import { EXIT, failureOf } from "./output/failure.js";
import { interruptSignal, isInterrupt } from "./output/interrupt.js";
import type { Output } from "./output/output.js";

/** A command that was asked for, and the words after its name. */
export interface CommandCall {
  name: string;
  entry: CommandEntry;
  words: readonly string[];
  output: Output;
}

/** Resolves to the exit code. */
export async function runCommand({ name, entry, words, output }: CommandCall): Promise<number> {
  const { default: command } = await entry.load();
  const signal = interruptSignal(() => output.note("stopping; Ctrl-C again ends at once"));
  const usage = `Usage: fer ${name} ${usageOf(command)}. fer ${name} --help lists the options.`;
  let kept: (() => string) | undefined;
  try {
    const config = await configOf(words);
    const schema = typeof command.options === "function" ? await command.options(words, config) : command.options;
    const flags = flagsFrom(schema, command.rules);
    const parsed = parseWords(
      commandLine(name, entry.summary, command, flags),
      flags,
      command.positionals ?? [],
      words,
    );
    const section = config === undefined ? undefined : command.section?.(config, words);
    const options = parseOptions(schema, {
      flags,
      given: parsed.given,
      positionals: command.positionals ?? [],
      ...(config !== undefined && section !== undefined
        ? { base: section.options, baseName: sectionName(config, section) }
        : {}),
    });
    if (config !== undefined && section !== undefined) output.note(`options from ${config.file}: ${section.name}`);
    kept = () => command.kept?.(options) ?? "Nothing was written.";
    const hooks = { signal, onProgress: output.progress };
    const result = await command.run(options, { output, signal, hooks, config, byValue: section?.byValue ?? {} });
    output.result(result);
    return result.exitCode ?? EXIT.ok;
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return EXIT.ok;
    if (isInterrupt(error, signal)) {
      output.error(`interrupted. ${kept?.() ?? ""}`.trim(), {
        error: { name: "Interrupted", code: "INTERRUPTED", message: "interrupted" },
      });
      return EXIT.interrupted;
    }
    const failure = failureOf(error, usage);
    output.error(failure.text, failure.json);
    return failure.exitCode;
  }
}

/** The config file is read before the words are understood: it may hold adapters, whose options are flags. */
async function configOf(words: readonly string[]): Promise<LoadedConfig | undefined> {
  const before = words.slice(0, words.includes("--") ? words.indexOf("--") : undefined);
  const at = before.findLastIndex((word) => word === "--config" || word.startsWith("--config="));
  const file = before[at]?.startsWith("--config=") ? before[at].slice("--config=".length) : before[at + 1];
  try {
    return await loadConfig(process.cwd(), at === -1 ? undefined : file);
  } catch (error) {
    // help does not wait for a config that works
    if (before.includes("--help") || before.includes("-h")) return undefined;
    throw error;
  }
}

const sectionName = (config: LoadedConfig, section: ConfigSection): string => `${config.file}: ${section.name}`;
