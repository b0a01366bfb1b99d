/** The folder that an archive is unpacked into: names are checked, no place is taken twice, and room is limited. */
import { open, writeFile } from "node:fs/promises";
import path from "node:path";
import { FormatError, makeFolder, type TaskHooks } from "@fer/core";

/** Bytes that may still come out of an archive, and those within it, before it counts as a bomb. */
export interface Budget {
  left: number;
  /** How many times as large as the archive its content may be, for messages. */
  ratio: number;
}

const ONE_IS_LOST =
  "Give each file a name of its own: whatever unpacks it would keep the last of them and lose the other";
/** Files up to this size (bytes) are written at once. */
const SMALL = 1 << 20;

/** See above. */
export class Place {
  readonly #archive: string;
  readonly #to: string;
  readonly #budget: Budget;
  readonly #hooks: TaskHooks;
  /** Names as file systems compare them that ignore case, and accents' spelling, to the names as written. */
  readonly #files = new Map<string, string>();
  readonly #folders = new Set<string>();
  readonly #made = new Map<string, Promise<void>>();
  #unread: number;
  #done = 0;

  /** @param archive name for messages */
  constructor(archive: string, { to, budget, hooks }: { to: string; budget: Budget; hooks: TaskHooks }) {
    this.#archive = archive;
    this.#to = to;
    this.#budget = budget;
    this.#hooks = hooks;
    // what lies between the entries of a tar, which no entry accounts for
    this.#unread = 2 * budget.left;
  }

  /** Counts bytes of a stream as they come, whatever they turn out to be. */
  read(bytes: number): void {
    this.#unread -= bytes;
    if (this.#unread < 0) throw this.#bomb();
  }

  /** Reserves a file's name and room; returns its absolute path. @throws FormatError */
  claim(name: string, size: number): string {
    const target = this.#inside(name);
    const key = keyOf(path.relative(this.#to, target));
    const before = this.#files.get(key);
    if (before === name) throw this.refused(`the entry "${name}" comes twice`, ONE_IS_LOST);
    if (before !== undefined) {
      throw this.refused(
        `the entries "${before}" and "${name}" are one file where names are compared without regard to case or the spelling of accents`,
        ONE_IS_LOST,
      );
    }
    if (this.#folders.has(key)) throw this.refused(`"${name}" is a file and a folder`, ONE_IS_LOST);
    this.#files.set(key, name);
    this.#claimFolder(path.dirname(target));
    this.#budget.left -= size;
    if (this.#budget.left < 0) throw this.#bomb();
    return target;
  }

  /** Makes a folder and those above it. */
  async folder(name: string): Promise<void> {
    const target = this.#inside(name);
    this.#claimFolder(target);
    await this.#makeFolder(target);
  }

  /** Writes a file that has been claimed. */
  async write(target: string, chunks: AsyncIterable<Buffer>): Promise<void> {
    await this.#makeFolder(path.dirname(target));
    const parts: Buffer[] = [];
    let size = 0;
    let file: Awaited<ReturnType<typeof open>> | undefined;
    try {
      for await (const chunk of chunks) {
        parts.push(chunk);
        size += chunk.length;
        if (size < SMALL) continue;
        file ??= await open(target, "wx");
        for (const part of parts.splice(0)) await file.writeFile(part);
        size = 0;
      }
      if (file === undefined) await writeFile(target, Buffer.concat(parts), { flag: "wx" });
      else for (const part of parts) await file.writeFile(part);
    } finally {
      await file?.close();
    }
    this.#done += 1;
    this.#hooks.onProgress?.({ stage: "unpack", done: this.#done, total: null, unit: "files" });
  }

  refused(found: string, fix = "If you trust it, unpack it yourself and pass the folder"): FormatError {
    return new FormatError({
      code: "ARCHIVE_REFUSED",
      subject: this.#archive,
      found,
      expected: "an archive of plain files and folders",
      fix,
    });
  }

  #bomb(): FormatError {
    return this.refused(`its content is more than ${this.#budget.ratio} times as large as itself`);
  }

  /** The place of an entry, which must lie below the folder. */
  #inside(name: string): string {
    const target = path.join(this.#to, name.replaceAll("\\", "/"));
    const steps = path.relative(this.#to, target).split(path.sep);
    if (path.isAbsolute(name) || /^[a-z]:/i.test(name) || steps[0] === "..") {
      throw this.refused(`the entry "${name}" leads out of it`);
    }
    return target;
  }

  #claimFolder(folder: string): void {
    for (let at = folder; at.length > this.#to.length; at = path.dirname(at)) {
      const key = keyOf(path.relative(this.#to, at));
      if (this.#folders.has(key)) return;
      const file = this.#files.get(key);
      if (file !== undefined) throw this.refused(`"${file}" is a file and a folder`, ONE_IS_LOST);
      this.#folders.add(key);
    }
  }

  #makeFolder(folder: string): Promise<void> {
    const made = this.#made.get(folder) ?? makeFolder(folder);
    this.#made.set(folder, made);
    return made;
  }
}

const keyOf = (name: string): string => name.normalize("NFC").toLowerCase();
