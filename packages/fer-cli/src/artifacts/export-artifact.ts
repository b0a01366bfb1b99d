/** `fer export` of each artifact. Image folders become Parquet; sets and runs are in formats of others already. */
import type { TaskHooks } from "@fer/core";
import { type ExportOptions, exportParquet } from "@fer/dataset-extractors";
import { OptionsError } from "@fer/core/errors";
import type { CommandResult } from "../command.js";
import { table } from "../output/table.js";
import type { ArtifactKind } from "./artifact.js";

type Export = (path: string, options: ExportOptions, hooks: TaskHooks) => Promise<CommandResult>;

export const exporters: Readonly<Record<ArtifactKind, Export>> = {
  async "image-folder"(path, options, hooks) {
    const result = await exportParquet(path, options, hooks);
    return { text: table(["split", "rows"], Object.entries(result.rows)), json: result };
  },
  set: (path, { format }) =>
    refuse(path, format, "a set", "Export its image folders; NumPy reads the .npy files of a set as they are"),
  run: (path, { format }) =>
    refuse(path, format, "a run", "Keras loads the .h5 files of a run as they are; fer report draws it"),
};

function refuse(path: string, format: string, found: string, fix: string): Promise<never> {
  const parts = { code: "NOT_EXPORTABLE", subject: path, found, expected: `an image folder, for ${format}`, fix };
  return Promise.reject(new OptionsError(parts));
}
