/**
 * Writes a tar archive (POSIX ustar) file by file, with the same bytes for the same files: no times, no owners.
 *
 *     512 bytes of header, the file, zeros up to a multiple of 512; two blocks of zeros at the end
 */
import { type FileHandle, open } from "node:fs/promises";
import { writeAll } from "../npy/write-all.js";

const BLOCK = 512;
/** Bytes that are collected before they are written. */
const BUFFER = 1 << 20;

/** See {@link TarWriter.create}. */
export class TarWriter {
  readonly #file: FileHandle;
  #waiting: Uint8Array[] = [];
  #length = 0;

  private constructor(file: FileHandle) {
    this.#file = file;
  }

  /** Creates `path`, replacing it. */
  static async create(path: string): Promise<TarWriter> {
    return new TarWriter(await open(path, "w"));
  }

  /** Appends a file. @param name at most 100 ASCII characters */
  async add(name: string, bytes: Uint8Array): Promise<void> {
    await this.#write(header(name, bytes.length));
    await this.#write(bytes);
    await this.#write(new Uint8Array((BLOCK - (bytes.length % BLOCK)) % BLOCK));
  }

  /** Ends the archive, syncs it to disk and closes it. */
  async finish(): Promise<void> {
    try {
      await this.#write(new Uint8Array(2 * BLOCK));
      await this.#flush();
      await this.#file.sync();
    } finally {
      await this.#file.close();
    }
  }

  /** Closes the file as it is: for an export that failed. */
  async abort(): Promise<void> {
    await this.#file.close();
  }

  async #write(bytes: Uint8Array): Promise<void> {
    this.#waiting.push(bytes);
    this.#length += bytes.length;
    if (this.#length >= BUFFER) await this.#flush();
  }

  async #flush(): Promise<void> {
    await writeAll(this.#file, Buffer.concat(this.#waiting));
    this.#waiting = [];
    this.#length = 0;
  }
}

function header(name: string, size: number): Buffer {
  const block = Buffer.alloc(BLOCK);
  const octal = (value: number, { at, digits }: { at: number; digits: number }): void => {
    block.write(`${value.toString(8).padStart(digits, "0")}\0`, at, "latin1");
  };
  block.write(name, 0, "latin1");
  octal(0o644, { at: 100, digits: 7 });
  octal(0, { at: 108, digits: 7 });
  octal(0, { at: 116, digits: 7 });
  octal(size, { at: 124, digits: 11 });
  octal(0, { at: 136, digits: 11 });
  block.fill(" ", 148, 156);
  block.write("0ustar\u000000", 156, "latin1");
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148, "latin1");
  return block;
}
