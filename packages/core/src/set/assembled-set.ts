/** An assembled set that has been opened and checked. */
import { OptionsError } from "../errors.js";
import { PartReader, type PartSource } from "./part-reader.js";
import { type Part, PARTS, type SetInfo } from "./schema.js";

/** A set on disk: its `<name>.json`, and a reader for each of its parts. */
export class AssembledSet {
  /** What `<name>.json` says. */
  readonly info: SetInfo;
  /** Folder of the files. */
  readonly folder: string;
  readonly name: string;
  /** Parts of this set in the order train, val, test, full. */
  readonly parts: readonly Part[];
  /** `true` where the assembler found this set already made from the same data and options, and left it alone. */
  readonly reused: boolean;
  readonly #readers: Map<Part, PartReader>;

  /** Use {@link openSet}. */
  constructor(folder: string, info: SetInfo, sources: readonly PartSource[], reused = false) {
    this.info = info;
    this.folder = folder;
    this.name = info.name;
    this.#readers = new Map(sources.map((source) => [source.part, new PartReader(source)]));
    this.parts = PARTS.filter((part) => this.#readers.has(part));
    this.reused = reused;
  }

  /** Whether the set has this part. */
  has(name: Part): boolean {
    return this.#readers.has(name);
  }

  /** Reader of a part. @throws OptionsError where the set has no such part */
  part(name: Part): PartReader {
    const reader = this.#readers.get(name);
    if (reader === undefined) {
      throw new OptionsError({
        code: "NO_SUCH_PART",
        subject: `set ${this.name}`,
        found: `no part "${name}"`,
        expected: `one of ${this.parts.join(", ")}`,
        fix:
          name === "val"
            ? "The trainer carves one out of train; or assemble with a val share"
            : "Assemble with a policy that writes it",
      });
    }
    return reader;
  }

  /** Closes all open files; a later read opens them again. */
  close(): void {
    for (const reader of this.#readers.values()) reader.close();
  }
}
