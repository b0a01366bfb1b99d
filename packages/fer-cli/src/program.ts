/**
 * `fer <command>`: the list of commands, the global flags, and the way from words to exit code. Only what is asked for
 * is loaded, so that `fer --help` needs no zod and no TensorFlow.js.
 */
import { createRequire } from "node:module";
import { Command as Commander } from "commander";
import { unknownName } from "@fer/core/errors";
import { COMMANDS, type CommandName } from "./commands/index.js";
import { EXIT, failureOf } from "./output/failure.js";
import type { Output } from "./output/output.js";

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
  if (name === "completion" && words.includes("--")) return complete(words.slice(words.indexOf("--") + 1));
  const { Output } = await import("./output/output.js");
  const output = new Output({ json: words.includes("--json"), quiet: words.includes("--quiet") });
  if (Object.hasOwn(COMMANDS, name)) {
    const { runCommand } = await import("./run-command.js");
    const rest = words.filter((_, index) => index !== words.indexOf(name));
    return runCommand({ name: name as CommandName, words: rest, output });
  }
  return refuse(unknownName(name, { what: "command", names: Object.keys(COMMANDS) }), output);
}

/** Answers a shell that asks what may follow: see `completion/scripts.ts`. */
async function complete(words: readonly string[]): Promise<number> {
  const { candidates } = await import("./completion/candidates.js");
  for (const { word, meaning } of await candidates(words)) process.stdout.write(`${word}\t${meaning}\n`);
  return EXIT.ok;
}

/** Flags that need no command. */
const ROOT_FLAGS = ["-h", "--help", "-v", "--version", "--json", "--quiet"];

/** `fer`, `fer --help`, `fer help train`, `fer --version`. */
async function showRoot(words: readonly string[]): Promise<number> {
  const topic = words.filter((word) => !word.startsWith("-"))[1];
  if (topic !== undefined) return program([topic, "--help"]);
  const unknown = words.find((word) => word.startsWith("-") && !ROOT_FLAGS.includes(word));
  if (unknown !== undefined) {
    const { Output } = await import("./output/output.js");
    const output = new Output({ json: words.includes("--json"), quiet: false });
    return refuse(unknownName(unknown, { what: "flag", names: ROOT_FLAGS }), output);
  }
  const isAsked = words.some((word) => ["help", "-h", "--help"].includes(word));
  if (!isAsked && words.some((word) => ["-v", "--version"].includes(word))) process.stdout.write(`${version()}\n`);
  else rootCommand().outputHelp();
  return words.length === 0 ? EXIT.usage : EXIT.ok;
}

function refuse(error: Error, output: Output): number {
  const usage = "Usage: fer <command> [options]. fer --help lists the commands.";
  const failure = failureOf(error, { usage });
  output.error(failure.text, failure.json);
  return failure.exitCode;
}

const version = (): string => (createRequire(import.meta.url)("../package.json") as { version: string }).version;

function rootCommand(): Commander {
  const root = new Commander("fer")
    .description("Facial expression recognition: from raw dataset to trained model.")
    .version(version(), "-v, --version", "print the version")
    .helpOption("-h, --help", "show this help")
    .helpCommand(false)
    .usage("<command> [options]")
    .addHelpText("after", EXAMPLES);
  for (const [name, { summary }] of Object.entries(COMMANDS)) root.command(name).summary(summary).description(summary);
  return root;
}
