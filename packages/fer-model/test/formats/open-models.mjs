/**
 * Opens files of models one after another, in a process of its own: what ends it or holds it up for ever is seen from outside.
 *
 *     node open-models.mjs <list.json>      a list of paths; a line of JSON each: {path, said}, where `said` is "opened" or
 *                                           the name of the error's class and its message
 */
import { readFileSync } from "node:fs";
import { FerError } from "@fer/core";
import { openModelFile } from "@fer/model";

const TOLD = { classes: ["neutral", "anger", "happy"], engine: "cpu" };

for (const path of JSON.parse(readFileSync(process.argv[2], "utf8"))) {
  const said = await opened(path).catch((error) =>
    error instanceof FerError ? `FerError: ${error.message}` : `${error?.constructor?.name}: ${error?.stack}`,
  );
  process.stdout.write(`${JSON.stringify({ path, said })}\n`);
}

async function opened(path) {
  // keras.json stands beside the export's model.json, which speaks of keras.h5
  const isExport = !path.endsWith("keras.json");
  const { predictor, model } = await openModelFile(
    path,
    isExport ? { engine: "cpu" } : { ...TOLD, scale: 1, offset: 0 },
  );
  try {
    await predictor.predict(new Uint8Array(model.size ** 2 * model.channels).fill(90));
  } finally {
    predictor.dispose();
  }
  return "opened";
}
