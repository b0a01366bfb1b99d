/** `fer view [folder]`: a page over what is in a folder, until Ctrl-C. */
import { view, ViewOptions } from "@fer/view";
import { defineCommand } from "../command.js";

export default defineCommand({
  options: ViewOptions,
  positionals: ["folder"],
  paths: ["folder", "verdicts"],
  details:
    "Shows datasets, sets and runs, those that train now with their curves as they grow. Whoever has the address that is printed can see the faces in them: it has a word in it that nobody guesses, and reaches this machine alone. Ctrl-C ends it.",
  examples: ["fer view", "fer view runs --port 9000"],
  kept: () => "",
  async run(options, { output, signal }) {
    const viewer = await view(options, { signal });
    output.note(`open ${viewer.url}`);
    await viewer.closed;
    return { text: "", json: null, isShown: true };
  },
});
