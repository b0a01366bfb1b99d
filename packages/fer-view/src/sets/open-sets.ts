/** Sets that are open, so that a page of faces does not check its set once a face. */
import { type AssembledSet, infoFile, openSet, type PartReader, type Part } from "@fer/core/set";
import { HttpProblem } from "@fer/core/http";
import { encodePng } from "@fer/dataset-extractors/image";
import { stat } from "node:fs/promises";
import { join } from "node:path";
import type { Catalog } from "../artifacts/catalog.js";
import { Kept } from "../kept.js";

/** Sets that stay open. */
const MOST = 4;

/** Opens sets, and closes those that were not asked for lately. */
export class OpenSets {
  readonly #catalog: Catalog;
  readonly #open = new Kept<AssembledSet>({ most: MOST, drop: (set) => set.close() });

  constructor(catalog: Catalog) {
    this.#catalog = catalog;
  }

  /** @throws HttpProblem where there is none; FormatError where it is not whole */
  async get(path: string): Promise<AssembledSet> {
    const { folder, name } = await this.#catalog.set(path);
    const { mtimeMs } = await stat(infoFile({ folder, name }));
    return this.#open.get(path, { stamp: String(mtimeMs), make: () => openSet(join(folder, name)) });
  }

  /** PNG of an image of a set. @throws HttpProblem 404 where it has no such part or row */
  async picture(path: string, { part: name, row }: { part: Part; row: number }): Promise<Buffer> {
    const set = await this.get(path);
    if (!set.has(name) || row >= set.part(name).count)
      throw new HttpProblem(404, { code: "NOT_FOUND", message: "The set has no such image" });
    return pngOf(set.part(name), row);
  }

  close(): void {
    this.#open.clear();
  }
}

async function pngOf(part: PartReader, row: number): Promise<Buffer> {
  const [height, width, channels] = part.shape;
  return encodePng({ width, height, channels: channels as 1 | 3, data: await part.read([row]) });
}
