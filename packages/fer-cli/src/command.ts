/**
 * What a command is: an options schema (flags, help and its section of the config file derive from it), what the
 * config may pass to it by reference, and a function from checked options to a result. Parsing, printing and exit codes
 * are not its business.
 */
import type { z } from "zod";
import type { LoadedConfig } from "./config/load-config.js";
import type { Output } from "./output/output.js";

/** What a command gets beside its options. */
export interface CommandContext<Values = Readonly<Record<string, unknown>>> {
  output: Output;
  /** Fires on Ctrl-C. */
  signal: AbortSignal;
  /** Handed to libraries: `signal` and `onProgress`. */
  hooks: { signal: AbortSignal; onProgress: Output["progress"] };
  /** The config file, where the command reads one and there is one. */
  config: LoadedConfig | undefined;
  /** What the config passes by reference: an adapter, a model, callbacks. */
  values: Partial<Values>;
  /** The options as they were given, before their defaults. */
  given: Readonly<Record<string, unknown>>;
}

/** What a command shows: text for people, `json` for `--json`, and an exit code when it is not 0. */
export interface CommandResult {
  text: string;
  json: unknown;
  /** It was shown already, piece by piece. */
  isShown?: boolean;
  exitCode?: number;
  /** It was there already, made from the same data and options. */
  isKept?: boolean;
}

/** Nothing by reference. */
export type NoValues = z.ZodObject<Record<never, never>>;

/** A command with its schemas. `Derived` are keys that a config section may leave out. */
export interface CommandDefinition<
  Options extends z.ZodObject,
  Values extends z.ZodObject = NoValues,
  Derived extends string = never,
> {
  /** Options, which flags, help and config section derive from. JSON values only. */
  options: Options;
  /**
   * What the config section may hold beside them, and no flag: functions and instances, each a `z.custom`. Where a key
   * is among the options too, what is passed has a `name`, which the option then holds.
   */
  values?: Values;
  /** Options that the other sections of a config file tell. */
  derived?: Readonly<Record<Derived, (config: LoadedConfig) => unknown>>;
  /** The options in full where they depend on what is asked for (those of an adapter). */
  optionsFor?(words: readonly string[], config: LoadedConfig | undefined): z.ZodObject;
  /** Keys given by position, in order. The last one may be a list. */
  positionals?: readonly (keyof Options["shape"] & string)[];
  /** Keys with options of their own whose flags carry no prefix. */
  flat?: readonly (keyof Options["shape"] & string)[];
  /** Keys that hold paths; in a config file they start at its folder. */
  paths?: readonly (keyof Options["shape"] & string)[];
  /** Longer description for the help of the command. */
  details?: string;
  /** One or two lines that run. */
  examples?: readonly string[];
  /** What it writes, or what it looks at: tells two sections of a config file apart. */
  target?(options: z.output<Options>): string;
  /** Of a config section that is a list: the entry that these words mean. */
  entryFor?(entries: readonly Readonly<Record<string, unknown>>[], words: readonly string[]): number | undefined;
  /** What an interrupted run leaves behind; shown after Ctrl-C. */
  kept?(options: z.output<Options>): string;
  run(options: z.output<Options>, context: CommandContext<z.output<Values>>): Promise<CommandResult>;
}

/** A command whose schema types are out of sight. */
export type Command = CommandDefinition<z.ZodObject, z.ZodObject, string>;

/**
 * Types a command by its schemas.
 *
 * @example
 * ```ts
 * import { z } from "zod";
 * import { defineCommand } from "./command.js";
 *
 * export default defineCommand({
 *   options: z.strictObject({ folder: z.string().describe("Run folder") }),
 *   positionals: ["folder"],
 *   run: async ({ folder }) => ({ text: folder, json: { folder } }),
 * });
 * ```
 */
export function defineCommand<
  Options extends z.ZodObject,
  Values extends z.ZodObject = NoValues,
  Derived extends keyof Options["shape"] & string = never,
>(definition: CommandDefinition<Options, Values, Derived>): CommandDefinition<Options, Values, Derived> {
  return definition;
}
