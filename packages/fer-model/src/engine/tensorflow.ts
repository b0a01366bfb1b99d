/**
 * An installed `@tensorflow/tfjs-node-gpu` or `@tensorflow/tfjs-node` that loads, run op by op. On a machine where
 * `fer setup tensorflow` has been run the compiled graph of `@fer/tfjs-graph` takes its place.
 */
import { createRequire } from "node:module";
import util from "node:util";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { eagerEngine } from "./eager.js";

/** In order of preference. */
const PACKAGES: Record<string, (require: NodeJS.Require) => unknown> = {
  "@tensorflow/tfjs-node-gpu": (require) => require("@tensorflow/tfjs-node-gpu"),
  "@tensorflow/tfjs-node": (require) => require("@tensorflow/tfjs-node"),
};

export const tensorflow = eagerEngine({
  name: "tensorflow",
  backend: "tensorflow",
  device: "libtensorflow of tfjs-node",
  load: async () => {
    restoreUtil();
    const failures: string[] = [];
    // The package may be installed beside the user's script only, or beside this one.
    for (const from of [import.meta.url, pathToFileURL(join(process.cwd(), "package.json")).href]) {
      const require = createRequire(from);
      for (const [name, load] of Object.entries(PACKAGES)) {
        try {
          const { version } = load(require) as { version: Record<string, string> };
          return `${name} ${version["tfjs-node"]}`;
        } catch (error) {
          const missing = (error as NodeJS.ErrnoException).code === "MODULE_NOT_FOUND" && String(error).includes(name);
          if (!missing) failures.push(`${name} does not load (${String(error).split("\n")[0]})`);
        }
      }
    }
    throw new Error(failures[0] ?? "neither @tensorflow/tfjs-node-gpu nor @tensorflow/tfjs-node is installed");
  },
  install: "npx @fer/cli setup tensorflow",
});

/** tfjs-node 4.22 calls functions of `util` that Node 23 removed. */
function restoreUtil(): void {
  const target = util as unknown as Record<string, unknown>;
  target["isNullOrUndefined"] ??= (value: unknown) => value === null || value === undefined;
  target["isArray"] ??= Array.isArray;
}
