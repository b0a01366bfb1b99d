/** `docs/cli.md`: the help of every command as one page. */
import { COMMANDS, type CommandEntry } from "../commands/index.js";
import { commandFlags, commandLine } from "../options/command-line.js";

/** The page, with the width of help fixed so that it does not depend on a terminal. */
export async function cliMarkdown(): Promise<string> {
  const parts = [
    "# Commands of fer",
    "Generated from the help (`npm run docs`); `fer <command> --help` prints the same.",
  ];
  for (const [name, entry] of Object.entries<CommandEntry>(COMMANDS)) {
    const { default: command } = await entry.load();
    const schema = command.optionsFor?.([], undefined) ?? command.options;
    const commander = commandLine({ name, entry, command, flags: commandFlags(command, schema) });
    let text = "";
    commander.configureOutput({ writeOut: (piece) => (text += piece), getOutHelpWidth: () => 110 });
    commander.outputHelp();
    parts.push(`## fer ${name}`, `\`\`\`\n${text.trimEnd()}\n\`\`\``);
  }
  return `${parts.join("\n\n")}\n`;
}
