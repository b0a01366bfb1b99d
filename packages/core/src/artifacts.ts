/** Any artifact of @fer, by its path: which kind it is, whether it is as it was written, and whether its owner wants it so. */
import { existsSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { changeInPlace, type Damage, filesBelow, Manifest, MANIFEST } from "./artifact/index.js";
import { OptionsError } from "./errors.js";
import { recountImageFolder } from "./image-folder/recount.js";
import { RUN_FILES } from "./run/run-files.js";
import { seedFolder, SEEDS_FILE, seedsAmong } from "./run/seeds.js";
import { manifestName } from "./set/set-files.js";

/** The three artifacts of @fer, and a folder of runs that differ in their seed. */
export type ArtifactKind = "image-folder" | "set" | "run" | "seeds";

/** Where an artifact is. */
export interface ArtifactPlace {
  kind: ArtifactKind;
  /** As it was named. */
  path: string;
  /** Folder of its files. */
  folder: string;
  /** What its files begin with; `null` where it is the folder. */
  name: string | null;
}

/**
 * Finds the artifact at a path; a set is named as `<folder>/<name>`, with or without `.json`.
 *
 * @throws OptionsError `NO_ARTIFACT`; FormatError `DAMAGED` where its manifest is.
 */
export async function artifactAt(path: string): Promise<ArtifactPlace> {
  const whole = { path, folder: path, name: null };
  const written = (await Manifest.read(path))?.artifact;
  if (written === "image-folder" || existsSync(join(path, "dataset.json"))) return { ...whole, kind: "image-folder" };
  if (written === "run" || existsSync(join(path, RUN_FILES.config))) return { ...whole, kind: "run" };
  if (existsSync(join(path, SEEDS_FILE)) || (await seedFolders(path)).length > 0) return { ...whole, kind: "seeds" };
  const set = path.replace(/\.json$/, "");
  const [folder, name] = [dirname(set), basename(set)];
  const isDescribed = existsSync(`${set}.json`) && !(await isOfModel(`${set}.json`));
  if (isDescribed || existsSync(join(folder, manifestName(name)))) return { kind: "set", path, folder, name };
  throw new OptionsError({
    code: "NO_ARTIFACT",
    subject: path,
    found: existsSync(path) ? "it is not an image folder, a set or a run" : "no such file or folder",
    expected: "what fer extract, fer assemble or fer train wrote",
    fix: "Name a set as <folder>/<name>",
  });
}

/** Whether Keras or TensorFlow.js wrote a `.json`, beside its weights. */
async function isOfModel(file: string): Promise<boolean> {
  try {
    const found: unknown = JSON.parse(await readFile(file, "utf8"));
    return typeof found === "object" && found !== null && ("class_name" in found || "modelTopology" in found);
  } catch {
    return false;
  }
}

/**
 * Every file of an artifact that is not as it was written; reads all of them but the pictures of an image folder, which
 * `inspect` of @fer/dataset-extractors decodes. `null` where an early version wrote no hashes.
 *
 * @throws FormatError `DAMAGED` where a manifest is.
 * @example
 * ```ts
 * import { artifactAt, artifactDamages } from "@fer/core";
 *
 * console.log(await artifactDamages(await artifactAt("features/mix"))); // []
 * ```
 */
export async function artifactDamages(place: ArtifactPlace, signal?: AbortSignal): Promise<Damage[] | null> {
  const manifests = await manifestsOf(place);
  if (manifests.length === 0) return null;
  const damages: Damage[] = [];
  for (const { prefix, manifest } of manifests)
    for (const damage of await manifest.damages(undefined, signal))
      damages.push({ ...damage, file: `${prefix}${damage.file}` });
  return damages;
}

/**
 * Takes what has changed since an artifact was written for what its owner wants: readers no longer refuse it, and
 * artifacts that are made of it know that it is another one.
 *
 * @returns what was accepted
 * @throws OptionsError `BUSY`; FormatError `DAMAGED` where a manifest is.
 */
export async function acceptDamages(place: ArtifactPlace, signal?: AbortSignal): Promise<Damage[]> {
  const { folder, name, kind } = place;
  const target = { subject: "accept", to: folder, signal, ...(name === null ? {} : { name }) };
  return changeInPlace(target, async () => {
    const accepted: Damage[] = [];
    for (const { prefix, manifest } of await manifestsOf(place)) {
      const damages = await manifest.damages(undefined, signal);
      if (damages.length === 0) continue;
      const changed = damages.filter((damage) => damage.kind !== "missing").map(({ file }) => file);
      const removed = damages.filter((damage) => damage.kind === "missing").map(({ file }) => file);
      const isRecounted = kind === "image-folder" && (await recountImageFolder(folder, changed));
      const also = isRecounted ? ["dataset.json"] : [];
      await manifest.update({ changed: [...new Set([...changed, ...also])], removed, accepted: changed });
      for (const damage of damages) accepted.push({ ...damage, file: `${prefix}${damage.file}` });
    }
    return accepted;
  });
}

/** Names of the runs in a folder of seeds. */
const seedFolders = async (folder: string): Promise<string[]> =>
  seedsAmong(await readdir(folder).catch(() => [])).map(seedFolder);

/** The manifest of an artifact; a run of folds has one in each fold too, a folder of seeds those of its runs. */
async function manifestsOf({ kind, folder, name }: ArtifactPlace): Promise<{ prefix: string; manifest: Manifest }[]> {
  if (kind === "seeds") {
    const found = [];
    for (const seed of await seedFolders(folder)) {
      const own = await manifestsOf({ kind: "run", path: seed, folder: join(folder, seed), name: null });
      for (const { prefix, manifest } of own) found.push({ prefix: `${seed}/${prefix}`, manifest });
    }
    return found;
  }
  const own = await Manifest.read(folder, name === null ? MANIFEST : manifestName(name));
  const found = own === null ? [] : [{ prefix: "", manifest: own }];
  if (kind !== "run") return found;
  const folds = [...new Set((await filesBelow(folder)).flatMap((file) => /^(fold-\d+)\//.exec(file)?.[1] ?? []))];
  for (const fold of folds) {
    const manifest = await Manifest.read(join(folder, fold));
    if (manifest !== null) found.push({ prefix: `${fold}/`, manifest });
  }
  return found;
}
