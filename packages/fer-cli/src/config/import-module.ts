/**
 * Loads a JavaScript or TypeScript file of the user's, which is executed. TypeScript goes through jiti, so that it works on
 * Node 20; the `@fer` packages, TensorFlow.js and zod that it imports are the ones that `fer` itself uses.
 */
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import type { Jiti } from "jiti";

/** Its default export. @param path Absolute. */
export async function importModule(path: string): Promise<unknown> {
  return (await loader()).import(path, { default: true });
}

/** All that it exports, by name. @param path Absolute. */
export async function importNames(path: string): Promise<Readonly<Record<string, unknown>>> {
  return (await loader()).import(path);
}

async function loader(): Promise<Jiti> {
  const { createJiti } = await import("jiti");
  // TensorFlow.js as Node loads it: through jiti it takes three seconds
  return createJiti(import.meta.url, {
    alias: sharedModules(),
    fsCache: false,
    nativeModules: ["@tensorflow/tfjs"],
  });
}

/** Whatever a module may import even where it is installed beside `fer` only: our packages, and what they share. */
function sharedModules(): Record<string, string> {
  const require = createRequire(import.meta.url);
  interface Manifest {
    name: string;
    dependencies: Record<string, string>;
    exports: Record<string, unknown>;
  }
  const own = require("../../package.json") as Manifest;
  const ours = [own.name, ...Object.keys(own.dependencies).filter((name) => name.startsWith("@fer/"))];
  const entries = ours.flatMap((name) =>
    Object.keys((require(`${name}/package.json`) as Manifest).exports).map((path) => name + path.slice(1)),
  );
  const urls = {
    ...Object.fromEntries(
      entries.filter((name) => !name.endsWith(".json")).map((name) => [name, import.meta.resolve(name)]),
    ),
    "@tensorflow/tfjs": import.meta.resolve("@tensorflow/tfjs"),
    zod: import.meta.resolve("zod"),
  };
  return Object.fromEntries(Object.entries(urls).map(([name, url]) => [name, fileURLToPath(url)]));
}
