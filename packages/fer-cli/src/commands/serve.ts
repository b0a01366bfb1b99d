/** `fer serve [model]`: a model over HTTP, until Ctrl-C or SIGTERM. */
import { serve, ServeOptions } from "@fer/serve";
import { defineCommand } from "../command.js";
import { PACKAGED_MODEL } from "../images/packaged-model.js";

export default defineCommand({
  options: ServeOptions.extend({
    model: ServeOptions.shape.model
      .optional()
      .describe(`${ServeOptions.shape.model.description!}; left out: @fer/weights/fer2013`),
  }),
  positionals: ["model"],
  paths: ["model", "keyFile"],
  details:
    "POST /v1/predict takes pictures; /docs says how. Lines of the log go to stdout, as JSON, without pictures, names or addresses. Ctrl-C or SIGTERM ends it once all that it has accepted is answered.",
  examples: ["fer serve", "fer serve runs/first --port 9000 --views 1"],
  kept: () => "",
  async run({ model = PACKAGED_MODEL, ...options }, { output, signal }) {
    const server = await serve({ model, ...options }, { log: process.stdout, signal });
    output.note(`listening at ${server.url}; ${server.url}/docs says what it takes`);
    const isWhole = await server.closed;
    return { text: "", json: null, isShown: true, exitCode: isWhole ? 0 : 1 };
  },
});
