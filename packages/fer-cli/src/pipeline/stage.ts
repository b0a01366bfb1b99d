/**
 * A stage of the pipeline: a pure description (options and inputs in, artifact out). Its fingerprint covers all that
 * decides the artifact, so that a finished stage with an equal fingerprint needs no second run.
 */
import { createHash } from "node:crypto";
import type { CommandContext } from "../command.js";

/** What a finished stage left. */
export interface StageOutcome {
  /** One or more lines for people. */
  text: string;
  /** What `--json` shows. */
  json: unknown;
  /** Fingerprint of the artifact. The next stages build on it. */
  output: string;
  /** The library found the artifact made already. */
  reused?: boolean;
}

/** One stage. */
export interface Stage {
  /** Unique within the pipeline, e.g. `extract ckplus`. */
  name: string;
  /** Where its artifact is; for messages. */
  to: string;
  /** Whatever decides the artifact: options and the `output`s of earlier stages, by stage name. JSON. */
  inputs(outputs: ReadonlyMap<string, string>): object | Promise<object>;
  /** The library looks at the source itself and returns at once where nothing changed: ask it every time. */
  checksItself?: boolean;
  /** Fingerprint of the artifact on disk (`output` of its outcome), also where it cannot be read by this version. */
  fingerprint(): Promise<string | undefined>;
  /** The outcome on disk, whole and readable; `undefined` where there is none. */
  existing(): Promise<StageOutcome | undefined>;
  /** Removes an artifact of other inputs that this pipeline made. */
  discard(): void;
  run(hooks: CommandContext["hooks"], note: (text: string) => void): Promise<StageOutcome>;
}

/** sha256 of a JSON value with its keys in order, hex. */
export function fingerprintOf(value: unknown): string {
  return createHash("sha256").update(canonical(value)).digest("hex");
}

function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, each: unknown) =>
    typeof each === "object" && each !== null && !Array.isArray(each)
      ? Object.fromEntries(Object.entries(each).sort(([a], [b]) => (a < b ? -1 : 1)))
      : each,
  );
}
