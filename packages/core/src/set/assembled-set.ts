/** An assembled set that has been opened and checked. */
import { OptionsError } from "../errors.js";
import { type FoldRows, readFoldRows, readRows } from "./fold-rows.js";
import { PartReader, type PartSource } from "./part-reader.js";
import { type Part, PARTS, type SetInfo } from "./schema.js";
import { oversampledFile } from "./set-files.js";

interface OpenedSet {
  folder: string;
  info: SetInfo;
  sources: readonly PartSource[];
  reused?: boolean | undefined;
}

/** A set on disk: its `<name>.json`, and a reader for each of its parts. */
export class AssembledSet {
  /** What `<name>.json` says. */
  readonly info: SetInfo;
  /** Folder of the files. */
  readonly folder: string;
  readonly name: string;
  /** Parts of this set in the order train, val, test, full; `all` alone where it has folds. */
  readonly parts: readonly Part[];
  /** `true` where the assembler found this set already made from the same data and options, and left it alone. */
  readonly reused: boolean;
  readonly #readers: Map<Part, PartReader>;

  /** Use {@link openSet}. */
  constructor({ folder, info, sources, reused = false }: OpenedSet) {
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

  /** Number of folds; 0 in a set of parts. */
  get folds(): number {
    return this.info.folds?.length ?? 0;
  }

  /**
   * Rows of the part `all` that a fold trains, validates and tests on, ascending.
   *
   * @param fold counted from 1
   * @throws OptionsError for a fold that the set does not have, FormatError where its rows are not those of the set
   *
   * @example
   * ```ts
   * import { openSet } from "@fer/core/set";
   *
   * const set = await openSet("features/ckplus-10");
   * const { train, test } = await set.fold(1);
   * const images = await set.part("all").read(test);
   * console.log(set.folds, train.length + test.length === set.part("all").count, images.length / test.length); // 10 true 2304
   * set.close();
   * ```
   */
  async fold(fold: number): Promise<FoldRows> {
    const info = this.info.folds?.[fold - 1];
    if (info !== undefined) return readFoldRows(this, fold);
    throw new OptionsError({
      code: "NO_SUCH_FOLD",
      subject: `set ${this.name}`,
      found: this.folds === 0 ? "it has parts, not folds" : `no fold ${fold}`,
      expected: this.folds === 0 ? "a set of folds" : `a number from 1 to ${this.folds}`,
      fix: "Assemble with a policy that makes folds, such as subject-kfold",
    });
  }

  /**
   * Rows of train, of a fold (counted from 1) rows of `all`, in which every class is as often as the largest; `null` where
   * the set was not assembled so. For trainers that draw samples instead of weighing classes.
   */
  async oversampled(fold: number | null = null): Promise<Uint32Array | null> {
    const count = fold === null ? this.info.oversampled : this.info.folds?.[fold - 1]?.oversampled;
    if (count === undefined) return null;
    return readRows(oversampledFile(this, fold), { count: this.part(fold === null ? "train" : "all").count });
  }

  /** Closes all open files; a later read opens them again. */
  close(): void {
    for (const reader of this.#readers.values()) reader.close();
  }
}
