/**
 * `manifest.json` (of a set: `<name>.manifest.json`): what an artifact was made of and the sha256 of its files, sealed
 * by a hash of itself. Whoever reads a file compares it; what changed after it was written is never used without a word.
 */
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { FormatError } from "../errors.js";
import { writeAtomic } from "../files/write-atomic.js";
import { canonicalJson, type Identity } from "./identity.js";

const FileEntry = z.strictObject({ bytes: z.number().int().min(0), sha256: z.string() });
/** Size and hash of a file. */
export type FileEntry = z.infer<typeof FileEntry>;

/** The file. */
export const ManifestSchema = z.strictObject({
  schema: z.literal(1),
  /** `image-folder`, `set`, `run` ... */
  artifact: z.string(),
  /** What decided the bytes. */
  identity: z.record(z.string(), z.unknown()),
  /** By path relative to the manifest, with forward slashes. */
  files: z.record(z.string(), FileEntry),
  /** Files that their owner changed on purpose, and accepted. */
  accepted: z.array(z.string()),
  /** sha256 over the rest. */
  seal: z.string(),
});
export type ManifestSchema = z.infer<typeof ManifestSchema>;

/** Name of the manifest of an artifact that is a folder. */
export const MANIFEST = "manifest.json";

/** Something that is not as it was written. */
export interface Damage {
  /** Path relative to the artifact. */
  file: string;
  kind: "missing" | "size" | "content";
  /** In words. */
  found: string;
}

/** A manifest on disk, with what an artifact asks of it. */
export class Manifest {
  /** Folder that the files are relative to. */
  readonly folder: string;
  /** Name of the manifest in it. */
  readonly name: string;
  private readonly content: ManifestSchema;

  private constructor(content: ManifestSchema, { folder, name }: { folder: string; name: string }) {
    this.content = content;
    this.folder = folder;
    this.name = name;
  }

  get identity(): Identity {
    return this.content.identity;
  }

  get artifact(): string {
    return this.content.artifact;
  }

  /** Files that it holds a hash of, sorted. */
  get files(): string[] {
    return Object.keys(this.content.files);
  }

  get accepted(): readonly string[] {
    return this.content.accepted;
  }

  /**
   * Reads the manifest of an artifact; `null` where there is none.
   *
   * @throws FormatError `DAMAGED` where it is not a manifest, or not the one that was written.
   */
  static async read(folder: string, name: string = MANIFEST): Promise<Manifest | null> {
    const path = join(folder, name);
    const text = await readFile(path, "utf8").catch((error: NodeJS.ErrnoException) => {
      if (error.code === "ENOENT" || error.code === "ENOTDIR") return null;
      throw error;
    });
    if (text === null) return null;
    let content: ManifestSchema;
    try {
      content = ManifestSchema.parse(JSON.parse(text));
    } catch (cause) {
      throw damaged({ path, found: text === "" ? "it is empty" : "it is not the manifest of an artifact", cause });
    }
    if (content.seal !== sealOf(content)) throw damaged({ path, found: CHANGED });
    return new Manifest(content, { folder, name });
  }

  /** Writes the manifest of files that are complete. `files` are hashed now, unless their hash is known already. */
  static async write(
    folder: string,
    { name = MANIFEST, artifact, identity, files, known = new Map(), accepted = [] }: WriteManifest,
  ): Promise<Manifest> {
    const entries: [string, FileEntry][] = [];
    for (const file of [...files].sort()) entries.push([file, known.get(file) ?? (await hashFile(join(folder, file)))]);
    const rest = {
      schema: 1 as const,
      artifact,
      identity,
      files: Object.fromEntries(entries),
      accepted: [...accepted],
    };
    const content = { ...rest, seal: sealOf(rest) };
    await writeAtomic(join(folder, name), `${JSON.stringify(content, null, 2)}\n`);
    return new Manifest(ManifestSchema.parse(JSON.parse(JSON.stringify(content))), { folder, name });
  }

  /** The manifest with other files: those of `changed` are hashed again, those of `removed` are left out. */
  async update({ changed = [], removed = [], accepted = [] }: ManifestChange): Promise<Manifest> {
    const kept = this.files.filter((file) => !changed.includes(file) && !removed.includes(file));
    return Manifest.write(this.folder, {
      name: this.name,
      artifact: this.artifact,
      identity: this.identity,
      files: [...kept, ...changed],
      known: new Map(kept.map((file) => [file, this.content.files[file]!])),
      accepted: [...new Set([...this.accepted, ...accepted])].sort(),
    });
  }

  /** Whether the file is one of those that it holds a hash of. */
  holds(file: string): boolean {
    return Object.hasOwn(this.content.files, file);
  }

