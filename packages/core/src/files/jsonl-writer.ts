/** Writes a `.jsonl` file line by line, buffered; errors of the disk come out of the call that met them. */
import { type FileHandle, open } from "node:fs/promises";

const BUFFER_CHARACTERS = 1 << 18;

/** See {@link JsonlWriter.create}. */
export class JsonlWriter {
  readonly #file: FileHandle;
  #buffer: string[] = [];
  #length = 0;

  private constructor(file: FileHandle) {
    this.#file = file;
  }

  /** Creates `path`, replacing it. */
  static async create(path: string): Promise<JsonlWriter> {
    return new JsonlWriter(await open(path, "w"));
  }

  /** Appends a row; its keys are written in their order. */
  async write(row: object): Promise<void> {
    const line = `${JSON.stringify(row)}\n`;
    this.#buffer.push(line);
    this.#length += line.length;
    if (this.#length >= BUFFER_CHARACTERS) await this.#flush();
  }

  /** Writes what is left, syncs the file to disk and closes it. */
  async finish(): Promise<void> {
    try {
      await this.#flush();
      await this.#file.sync();
    } finally {
      await this.#file.close();
    }
  }

  /** Closes the file as it is: for a run that failed. */
  async abort(): Promise<void> {
    await this.#file.close();
  }

  async #flush(): Promise<void> {
    const text = this.#buffer.join("");
    this.#buffer = [];
    this.#length = 0;
    await this.#file.appendFile(text);
  }
}
