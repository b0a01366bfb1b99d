/** `fer completion <shell>`: what makes the tab key complete commands, flags and choices. */
import { z } from "zod";
import { defineCommand } from "../command.js";
import { SCRIPTS, SHELLS, sourceLine, STARTUP } from "../completion/scripts.js";

export const CompletionOptions = z.strictObject({
  shell: z.enum(SHELLS).describe("Whose tab key"),
});

const lines = SHELLS.map((shell) => `  ${STARTUP[shell]}: ${sourceLine(shell)}`).join("\n");

export default defineCommand({
  options: CompletionOptions,
  positionals: ["shell"],
  details: `Prints a script. To have it always, for a fer that is installed (npm install --global @fer/cli):\n\n${lines}`,
  examples: ["fer completion bash"],
  run: ({ shell }) => {
    return Promise.resolve({ text: SCRIPTS[shell], json: { shell, script: SCRIPTS[shell] } });
  },
});
