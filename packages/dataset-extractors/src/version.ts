import { readFileSync } from "node:fs";

/** Version of this package, as written into `dataset.json`. */
export const VERSION: string = (
  JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8")) as { version: string }
).version;
