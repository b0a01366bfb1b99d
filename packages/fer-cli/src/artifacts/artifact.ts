/** What a path holds: an image folder, a set or a run. Commands that take any of them dispatch on the kind. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { OptionsError } from "@fer/core/errors";

/** The three artifacts of @fer. */
export type ArtifactKind = "image-folder" | "set" | "run";

/** The kind of artifact at a path; a set is named as `<folder>/<name>`. */
export function artifactKind(path: string): ArtifactKind {
  if (existsSync(join(path, "dataset.json"))) return "image-folder";
  if (existsSync(join(path, "config.json"))) return "run";
  if (existsSync(`${path.replace(/\.json$/, "")}.json`)) return "set";
  throw new OptionsError({
    code: "NO_ARTIFACT",
    subject: path,
    found: existsSync(path) ? "neither an image folder, nor a set, nor a run" : "no such file or folder",
    expected: "what fer extract, fer assemble or fer train wrote",
    fix: "A set is named without .json, as <folder>/<name>",
  });
}
