/**
 * Writes a `.npy` file of images row by row, so that a set never has to fit in memory (npyjs holds whole arrays).
 * The count is known before the first row; a file with another number of rows is not finished. The bytes are hashed on the
 * way, since reading gigabytes again for it takes as long as the disk does.
 *
 *     [n, height, width, channels] C order, uint8 or float32, raw 0..255
 */
import { createHash } from "node:crypto";
import { type FileHandle, open } from "node:fs/promises";
import { FormatError, encodeNpyHeader } from "@fer/core";
import type { FileEntry } from "@fer/core/artifact";
import { writeAll } from "./write-all.js";

/** Number types of images. */
export type ImageDtype = "uint8" | "float32";

/** Rows are collected up to about this many bytes before they are written. */
const BUFFER_BYTES = 1 << 20;

/** Bytes after which the disk is asked for what was written, while more is made: little is left to wait for at the end. */
const SYNC_BYTES = 1 << 23;

/** What an array of images is. */
interface ImageArray {
  dtype: ImageDtype;
  /** `[n, height, width, channels]` */
  shape: readonly number[];
}

/** A streaming writer; see {@link NpyImageWriter.create}. */
export class NpyImageWriter {
  readonly #file: FileHandle;
  readonly #path: string;
  readonly #count: number;
  readonly #rowLength: number;
  readonly #dtype: ImageDtype;
  readonly #buffer: Uint8Array;
  readonly #hash = createHash("sha256");
  #bytes = 0;
  #used = 0;
  #rows = 0;
  #unsynced = 0;
  #syncing: Promise<void> | null = null;
  #failure: unknown = null;

  private constructor(file: FileHandle, { path, dtype, shape }: ImageArray & { path: string }) {
    this.#file = file;
    this.#path = path;
    this.#dtype = dtype;
    this.#count = shape[0]!;
    this.#rowLength = shape.slice(1).reduce((a, b) => a * b, 1);
    const rowBytes = this.#rowLength * (dtype === "uint8" ? 1 : 4);
    this.#buffer = new Uint8Array(Math.max(1, Math.floor(BUFFER_BYTES / rowBytes)) * rowBytes);
  }

  /**
   * Creates `path` (replacing it) and writes the header.
   *
   * @example
   * ```ts
   * import { stat } from "node:fs/promises";
   * import { NpyImageWriter } from "@fer/split-assembler";
   *
   * const writer = await NpyImageWriter.create("images.npy", { dtype: "uint8", shape: [2, 48, 48, 1] });
   * await writer.write(new Uint8Array(2304));
   * await writer.write(new Uint8Array(2304).fill(255));
   * await writer.finish();
   * console.log((await stat("images.npy")).size); // 4736
   * ```
   */
  static async create(path: string, { dtype, shape }: ImageArray): Promise<NpyImageWriter> {
    const file = await open(path, "w");
    const writer = new NpyImageWriter(file, { path, dtype, shape });
    await writer.#append(encodeNpyHeader(dtype, shape));
    return writer;
  }

  /** Appends one image, `height * width * channels` numbers in 0..255. */
  async write(image: Uint8Array): Promise<void> {
    if (image.length !== this.#rowLength) {
      throw new FormatError({
        code: "BAD_ROW",
        subject: this.#path,
        found: `an image of ${image.length} numbers`,
        expected: `${this.#rowLength} numbers`,
      });
    }
    if (this.#dtype === "uint8") {
      this.#buffer.set(image, this.#used);
      this.#used += image.length;
    } else {
      new Float32Array(this.#buffer.buffer, this.#used, image.length).set(image);
      this.#used += image.length * 4;
    }
    this.#rows += 1;
    if (this.#used === this.#buffer.length) await this.#flush();
  }

  /** Writes what is left, syncs the file to disk and closes it. @throws FormatError when rows are missing */
  async finish(): Promise<FileEntry> {
    try {
      await this.#flush();
      await this.#syncing;
      if (this.#failure !== null) throw this.#failure;
      if (this.#rows !== this.#count) {
        throw new FormatError({
          code: "COUNT_MISMATCH",
          subject: this.#path,
          found: `${this.#rows} of ${this.#count} images were written`,
          expected: "as many as its header says",
        });
      }
      await this.#file.sync();
      return { bytes: this.#bytes, sha256: this.#hash.digest("hex") };
    } finally {
      await this.#file.close();
    }
  }

  /** Closes the file as it is: for a run that failed. */
  async abort(): Promise<void> {
    await this.#file.close();
  }

  async #append(bytes: Uint8Array): Promise<void> {
    this.#hash.update(bytes);
    this.#bytes += bytes.length;
    await writeAll(this.#file, bytes);
  }

  async #flush(): Promise<void> {
    await this.#append(this.#buffer.subarray(0, this.#used));
    this.#unsynced += this.#used;
    this.#used = 0;
    if (this.#unsynced < SYNC_BYTES || this.#syncing !== null) return;
    this.#unsynced = 0;
    // the system tells of an error once: it is kept for the end
    this.#syncing = this.#file
      .datasync()
      .catch((error: unknown) => {
        this.#failure ??= error;
      })
      .finally(() => {
        this.#syncing = null;
      });
  }
}
