/**
 * The command line of one command: commander parses words and shows the help; what values mean is read from the
 * flags of the schema.
 */
import { Argument, Command as Commander, CommanderError, Option } from "commander";
import { nearest, OptionsError } from "@fer/core";
import type { z } from "zod";
import type { Command } from "../command.js";
import type { CommandEntry } from "../commands/index.js";
import { flagDescription, flagNotation } from "./flag-help.js";
import { flagValue } from "./flag-values.js";
import { type Flag, flagsFrom } from "./flags.js";

/** A command with its name, and what it is called with. */
export interface CommandLineOf {
  name: string;
  entry: CommandEntry;
  command: Command;
  /** The flags of what is asked for, from {@link commandFlags}. */
  flags: readonly Flag[];
}

/** All flags and arguments of a command. */
export function commandFlags({ flat, paths }: Command, options: z.ZodObject): Flag[] {
  return flagsFrom(options, { flat, paths });
}

/** The commander command with all flags: it parses and shows the help, and knows nothing about values. */
export function commandLine({ name, entry, command, flags }: CommandLineOf): Commander {
  const { details, positionals = [], examples = [] } = command;
  const commander = new Commander(`fer ${name}`)
    .description(details === undefined ? `${entry.summary}.` : `${entry.summary}.\n\n${details}`)
    .usage(usageOf(positionals, flags))
    .helpOption("-h, --help", "show this help")
    .configureOutput({ writeErr: () => {} })
    .exitOverride();
  for (const flag of argumentsOf(positionals, flags)) {
    const notation = flag.kind === "list" ? `[${flag.name}...]` : `[${flag.name}]`;
    commander.addArgument(new Argument(notation, flagDescription({ ...flag, required: false })));
  }
  for (const flag of flags) {
    if (positionals.includes(flag.path.join("."))) continue;
    for (const option of optionsOf(flag)) commander.addOption(option);
  }
  for (const option of globalOptions(entry)) commander.addOption(option.helpGroup("Global options:"));
  if (examples.length > 0)
    commander.addHelpText("after", `\nExamples:\n${examples.map((line) => `  ${line}`).join("\n")}`);
  return commander;
}

function globalOptions({ config, section }: CommandEntry): Option[] {
  const found = "Config file; a .ts or .js one is executed (default: the fer.config.* of this folder)";
  const named = "Config file to take adapters of your own from; a .ts or .js one is executed";
  return [
    ...(config === undefined ? [] : [new Option("--config <path>", config === "found" ? found : named)]),
    ...(section === undefined || config === undefined ? [] : [new Option("--no-config", "Do not look for one")]),
    new Option("--json", "Print the result as JSON on stdout"),
    new Option("--quiet", "No progress, no notes"),
  ];
}

function optionsOf(flag: Flag): Option[] {
  const collect = (text: string, before: string[] | undefined): string[] => [...(before ?? []), text];
  const option = new Option(flagNotation(flag), flagDescription(flag));
  if (flag.kind !== "boolean" && flag.kind !== "off") option.argParser(collect);
  if (flag.group !== null) option.helpGroup(`${flag.group}:`);
  if (flag.kind !== "boolean") return [option];
  const negative = new Option(`--no-${flag.name}`, `Turn off: ${flagDescription({ ...flag, default: undefined })}`);
  if (flag.group !== null) negative.helpGroup(`${flag.group}:`);
  // The help shows the one that changes something.
  return flag.default === true ? [option.hideHelp(), negative] : [option, negative.hideHelp()];
}

/**
 * Parses words into values by flag. Throws commander's own error (exit code 0) where help was asked for and shown.
 *
 * @throws {OptionsError} for unknown flags, missing values and surplus words.
 */
export function parseWords(line: CommandLineOf, words: readonly string[]): Map<Flag, unknown> {
  const { command, flags } = line;
  const commander = commandLine(line);
  try {
    commander.parse(words, { from: "user" });
  } catch (error) {
    throw error instanceof CommanderError && error.exitCode !== 0 ? readable(error, commander) : error;
  }
  const positionals: readonly string[] = command.positionals ?? [];
  const given = new Map<Flag, unknown>();
  for (const flag of flags) {
    const position = positionals.indexOf(flag.path.join("."));
    if (position >= 0) {
      const word = commander.processedArgs[position] as string | string[] | undefined;
      const texts = word === undefined ? [] : [word].flat();
      if (texts.length > 0) given.set(flag, flag.kind === "list" ? texts : flagValue(flag, texts));
      continue;
    }
    const name = new Option(flagNotation(flag)).attributeName();
    if (commander.getOptionValueSource(name) !== "cli") continue;
    const value = commander.getOptionValue(name) as boolean | string[];
    if (flag.kind === "off") given.set(flag, null);
    else given.set(flag, typeof value === "boolean" ? value : flagValue(flag, value));
  }
  return given;
}

/** commander's complaint in our four parts, with the nearest valid flags. */
function readable(error: CommanderError, commander: Commander): Error {
  const text = error.message.replace(/^error: /, "").split("\n")[0]!;
  const unknown = /unknown option '(--?)([^'=]+)/.exec(text);
  const names = [...commander.options.map(({ long }) => long!.slice(2)), "help"];
  const near = unknown === null ? [] : nearest(unknown[2]!, [...new Set(names)]);
  return new OptionsError({
    code: "INVALID_OPTIONS",
    subject: commander.name(),
    found: unknown === null ? text : `there is no flag ${unknown[1]}${unknown[2]}`,
    ...(near.length > 0 ? { fix: `Did you mean ${near.map((name) => `--${name}`).join(" or ")}?` } : {}),
    cause: error,
  });
}

/** `[set] [options]`; what may be left out, or may stand in the config file, is in brackets. */
export function usageOf(positionals: readonly string[], flags: readonly Flag[]): string {
  const words = argumentsOf(positionals, flags).map(({ kind, name, required }) => {
    const notation = kind === "list" ? `${name}...` : name;
    return required ? `<${notation}>` : `[${notation}]`;
  });
  return [...words, "[options]"].join(" ");
}

const argumentsOf = (positionals: readonly string[], flags: readonly Flag[]): Flag[] =>
  positionals.flatMap((key) => flags.find((flag) => flag.path.join(".") === key) ?? []);
