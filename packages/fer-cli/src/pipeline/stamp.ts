/**
 * What the pipeline remembers of a finished stage: `.fer/<stage>.json` with the fingerprint of its inputs and of its
 * output. Written last and renamed into place, so that a stamp always stands for a finished stage.
 */
import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";

/** `.fer/<stage>.json`. */
export const Stamp = z.strictObject({
  stage: z.string(),
  inputs: z.string().describe("sha256 of options and inputs"),
  output: z.string().describe("Fingerprint of the artifact"),
});
export type Stamp = z.infer<typeof Stamp>;

/** File of a stage's stamp. */
export function stampFile(folder: string, stage: string): string {
  return join(folder, `${stage.replaceAll(/[^A-Za-z0-9._-]+/g, "-")}.json`);
}

/** The stamp of a stage; `undefined` where there is none, or none that can be read: the stage then runs again. */
export function readStamp(folder: string, stage: string): Stamp | undefined {
  try {
    const stamp = Stamp.safeParse(JSON.parse(readFileSync(stampFile(folder, stage), "utf8")));
    return stamp.success && stamp.data.stage === stage ? stamp.data : undefined;
  } catch {
    return undefined;
  }
}

/** Writes a stamp. */
export function writeStamp(folder: string, stamp: Stamp): void {
  mkdirSync(folder, { recursive: true });
  const file = stampFile(folder, stamp.stage);
  writeFileSync(`${file}.tmp`, `${JSON.stringify(stamp, null, 2)}\n`);
  renameSync(`${file}.tmp`, file);
}
