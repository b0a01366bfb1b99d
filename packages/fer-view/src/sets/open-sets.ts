/** Sets that are open, so that a page of faces does not check its set once a face. */
import { type AssembledSet, infoFile, openSet, type PartReader, type Part } from "@fer/core/set";
import { HttpProblem } from "@fer/core/http";
import { encodePng } from "@fer/dataset-extractors/image";
import { stat } from "node:fs/promises";
import { join } from "node:path";
import type { Catalog } from "../artifacts/catalog.js";

/** Sets that stay open. */
const MOST = 4;

/** Opens sets, and closes those that were not asked for lately. */
export class OpenSets {
  readonly #catalog: Catalog;
  /** By path; the one that was asked for last is last. */
  readonly #open = new Map<string, { stamp: number; set: Promise<AssembledSet> }>();

  constructor(catalog: Catalog) {
    this.#catalog = catalog;
  }

  /** @throws HttpProblem where there is none; FormatError where it is not whole */
  async get(path: string): Promise<AssembledSet> {
    const { folder, name } = await this.#catalog.set(path);
    const { mtimeMs: stamp } = await stat(infoFile({ folder, name }));
    const known = this.#open.get(path);
    this.#open.delete(path);
    const isNew = known === undefined || known.stamp !== stamp;
    if (isNew && known !== undefined) closeSoon(known.set);
    const set = isNew ? openSet(join(folder, name)) : known.set;
    set.catch(() => this.#open.delete(path));
    this.#open.set(path, { stamp, set });
    for (const [oldest, { set: old }] of [...this.#open].slice(0, -MOST)) {
      closeSoon(old);
      this.#open.delete(oldest);
    }
    return set;
  }

  /** PNG of an image of a set. @throws HttpProblem 404 where it has no such part or row */
  async picture(path: string, { part: name, row }: { part: Part; row: number }): Promise<Buffer> {
    const set = await this.get(path);
    if (!set.has(name) || row >= set.part(name).count)
      throw new HttpProblem(404, { code: "NOT_FOUND", message: "The set has no such image" });
    return pngOf(set.part(name), row);
  }

  close(): void {
    for (const { set } of this.#open.values()) closeSoon(set);
    this.#open.clear();
  }
}

async function pngOf(part: PartReader, row: number): Promise<Buffer> {
  const [height, width, channels] = part.shape;
  return encodePng({ width, height, channels: channels as 1 | 3, data: await part.read([row]) });
}

function closeSoon(set: Promise<AssembledSet>): void {
  set.then(
    (each) => each.close(),
    () => undefined,
  );
}
