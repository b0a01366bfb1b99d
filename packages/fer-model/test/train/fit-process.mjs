/**
 * Trains in a process of its own: `fit-process.mjs <set> <to> <options as JSON>`. Prints a line of JSON when it begins,
 * for each step, and at the end.
 */
import { openSet } from "@fer/core/set";
import { FerTrainer } from "@fer/model";

const [path, to, options] = process.argv.slice(2);
const say = (event) => process.stdout.write(`${JSON.stringify(event)}\n`);
const set = await openSet(path);
const controller = new AbortController();
process.on("SIGINT", () => controller.abort(new Error("SIGINT")));
say({ event: "begin" });
try {
  await new FerTrainer({ ...JSON.parse(options), to }).fit(set, {
    signal: controller.signal,
    callbacks: [
      {
        name: "say",
        onTrainBegin: ({ from }) => say({ event: "from", ...from }),
        onStepEnd: ({ epoch, step }) => say({ event: "step", epoch, step }),
      },
    ],
    onProgress: ({ message }) => message !== undefined && say({ event: "message", message }),
  });
  say({ event: "end" });
} catch (error) {
  say({ event: "error", code: error.code, message: error.message, stack: error.code ? undefined : error.stack });
  process.exitCode = 1;
}
