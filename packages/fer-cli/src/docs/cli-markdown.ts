/** `docs/cli.md`: the help of every command as one page. */
import { COMMANDS } from "../commands/index.js";
import { commandLine } from "../options/command-line.js";
import { flagsFrom } from "../options/flags.js";

/** The page, with the width of help fixed so that it does not depend on a terminal. */
export async function cliMarkdown(): Promise<string> {
  const parts = [
    "# Commands of fer",
    "Generated from the help (`node packages/fer-cli/scripts/write-generated.mjs`); `fer <command> --help` prints the same.",
  ];
  for (const [name, { summary, load }] of Object.entries(COMMANDS)) {
    const { default: command } = await load();
    const schema = typeof command.options === "function" ? await command.options([]) : command.options;
    const commander = commandLine(name, summary, command, flagsFrom(schema, command.rules));
    let text = "";
    commander.configureOutput({ writeOut: (piece) => (text += piece), getOutHelpWidth: () => 110 });
    commander.outputHelp();
    parts.push(`## fer ${name}`, `\`\`\`\n${text.trimEnd()}\n\`\`\``);
  }
  return `${parts.join("\n\n")}\n`;
}
