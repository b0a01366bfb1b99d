/**
 * A finished run on disk. Opening it looks at the presence and size of every file that its manifest names; reading a
 * file compares its content. Runs of versions that wrote no manifest are read as they are.
 */
import { readdir, readFile, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { z } from "zod";
import { canonicalJson, type Damage, damaged, Manifest, MANIFEST } from "../artifact/index.js";
import { type FerErrorParts, FormatError } from "../errors.js";
import { parseHistory } from "./history-file.js";
import { foldFolder, foldNumbers, parseJson, RUN_FILES } from "./run-files.js";
import { type HistoryRow, Metrics, RunConfig } from "./schema.js";
import { seedFolder, seedsAmong } from "./seeds.js";

export interface OpenRunFolderOptions {
  /** Files that may be missing or damaged, since they are about to be written anew. */
  except?: (file: string) => boolean;
  /** Its manifest is not written yet. */
  isUnsealed?: boolean;
}

/** Reads the files of a run; get it by {@link RunFolder.open}. */
export class RunFolder {
  readonly folder: string;
  readonly config: RunConfig;
  /** `null` for a run of a version that wrote none. */
  readonly manifest: Manifest | null;

  private constructor({ folder, config, manifest }: Pick<RunFolder, "folder" | "config" | "manifest">) {
    this.folder = folder;
    this.config = config;
    this.manifest = manifest;
  }

  /**
   * Opens a run, and the runs of its folds.
   *
   * @throws FormatError `NO_RUN` where there is none, `DAMAGED` where a file is missing or not as it was written,
   * `BAD_RUN` where one cannot be understood.
   */
  static async open(folder: string, options: OpenRunFolderOptions = {}): Promise<RunFolder> {
    const { except = () => false, isUnsealed = false } = options;
    const manifest = isUnsealed ? null : await Manifest.read(folder);
    if (manifest !== null && manifest.artifact !== "run")
      throw noRun({ subject: folder, found: `it is another artifact (${manifest.artifact.replace("-", " ")})` });
    const path = join(folder, RUN_FILES.config);
    const bytes =
      manifest === null
        ? await readFile(path).catch(async (cause: NodeJS.ErrnoException) => {
            if (cause.code === "ENOTDIR") throw await fileForRun(folder, cause);
            throw cause.code === "ENOENT" ? await missingConfig(folder, cause) : cause;
          })
        : await manifest.readFile(RUN_FILES.config);
    const config = parseJson(bytes, { path, schema: RunConfig });
    if (manifest === null) {
      if (config.manifest === true && !isUnsealed)
        throw damaged({ path: join(folder, MANIFEST), found: "it is missing" });
      return new RunFolder({ folder, config, manifest });
    }
    const [damage] = await manifest.missing(manifest.files.filter((file) => !except(file)));
    if (damage !== undefined) throw damagedFile(folder, damage);
    const run = new RunFolder({ folder, config, manifest });
    for (const fold of run.folds) await run.openFold(fold);
    return run;
  }

  /** Folders of its folds; none where it is a run of its own, or a fold. */
  get folds(): string[] {
    return foldNumbers(this.config).map(foldFolder);
  }

  /** Opens the run of a fold. @throws FormatError as {@link RunFolder.open}, or where it is the fold of another run. */
  async openFold(name: string): Promise<RunFolder> {
    const fold = await RunFolder.open(join(this.folder, name));
    if (this.manifest === null) return fold;
    const { fold: which, ...own } = fold.manifest?.identity ?? {};
    const { fold: _, ...wanted } = this.manifest.identity;
    const isOurs =
      canonicalJson(own) === canonicalJson(wanted) && canonicalJson(which) === canonicalJson(fold.config.fold);
    if (isOurs && foldFolder(fold.config.fold?.index ?? 0) === name) return fold;
    throw damaged({ path: fold.folder, found: "it is not this fold of this run" });
  }

  /** Bytes of a file, `null` where the run has none of that name. @throws FormatError `DAMAGED` */
  async bytes(file: string): Promise<Buffer | null> {
    if (this.manifest?.holds(file) === true) return this.manifest.readFile(file);
    const path = join(this.folder, file);
    if ((await stat(path).catch(() => null)) === null) return null;
    if (this.manifest !== null) throw unlisted(path);
    return readFile(path);
  }

  /** A JSON file, `null` where the run has none of that name. @throws FormatError */
  async json<S extends z.ZodType>(file: string, schema: S): Promise<z.infer<S> | null> {
    const bytes = await this.bytes(file);
    return bytes === null ? null : parseJson(bytes, { path: join(this.folder, file), schema });
  }

  /** One row an epoch; none for a run of folds. @throws FormatError */
  async history(): Promise<HistoryRow[]> {
    const bytes = await this.bytes(RUN_FILES.historyLines);
    return bytes === null ? [] : parseHistory(bytes.toString("utf8"), join(this.folder, RUN_FILES.historyLines));
  }

  /** Every later evaluation, by the name of its file in `evaluations/`, sorted. @throws FormatError */
  async evaluations(): Promise<{ file: string; metrics: Metrics }[]> {
    const names = await readdir(join(this.folder, RUN_FILES.evaluations)).catch(() => [] as string[]);
    const known = this.manifest?.files.filter((file) => file.startsWith(`${RUN_FILES.evaluations}/`)) ?? [];
    const files = names.filter((name) => name.endsWith(".json")).map((name) => `${RUN_FILES.evaluations}/${name}`);
    const all = [...new Set([...files, ...known])].sort();
    return Promise.all(
      all.map(async (file) => ({
        file: file.slice(RUN_FILES.evaluations.length + 1),
        metrics: (await this.json(file, Metrics))!,
      })),
    );
  }

  /** Compares files with what was written, before another reader takes them. @throws FormatError `DAMAGED` */
  async verify(files: readonly string[]): Promise<void> {
    for (const file of files) {
      if (this.manifest !== null && !this.manifest.holds(file)) throw unlisted(join(this.folder, file));
    }
    await this.manifest?.verify(files);
  }

  /**
   * Writes files anew or adds some, and takes down their hashes. Meanwhile the manifest does not name them, so that an
   * interruption leaves no file that passes for another. Call it in `changeInPlace`.
   *
   * @param isReplaced The files that make room.
   * @param write Writes them; returns their paths, relative to the run.
   */
  async change(isReplaced: (file: string) => boolean, write: () => Promise<readonly string[]>): Promise<void> {
    const without = await this.manifest?.update({ removed: this.manifest.files.filter(isReplaced) });
    const changed = await write();
    await without?.update({ changed });
  }

  /** Every file that is not as it was written, those of folds included: reads all of them. */
  async damages(signal?: AbortSignal): Promise<Damage[]> {
    const found = (await this.manifest?.damages(undefined, signal)) ?? [];
    for (const name of this.folds) {
      const fold = await this.openFold(name);
      for (const damage of await fold.damages(signal)) found.push({ ...damage, file: `${name}/${damage.file}` });
    }
    return found;
  }
}

/** What `fer report` draws. */
export const isReportFile = (file: string): boolean =>
  file === RUN_FILES.report || file.startsWith(`${RUN_FILES.charts}/`);

function damagedFile(folder: string, { file, found }: Damage): FormatError {
  const path = join(folder, file);
  if (!isReportFile(file)) return damaged({ path, found });
  return new FormatError({
    code: "DAMAGED",
    subject: path,
    found,
    expected: "the file as it was written",
    fix: "Draw it again with fer report <run> (writeReport)",
  });
}

const noRun = (parts: Pick<FerErrorParts, "subject" | "found" | "fix" | "cause">): FormatError =>
  new FormatError({
    code: "NO_RUN",
    expected: "the folder of a finished run",
    fix: "Pass the folder that training wrote; where a training was interrupted, run the same training again first",
    ...parts,
  });

async function missingConfig(folder: string, cause: unknown): Promise<FormatError> {
  const entries = await readdir(folder).catch(() => null);
  const [seed] = seedsAmong(entries ?? []);
  if (seed !== undefined)
    return noRun({
      subject: folder,
      found: "it holds runs of several seeds",
      fix: `Pass one of them, such as ${join(folder, seedFolder(seed))}`,
      cause,
    });
  if (entries !== null) return noRun({ subject: join(folder, RUN_FILES.config), found: "no such file", cause });
  const isSet = (await stat(`${folder}.json`).catch(() => null)) !== null;
  return noRun({ subject: folder, found: isSet ? "it is a set" : "no such file or folder", cause });
}

/** A file where the folder of a run is due: most often the weights of a run, or a network from elsewhere. */
async function fileForRun(file: string, cause: unknown): Promise<FormatError> {
  const folder = dirname(file);
  const isNetwork = /\.(h5|hdf5|keras|onnx|pb|tflite)$/i.test(file);
  const isOfRun = (await stat(join(folder, RUN_FILES.config)).catch(() => null)) !== null;
  return new FormatError({
    code: "NO_RUN",
    subject: file,
    found: isNetwork ? "the file of a network, which does not say what its outputs mean" : "it is a file",
    expected: "the folder of a finished run",
    fix: isOfRun
      ? `Pass ${folder}`
      : isNetwork
        ? "Open it in code with loadKerasModel of @fer/model, and train it further into a run (fit takes it as model)"
        : "Pass the folder that training wrote",
    cause,
  });
}

const unlisted = (path: string): FormatError =>
  new FormatError({
    code: "DAMAGED",
    subject: path,
    found: "the manifest of the run does not name it: writing it was interrupted, or it was put there by hand",
    expected: "files that training, evaluation or report have written",
    fix: "Remove it, or repeat the command that writes it",
  });
