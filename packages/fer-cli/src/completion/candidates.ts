/** What may stand at the end of a line of `fer`, from the flags of the command: names, flags, choices. */
import type { Command } from "../command.js";
import { COMMANDS, type CommandEntry } from "../commands/index.js";
import { commandFlags, commandLine } from "../options/command-line.js";
import type { Flag } from "../options/flags.js";

/** A word that may follow, and what it means. */
export interface Candidate {
  word: string;
  meaning: string;
}

/**
 * The candidates for the last of these words, which follow `fer`; none where a file is meant, or anything.
 *
 * @param words The last one is what has been typed of it, possibly nothing.
 */
export async function candidates(words: readonly string[]): Promise<Candidate[]> {
  const [name = "", ...rest] = words;
  if (rest.length === 0) return beginning(commands(), name);
  if (!Object.hasOwn(COMMANDS, name)) return [];
  const entry: CommandEntry = COMMANDS[name as keyof typeof COMMANDS];
  const { default: command } = await entry.load();
  return ofCommand({ name, entry, command }, rest);
}

const commands = (): Candidate[] =>
  Object.entries<CommandEntry>(COMMANDS).map(([word, { summary }]) => ({ word, meaning: summary }));

function ofCommand(
  { name, entry, command }: { name: string; entry: CommandEntry; command: Command },
  rest: readonly string[],
): Candidate[] {
  const flags = commandFlags(command, optionsFor(command, rest));
  // bash takes `--engine=onnx` for three words.
  const [before, sign, value] = rest.slice(-3);
  if (sign === "=" && value !== undefined) return beginning(choices(flagCalled(before!, flags)), value);
  const last = rest.at(-1)!;
  const assigned = /^(--[^=]+)=(.*)$/.exec(last);
  if (assigned !== null)
    return beginning(choices(flagCalled(assigned[1]!, flags)), assigned[2]!).map(({ word, meaning }) => {
      return { word: `${assigned[1]}=${word}`, meaning };
    });
  const waiting = flagCalled(rest.at(-2) ?? "", flags);
  if (waiting !== undefined && takesValue(waiting)) return beginning(choices(waiting), last);
  if (last.startsWith("-")) {
    const { options } = commandLine({ name, entry, command, flags });
    const known = options.flatMap(({ long, description, hidden }) =>
      long == null || hidden ? [] : [{ word: long, meaning: description }],
    );
    return beginning([...known, { word: "--help", meaning: "show this help" }], last);
  }
  const [first] = command.positionals ?? [];
  const isFirst = rest.length === 1;
  return isFirst ? beginning(choices(flags.find(({ path }) => path.join(".") === first)), last) : [];
}

/** The options in full, where the words name what they depend on already. */
function optionsFor(command: Command, rest: readonly string[]): Command["options"] {
  try {
    return command.optionsFor?.(rest, undefined) ?? command.options;
  } catch {
    return command.options;
  }
}

const takesValue = ({ kind }: Flag): boolean => kind !== "boolean" && kind !== "off";

const flagCalled = (word: string, flags: readonly Flag[]): Flag | undefined =>
  flags.find(({ name }) => word === `--${name}`);

const choices = (flag: Flag | undefined): Candidate[] =>
  (flag?.choices ?? []).map((choice) => ({ word: String(choice), meaning: "" }));

const beginning = (all: readonly Candidate[], typed: string): Candidate[] =>
  all.filter(({ word }) => word.startsWith(typed));
