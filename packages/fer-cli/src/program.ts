/**
 * `fer <command>`: the list of commands, the global flags, and the way from words to exit code. Only what is asked for
 * is loaded, so that `fer --help` needs no zod and no TensorFlow.js.
 */
import { createRequire } from "node:module";
import { Command as Commander, CommanderError } from "commander";
import { unknownName } from "@fer/core/errors";
import { COMMANDS, type CommandName } from "./commands/index.js";
import { EXIT, failureOf } from "./output/failure.js";

const EXAMPLES = `
Examples:
  fer init                                          write fer.config.ts
  fer pipeline                                      do all of it
  fer extract ckplus --from CK+ --to data/ckplus    or step by step
  fer assemble data/ckplus --name ckplus --split subject --to features
  fer train features/ckplus --to runs/first
  fer evaluate runs/first
  fer predict runs/first face.jpg

fer <command> --help tells more.`;

/** Runs `fer` with these words; resolves to the exit code. */
export async function program(words: readonly string[]): Promise<number> {
  const name = words.find((word) => !word.startsWith("-"));
  if (name === undefined || name === "help") return showRoot(words);
  const { Output } = await import("./output/output.js");
  const output = new Output({ json: words.includes("--json"), quiet: words.includes("--quiet") });
  if (Object.hasOwn(COMMANDS, name)) {
    const { runCommand } = await import("./run-command.js");
    const rest = words.filter((_, index) => index !== words.indexOf(name));
    return runCommand({ name: name as CommandName, words: rest, output });
  }
  const usage = "Usage: fer <command> [options]. fer --help lists the commands.";
  const failure = failureOf(unknownName("command", name, Object.keys(COMMANDS)), { usage });
  output.error(failure.text, failure.json);
  return failure.exitCode;
}

/** `fer`, `fer --help`, `fer help train`, `fer --version`. */
async function showRoot(words: readonly string[]): Promise<number> {
  const topic = words.filter((word) => !word.startsWith("-"))[1];
  if (topic !== undefined) return program([topic, "--help"]);
  const root = rootCommand();
  try {
    if (words.length === 0 || words[0] === "help") root.outputHelp();
    else root.parse(words, { from: "user" });
    return words.length === 0 ? EXIT.usage : EXIT.ok;
  } catch (error) {
    // commander has shown what was asked for, or said what is wrong
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
    throw error;
  }
}

function rootCommand(): Commander {
  const { version } = createRequire(import.meta.url)("../package.json") as { version: string };
  const root = new Commander("fer")
    .description("Facial expression recognition: from raw dataset to trained model.")
    .version(version, "-v, --version", "print the version")
    .helpOption("-h, --help", "show this help")
    .helpCommand(false)
    .usage("<command> [options]")
    .addHelpText("after", EXAMPLES)
    .exitOverride();
  for (const [name, { summary }] of Object.entries(COMMANDS)) root.command(name).summary(summary).description(summary);
  return root;
}