  /** The hash that a file had when it was written. */
  sha256(file: string): string | undefined {
    return this.content.files[file]?.sha256;
  }

  /** Compares what was read of a file. @throws FormatError `DAMAGED` */
  check(file: string, bytes: Uint8Array): void {
    const entry = this.content.files[file];
    if (entry === undefined) return;
    const path = join(this.folder, file);
    if (bytes.length !== entry.bytes) throw damaged({ path, found: sizeWords(bytes.length, entry.bytes) });
    if (sha256Of(bytes) !== entry.sha256) throw damaged({ path, found: CHANGED });
  }

  /** Reads a file whole and compares it. @throws FormatError `DAMAGED` */
  async readFile(file: string): Promise<Buffer> {
    const path = join(this.folder, file);
    const bytes = await readFile(path).catch((cause: NodeJS.ErrnoException) => {
      throw cause.code === "ENOENT" ? damaged({ path, found: "it is missing", cause }) : cause;
    });
    this.check(file, bytes);
    return bytes;
  }

  /** Files that are missing or of another size: what can be seen without reading them. */
  async missing(files: readonly string[] = this.files): Promise<Damage[]> {
    const found = await Promise.all(
      files.map(async (file): Promise<Damage[]> => {
        const info = await stat(join(this.folder, file)).catch(() => null);
        if (info === null) return [{ file, kind: "missing", found: "it is missing" }];
        const { bytes } = this.content.files[file]!;
        return info.size === bytes ? [] : [{ file, kind: "size", found: sizeWords(info.size, bytes) }];
      }),
    );
    return found.flat();
  }

  /** Every file that is not as it was written; reads all of them. */
  async damages(files: readonly string[] = this.files, signal?: AbortSignal): Promise<Damage[]> {
    const found = await this.missing(files);
    const seen = new Set(found.map(({ file }) => file));
    for (const file of files.filter((each) => !seen.has(each))) {
      signal?.throwIfAborted();
      const { sha256 } = await hashFile(join(this.folder, file));
      if (sha256 !== this.sha256(file)) found.push({ file, kind: "content", found: CHANGED });
    }
    return found;
  }

  /** @throws FormatError `DAMAGED` for the first file that is missing, of another size or (with `read`) of other bytes. */
  async verify(files: readonly string[] = this.files, { read = true, signal }: VerifyOptions = {}): Promise<void> {
    const [first] = read ? await this.damages(files, signal) : await this.missing(files);
    if (first !== undefined) throw damaged({ path: join(this.folder, first.file), found: first.found });
  }
}

export interface VerifyOptions {
  /** Read the files and compare their hashes; else only sizes are looked at. */
  read?: boolean;
  signal?: AbortSignal | undefined;
}

export interface WriteManifest {
  name?: string;
  artifact: string;
  identity: Identity;
  files: readonly string[];
  /** Hashes that a writer has taken already. */
  known?: ReadonlyMap<string, FileEntry>;
  accepted?: readonly string[];
}

export interface ManifestChange {
  changed?: readonly string[];
  removed?: readonly string[];
  /** Of the changed files, those that the user changed. */
  accepted?: readonly string[];
}

/** Files below a folder, relative, sorted, without the manifest itself and hidden files. */
export async function filesBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) =>
      join(entry.parentPath, entry.name)
        .slice(folder.length + 1)
        .replaceAll("\\", "/"),
    )
    .filter((file) => file !== MANIFEST && !file.split("/").some((part) => part.startsWith(".")))
    .sort();
}

/** Size and sha256 of a file, streamed. */
export async function hashFile(path: string): Promise<FileEntry> {
  const hash = createHash("sha256");
  let bytes = 0;
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) {
    hash.update(chunk as Buffer);
    bytes += (chunk as Buffer).length;
  }
  return { bytes, sha256: hash.digest("hex") };
}

/** The error for a file that is not as it was written. */
export function damaged({ path, found, cause }: { path: string; found: string; cause?: unknown }): FormatError {
  return new FormatError({
    code: "DAMAGED",
    subject: path,
    found,
    expected: "the file as it was written",
    fix: "Restore it or make the artifact again; if you changed it on purpose, run fer inspect <artifact> --accept",
    cause,
  });
}

const CHANGED = "its content has changed since it was written";
const sizeWords = (found: number, wanted: number): string => `it has ${found} bytes instead of ${wanted}`;
const sha256Of = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");

function sealOf({ seal: _, ...rest }: Omit<ManifestSchema, "seal"> & { seal?: string }): string {
  return createHash("sha256").update(canonicalJson(rest)).digest("hex");
}
