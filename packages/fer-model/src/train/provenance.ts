/** What a run was made with. */
import { execFile } from "node:child_process";
import { createRequire } from "node:module";
import { promisify } from "node:util";
import { tf } from "@fer/tfjs-graph";

/** Versions that decide the numbers. */
export function versions(): Record<string, string> {
  const require = createRequire(import.meta.url);
  const { version } = require("../../package.json") as { version: string };
  return { "@fer/model": version, "@tensorflow/tfjs": tf.version.tfjs, node: process.version };
}

/** Commit of the working directory, `null` outside of a repository or without git. */
export async function workingCommit(): Promise<string | null> {
  try {
    const { stdout } = await promisify(execFile)("git", ["rev-parse", "HEAD"]);
    return stdout.trim();
  } catch {
    return null;
  }
}
