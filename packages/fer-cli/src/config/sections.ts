/** A command's part of the config file: its options, and apart from them what is passed by reference. */
import { isAbsolute, relative, resolve } from "node:path";
import { OptionsError, parseOptions } from "@fer/core";
import type { z } from "zod";
import type { Command } from "../command.js";
import { COMMANDS, type CommandEntry, type SectionName } from "../commands/index.js";
import type { LoadedConfig } from "./load-config.js";

/** Where options stand in a config file. */
export interface ConfigSection {
  /** How messages call it: `/home/me/fer.config.ts: extract[0]`. */
  name: string;
  /** Options as written, paths as seen from the working directory. */
  options: Readonly<Record<string, unknown>>;
  /** Passed by reference, checked. */
  values: Readonly<Record<string, unknown>>;
}

/** A section, or an entry of one that is a list, as it is written. */
export interface WrittenSection {
  name: string;
  entry: Readonly<Record<string, unknown>>;
}

/**
 * What the config file says to a command, in order; nothing where it has no such section.
 *
 * @throws {OptionsError} where it is not an object, or not a list of such.
 */
export function writtenSections(config: LoadedConfig, command: SectionName): WrittenSection[] {
  const name = `${config.file}: ${command}`;
  const value = config.config[command];
  if (value === undefined) return [];
  const { section }: CommandEntry = COMMANDS[command];
  if (section === "list" && !Array.isArray(value)) throw notSections(name, "a list of options");
  const entries = section === "list" ? (value as unknown[]) : [value];
  return entries.map((entry, index) => {
    const place = section === "list" ? `${name}[${index}]` : name;
    if (typeof entry === "object" && entry !== null && !Array.isArray(entry))
      return { name: place, entry: entry as Readonly<Record<string, unknown>> };
    throw notSections(place, "options of its own");
  });
}

/** Whose section it is, in which config. */
interface SectionOf {
  config: LoadedConfig;
  command: Pick<Command, "options" | "values" | "derived" | "paths">;
  /** Keys that the command line gives: other sections are not asked for them. */
  given?: readonly string[];
}

/** Takes a section apart: options from what is passed by reference. */
export async function configSection(
  { name, entry }: WrittenSection,
  { config, command, given: flags = [] }: SectionOf,
): Promise<ConfigSection> {
  const { options, values, derived = {}, paths = [] } = command;
  const byReference = new Set(
    Object.keys(values?.shape ?? {}).filter(
      (key) => Object.hasOwn(entry, key) && options.shape[key]?.safeParse(entry[key]).success !== true,
    ),
  );
  const pick = (keep: (key: string) => boolean): Record<string, unknown> =>
    Object.fromEntries(Object.entries(entry).filter(([key]) => keep(key)));
  const written = pick((key) => !byReference.has(key));
  for (const key of paths) if (Object.hasOwn(written, key)) written[key] = fromHere(config, written[key]);
  for (const [key, tell] of Object.entries(derived))
    if (!Object.hasOwn(written, key) && !flags.includes(key)) written[key] = await tell(config);
  const given = pick((key) => byReference.has(key));
  const checked = values === undefined ? {} : parseInFile(given, { schema: values.partial(), name });
  for (const [key, value] of Object.entries(checked))
    if (Object.hasOwn(options.shape, key)) written[key] = (value as { name: string }).name;
  return { name, options: written, values: checked };
}

/** Options whose places in the config file messages name: `/home/me/fer.config.ts: train.epochs`. */
function parseInFile<Schema extends z.ZodObject>(
  input: unknown,
  { schema, name }: { schema: Schema; name: string },
): z.output<Schema> {
  return parseOptions(input, { schema, subject: name, nameOf: (path) => [name, ...path].join(".") });
}

/** What the config file says to a command, checked: once for each of its sections; `given`: without defaults. */
export async function parsedSections<Options = Readonly<Record<string, unknown>>, Values = object>(
  config: LoadedConfig,
  name: SectionName,
): Promise<{ options: Options; values: Values; given: Readonly<Record<string, unknown>> }[]> {
  const entry: CommandEntry = COMMANDS[name];
  const { default: command } = await entry.load();
  const parsed = [];
  for (const written of writtenSections(config, name)) {
    const section = await configSection(written, { config, command });
    const { adapter } = section.options;
    const schema = command.optionsFor?.(typeof adapter === "string" ? [adapter] : [], config) ?? command.options;
    const options = parseInFile(section.options, { schema, name: section.name });
    parsed.push({ options: options as Options, values: section.values as Values, given: section.options });
  }
  return parsed;
}

/** A path of the config file, or several, as seen from the working directory. */
function fromHere(config: LoadedConfig, value: unknown): unknown {
  if (Array.isArray(value)) return value.map((each) => fromHere(config, each));
  if (typeof value !== "string" || isAbsolute(value)) return value;
  return relative(process.cwd(), resolve(config.folder, value)) || ".";
}

const notSections = (name: string, expected: string): OptionsError =>
  new OptionsError({ code: "BAD_CONFIG", subject: name, found: "is something else", expected });
