/**
 * Bytes that are written one after another and read anywhere: in memory while they are few, then in a file of the
 * system's temporary folder, which nobody else sees and which goes with the process. Memory stays flat, however many.
 */
import { closeSync, mkdtempSync, openSync, readSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { FormatError, systemRefusal } from "../errors.js";

/** Bytes that are kept in memory before there is a file. */
const HELD = 1 << 25;
/** Bytes that are written to the file at once. */
const BLOCK = 1 << 20;

/**
 * See the head of the file.
 *
 * @example
 * ```ts
 * import { ByteStore } from "@fer/core";
 *
 * const store = new ByteStore();
 * const at = store.append(Uint8Array.of(1, 2, 3));
 * const back = new Uint8Array(2);
 * store.read(at + 1, back);
 * console.log(back); // Uint8Array(2) [ 2, 3 ]
 * store.close();
 * ```
 */
export class ByteStore {
  readonly #held: number;
  /** What is not in the file. */
  #blocks: Uint8Array[] = [];
  /** Bytes in the file. */
  #filed = 0;
  #length = 0;
  #file: number | null = null;

  /** @param held bytes to keep in memory before there is a file */
  constructor({ held = HELD }: { held?: number } = {}) {
    this.#held = held;
  }

  /** Bytes that were appended. */
  get length(): number {
    return this.#length;
  }

  /** Appends bytes (a copy); returns where they begin. @throws FormatError where the temporary folder is full */
  append(bytes: Uint8Array): number {
    const at = this.#length;
    for (let done = 0; done < bytes.length;) {
      const used = (this.#length - this.#filed) % BLOCK;
      if (used === 0) {
        if (this.#blocks.length > 0 && this.#length >= this.#held) this.#spill();
        this.#blocks.push(new Uint8Array(BLOCK));
      }
      const part = bytes.subarray(done, done + BLOCK - used);
      this.#blocks.at(-1)!.set(part, used);
      this.#length += part.length;
      done += part.length;
    }
    return at;
  }

  /** Fills `into` with the bytes from `at` on, which are there. */
  read(at: number, into: Uint8Array): void {
    for (let done = 0; done < into.length;) {
      const from = at + done;
      if (from < this.#filed) {
        const wanted = Math.min(into.length - done, this.#filed - from);
        const found = readSync(this.#file!, into, done, wanted, from);
        if (found === 0) throw gone(`it ends at byte ${from} of ${this.#filed}`);
        done += found;
        continue;
      }
      const block = Math.floor((from - this.#filed) / BLOCK);
      const offset = (from - this.#filed) % BLOCK;
      const part = this.#blocks[block]!.subarray(offset, offset + into.length - done);
      into.set(part, done);
      done += part.length;
    }
  }

  /** Gives memory and file back; nothing can be read any more. */
  close(): void {
    if (this.#file !== null) closeSync(this.#file);
    this.#file = null;
    this.#blocks = [];
  }

  /** Moves the blocks, which are full, to the file. */
  #spill(): void {
    try {
      this.#file ??= openHidden();
      for (const block of this.#blocks) {
        for (let done = 0; done < block.length;)
          done += writeSync(this.#file, block, done, block.length - done, this.#filed + done);
        this.#filed += block.length;
      }
    } catch (error) {
      const refusal = error instanceof Error ? systemRefusal(error) : null;
      if (refusal === null) throw error;
      throw gone(`${refusal.problem} (${refusal.code})`, error);
    }
    this.#blocks = [];
  }
}

/** A file that has no name any more: it goes when it is closed, or the process ends. */
function openHidden(): number {
  const folder = mkdtempSync(join(tmpdir(), "fer-bytes-"));
  try {
    return openSync(join(folder, "bytes"), "wx+", 0o600);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const gone = (found: string, cause?: unknown): FormatError =>
  new FormatError({
    code: "NO_SPACE",
    subject: `the temporary folder ${tmpdir()}`,
    found,
    expected: "space for what does not fit into memory",
    fix: "Free some space, or name another folder in the variable TMPDIR",
    cause,
  });
