/**
 * Where a run is made before it is whole: `<folder>.partial`. It holds the config of the training it belongs to; the
 * same training goes on in it, another one starts it over. When all is written it is renamed to `<folder>`.
 */
import { OptionsError } from "@fer/core";
import { makeFolder } from "@fer/core";
import { readFile, rename, rm, stat } from "node:fs/promises";
import { join, resolve } from "node:path";
import { RUN_FILES, toJson, writeJson, RunConfig } from "@fer/core/run";

/** An open work folder. */
export interface WorkFolder {
  /** What is in its `config.json`: of a training that goes on, that of its start. */
  config: RunConfig;
  /** Path to write to. */
  path: string;
  /** Renames it to what it was opened for. */
  finish(): Promise<void>;
}

/**
 * Opens the work folder of a run, or says that the run is there already.
 *
 * @returns `null` where `folder` is a finished run of the same config.
 * @throws {@link OptionsError} where `folder` is something else.
 */
export async function openWorkFolder(folder: string, config: RunConfig): Promise<WorkFolder | null> {
  const target = resolve(folder);
  const wanted = identity(config);
  if (await stat(target).catch(() => null)) {
    const found = await readConfig(target);
    if (found !== null && identity(found) === wanted) return null;
    throw new OptionsError({
      code: "RUN_EXISTS",
      subject: folder,
      found: found === null ? "a file or folder that is no run" : "a finished run of other options or other data",
      expected: "a name that is free, or the run of exactly this training",
      fix: "Choose another folder, or remove this one",
    });
  }
  const path = `${target}.partial`;
  const begun = await readConfig(path);
  const goesOn = begun !== null && identity(begun) === wanted;
  if (!goesOn) {
    await rm(path, { recursive: true, force: true });
    await makeFolder(path);
    await writeJson(path, RUN_FILES.config, config);
  }
  return { path, config: goesOn ? begun : config, finish: () => rename(path, target) };
}

/** What makes two trainings the same: all of the config but where its code was at. */
const identity = (config: RunConfig): string => toJson({ ...config, commit: null });

async function readConfig(folder: string): Promise<RunConfig | null> {
  try {
    return RunConfig.parse(JSON.parse(await readFile(join(folder, RUN_FILES.config), "utf8")));
  } catch {
    return null;
  }
}
