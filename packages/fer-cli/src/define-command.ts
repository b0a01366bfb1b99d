/**
 * What a command is: an options schema (flags, config section and help derive from it), which of its keys are given
 * by position, and a function from checked options to a result. Parsing, printing and exit codes are not its business.
 */
import type { z } from "zod";
import type { LoadedConfig } from "./config/load-config.js";
import type { FlagRules } from "./options/flags.js";
import type { Output } from "./output/output.js";

/** What a command gets beside its options. */
export interface CommandContext {
  output: Output;
  /** Fires on Ctrl-C. */
  signal: AbortSignal;
  /** Handed to libraries: `signal` and `onProgress`. */
  hooks: { signal: AbortSignal; onProgress: Output["progress"] };
  /** The config file, where there is one. */
  config: LoadedConfig | undefined;
  /** What the config section passes by value (adapter, model, callbacks). */
  byValue: Readonly<Record<string, unknown>>;
}

/** What a command shows: text for people, `json` for `--json`, and an exit code when it is not 0. */
export interface CommandResult {
  text: string;
  json: unknown;
  exitCode?: number;
}

/** Options of the config file that a command starts from. */
export interface ConfigSection {
  /** How messages call it, e.g. `train`. */
  name: string;
  options: Readonly<Record<string, unknown>>;
  /** Taken out of the section before zod sees it. */
  byValue: Readonly<Record<string, unknown>>;
}

/** A command with its schema. */
export interface CommandDefinition<Schema extends z.ZodObject> {
  /** Options; a function where they depend on what is asked for (an adapter's own ones, also one of the config). */
  options: Schema | ((words: readonly string[], config?: LoadedConfig) => Schema | Promise<Schema>);
  /** Keys given by position, in order. The last one may be a list. */
  positionals?: readonly (keyof Schema["shape"] & string)[];
  /** Keys without a flag. */
  rules?: FlagRules;
  /** Longer description for the help of the command. */
  details?: string;
  /** One or two lines that run. */
  examples?: readonly string[];
  /** The part of the config file that holds these options. */
  section?: (config: LoadedConfig, words: readonly string[]) => ConfigSection | undefined;
  /** What an interrupted run leaves behind; shown after Ctrl-C. */
  kept?: (options: z.output<Schema>) => string;
  run(options: z.output<Schema>, context: CommandContext): Promise<CommandResult>;
}

/** A command whose schema type is out of sight. */
export type Command = CommandDefinition<z.ZodObject>;

/**
 * Types a command by its schema.
 *
 * @example
 * ```ts
 * export default defineCommand({
 *   options: z.strictObject({ run: z.string().describe("Run folder") }),
 *   positionals: ["run"],
 *   run: async ({ run }) => ({ text: run, json: { run } }),
 * });
 * ```
 */
export function defineCommand<Schema extends z.ZodObject>(definition: CommandDefinition<Schema>): Command {
  return definition as unknown as Command;
}
