/**
 * The command line of one command: commander parses words and shows the help; what values mean is read from the
 * flags of the schema.
 */
import { Argument, Command as Commander, CommanderError, Option } from "commander";
import { OptionsError, nearest } from "@fer/core/errors";
import type { Command } from "../define-command.js";
import { flagDescription, flagNotation } from "./flag-help.js";
import { flagValue } from "./flag-value.js";
import type { Flag } from "./flags.js";

const GLOBAL = "Global options:";

/** The commander command with all flags: it parses and shows the help, and knows nothing about values. */
export function commandLine(name: string, summary: string, command: Command, flags: readonly Flag[]): Commander {
  const commander = new Commander(`fer ${name}`)
    .description(command.details === undefined ? `${summary}.` : `${summary}.\n\n${command.details}`)
    .usage(usageOf(command))
    .helpOption("-h, --help", "show this help")
    .configureOutput({ writeErr: () => {} })
    .exitOverride();
  const positionals: readonly string[] = command.positionals ?? [];
  for (const key of positionals) {
    const flag = flags.find((each) => each.path.join(".") === key);
    const notation = flag?.kind === "list" ? `[${flag.name}...]` : `[${flag?.name ?? key}]`;
    commander.addArgument(
      new Argument(notation, flag === undefined ? "" : flagDescription({ ...flag, required: false })),
    );
  }
  for (const flag of flags) {
    if (positionals.includes(flag.path.join("."))) continue;
    for (const option of optionsOf(flag)) commander.addOption(option);
  }
  commander
    .addOption(
      new Option("--config <path>", "config file (default: fer.config.ts or .json of this folder)").helpGroup(GLOBAL),
    )
    .addOption(new Option("--json", "print the result as JSON on stdout").helpGroup(GLOBAL))
    .addOption(new Option("--quiet", "no progress, no notes").helpGroup(GLOBAL));
  const examples = command.examples ?? [];
  if (examples.length > 0)
    commander.addHelpText("after", `\nExamples:\n${examples.map((line) => `  ${line}`).join("\n")}`);
  return commander;
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

/** What the words give: values by flag, and the config file that they name. */
export interface ParsedWords {
  given: Map<Flag, unknown>;
  config: string | undefined;
}

/**
 * Parses words. Throws commander's own error (exit code 0) where help was asked for and shown.
 *
 * @throws {OptionsError} for unknown flags, missing values and surplus words.
 */
export function parseWords(
  commander: Commander,
  flags: readonly Flag[],
  positionals: readonly string[],
  words: readonly string[],
): ParsedWords {
  try {
    commander.parse(words, { from: "user" });
  } catch (error) {
    throw error instanceof CommanderError && error.exitCode !== 0 ? readable(error, commander, flags) : error;
  }
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
  return { given, config: commander.getOptionValue("config") as string | undefined };
}

/** commander's complaint in our four parts, with the nearest valid flags. */
function readable(error: CommanderError, commander: Commander, flags: readonly Flag[]): Error {
  const text = error.message.replace(/^error: /, "").split("\n")[0]!;
  const unknown = /unknown option '(--?)([^'=]+)/.exec(text);
  const names = [...flags.map((flag) => flag.name), "config", "json", "quiet", "help"];
  const near = unknown === null ? [] : nearest(unknown[2]!, names);
  return new OptionsError({
    code: "BAD_FLAG",
    subject: commander.name(),
    found: unknown === null ? text : `there is no flag ${unknown[1]}${unknown[2]}`,
    ...(near.length > 0 ? { fix: `Did you mean ${near.map((name) => `--${name}`).join(" or ")}?` } : {}),
    cause: error,
  });
}

/** `<set> [options]`; what may be left out stands in brackets. */
export function usageOf(command: Command): string {
  const shape = typeof command.options === "function" ? undefined : command.options.shape;
  const positionals = (command.positionals ?? []).map((key) => {
    const accepts = (value: unknown): boolean => shape?.[key]?.safeParse(value).success === true;
    const name = accepts(["x"]) ? `${key}...` : key;
    return accepts(undefined) ? `[${name}]` : `<${name}>`;
  });
  return [...positionals, "[options]"].join(" ");
}
