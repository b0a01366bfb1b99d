/**
 * Writes the files of a set into `.<name>.partial-<pid>` beside their place, and moves them there when all are
 * complete, `<name>.json` last. A run that is killed at any moment leaves no `<name>.json` beside arrays it does not
 * describe, and the next run removes what it left.
 */
import { access, readdir, rename, rm, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { FormatError, JsonlWriter, type NpyDtype } from "@fer/core";
import { makeFolder } from "@fer/core";
import { NpyImageWriter } from "./npy/image-writer.js";
import { writeOneHotLabels } from "./npy/labels.js";
import { setFingerprint, type Part, PARTS, type SampleRow, type SetInfo, infoFile, partFiles } from "@fer/core/set";

/** A part that is being written. */
interface OpenPart {
  images: NpyImageWriter;
  rows: JsonlWriter;
  labels: Uint8Array;
  written: number;
}

/** What the writer must know before the first sample. */
export interface SetLayout {
  folder: string;
  name: string;
  /** Samples of each part. */
  counts: ReadonlyMap<Part, number>;
  /** `[size, size, channels]`. */
  shape: readonly [number, number, number];
  dtype: NpyDtype;
  classes: number;
}

/** Streams samples into the parts of a set; see {@link SetWriter.create}. */
export class SetWriter {
  readonly #layout: SetLayout;
  readonly #partial: string;
  readonly #parts = new Map<Part, OpenPart>();

  private constructor(layout: SetLayout) {
    this.#layout = layout;
    this.#partial = join(layout.folder, partialName(layout.name, process.pid));
  }

  /** Creates the folders and files. */
  static async create(layout: SetLayout): Promise<SetWriter> {
    const writer = new SetWriter(layout);
    await makeFolder(writer.#partial);
    try {
      for (const [part, count] of layout.counts) {
        const files = partFiles(writer.#partial, layout.name, part);
        const images = await NpyImageWriter.create(files.images, layout.dtype, [count, ...layout.shape]);
        const rows = await JsonlWriter.create(files.rows);
        writer.#parts.set(part, { images, rows, labels: new Uint8Array(count), written: 0 });
      }
    } catch (error) {
      await writer.abort();
      throw error;
    }
    return writer;
  }

  /** Appends a sample to each of its parts. */
  async write(parts: readonly Part[], image: Uint8Array, label: number, row: SampleRow): Promise<void> {
    for (const name of parts) {
      const part = this.#parts.get(name)!;
      part.labels[part.written] = label;
      part.written += 1;
      await part.images.write(image);
      const { id, group, source, pixel_hash } = row;
      await part.rows.write({ id, group, source, pixel_hash });
    }
  }

  /** Closes all files, writes `<name>.json` with the fingerprint, and moves everything to its place. */
  async commit(info: Omit<SetInfo, "fingerprint">): Promise<void> {
    const { folder, name, classes } = this.#layout;
    for (const [part, { images, rows, labels }] of this.#parts) {
      await images.finish();
      await rows.finish();
      await writeOneHotLabels(partFiles(this.#partial, name, part).labels, labels, classes);
    }
    const parts = [...this.#parts.keys()];
    const fingerprint = await setFingerprint(this.#partial, name, parts);
    await writeFile(infoFile(this.#partial, name), `${JSON.stringify({ ...info, fingerprint }, null, 2)}\n`);
    await removeSet(folder, name);
    for (const part of parts) {
      for (const file of Object.values(partFiles(this.#partial, name, part)))
        await rename(file, join(folder, basename(file)));
    }
    await rename(infoFile(this.#partial, name), infoFile(folder, name));
    await rm(this.#partial, { recursive: true });
  }

  /** Closes all files and removes them: for a run that failed or was stopped. */
  async abort(): Promise<void> {
    for (const { images, rows } of this.#parts.values()) {
      await images.abort().catch(() => {});
      await rows.abort().catch(() => {});
    }
    await rm(this.#partial, { recursive: true, force: true });
  }
}

/** Removes what killed runs of this set have left. */
export async function removeLeftovers(folder: string, name: string): Promise<void> {
  const entries = await readdir(folder).catch(() => [] as string[]);
  const stale = entries.filter((entry) => entry.startsWith(`.${name}.partial-`) && isStale(entry));
  if (stale.length === 0) return;
  // Killed while files were moved: the arrays without a json are ours, and only we know.
  const interrupted = !(await exists(infoFile(folder, name)));
  if (interrupted) await removeSet(folder, name);
  for (const entry of stale) await rm(join(folder, entry), { recursive: true, force: true });
}

/** Refuses to write over arrays that no json of ours describes. */
export async function refuseForeignFiles(folder: string, name: string): Promise<void> {
  for (const part of PARTS) {
    for (const file of Object.values(partFiles(folder, name, part))) {
      if (!(await exists(file))) continue;
      throw new FormatError({
        code: "FOREIGN_FILES",
        subject: file,
        found: `the file is there, but no ${name}.json that describes it`,
        expected: "no file of that name, or a whole set",
        fix: "Choose another name, or set overwrite (--overwrite) to replace it",
      });
    }
  }
}

/** Removes the files of a set, its json first. */
async function removeSet(folder: string, name: string): Promise<void> {
  await rm(infoFile(folder, name), { force: true });
  for (const part of PARTS) {
    for (const file of Object.values(partFiles(folder, name, part))) await rm(file, { force: true });
  }
}

function partialName(name: string, pid: number): string {
  return `.${name}.partial-${pid}`;
}

/** Whether the process that wrote a partial folder is gone. */
function isStale(entry: string): boolean {
  const pid = Number(entry.slice(entry.lastIndexOf("-") + 1));
  if (!Number.isInteger(pid) || pid <= 0 || pid === process.pid) return true;
  try {
    process.kill(pid, 0);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "ESRCH";
  }
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
