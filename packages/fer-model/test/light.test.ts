/** What loading the package brings into a process: every module that is loaded is written to stderr by a loader hook. */
import { describe, expect, test } from "vitest";
import { spawnSync } from "node:child_process";

const hook = `
  import { writeSync } from "node:fs";
  export async function load(url, context, next) {
    writeSync(2, "LOADED " + url + "\\n");
    return next(url, context);
  }
`;
const register = `
  import { register } from "node:module";
  register("data:text/javascript," + encodeURIComponent(${JSON.stringify(hook)}));
`;

/** URLs and paths of the modules that an import loads, ESM and CommonJS. */
function loadedBy(specifier: string): string[] {
  const script = `
    import { createRequire } from "node:module";
    await import(${JSON.stringify(import.meta.resolve(specifier))});
    for (const file of Object.keys(createRequire(process.cwd() + "/").cache)) console.error("LOADED " + file);
  `;
  const preload = `data:text/javascript,${encodeURIComponent(register)}`;
  const args = ["--import", preload, "--input-type=module", "-e", script];
  const { stderr, status } = spawnSync(process.execPath, args, { encoding: "utf8" });
  if (status !== 0) throw new Error(stderr);
  return stderr.split("\n").flatMap((line) => (line.startsWith("LOADED ") ? [line.slice(7)] : []));
}

describe("loading", () => {
  test("@fer/model loads TensorFlow.js, and no image decoder", () => {
    const loaded = loadedBy("@fer/model");
    expect(loaded.some((file) => /@tensorflow[\\/]tfjs-core/.test(file))).toBe(true);
    expect(loaded.filter((file) => /node_modules[\\/](@?jimp|sharp|@img)[\\/]/.test(file))).toEqual([]);
  });

  test("@fer/core/run loads neither", () => {
    const loaded = loadedBy("@fer/core/run");
    expect(loaded.some((file) => /core[\\/]dist[\\/]run[\\/]schema\.js/.test(file))).toBe(true);
    expect(loaded.filter((file) => /node_modules[\\/](@?jimp|sharp|@img|@tensorflow)[\\/]/.test(file))).toEqual([]);
  });
});
