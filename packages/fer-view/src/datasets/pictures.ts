/** The pictures of an image folder. */
import { fileLines } from "@fer/core";
import { HttpProblem } from "@fer/core/http";
import { MetadataRow, Split } from "@fer/core/image-folder";
import { readHeader } from "@fer/dataset-extractors/image";
import { readFile } from "node:fs/promises";
import { z } from "zod";
import type { Catalog } from "../artifacts/catalog.js";
import { insideOf } from "../artifacts/inside.js";
import type { PicturesAnswer } from "../protocol.js";

/** Pictures of a page. */
const MOST = 96;

export const PicturesQuery = z.object({
  path: z.string().min(1),
  split: Split,
  expression: z.string().optional(),
  from: z.coerce.number().int().min(0).default(0),
  count: z.coerce.number().int().min(1).max(MOST).default(24),
});

export const PictureQuery = z.object({ path: z.string().min(1), split: Split, file: z.string().min(1).max(4096) });

/** Pictures of a split, in the order of its metadata. */
export async function picturesOf(
  catalog: Catalog,
  { path, split, expression, from, count }: z.output<typeof PicturesQuery>,
): Promise<PicturesAnswer> {
  await catalog.dataset(path);
  const file = await insideOf(catalog.root, `${path}/${split}/metadata.jsonl`);
  const pictures: PicturesAnswer["pictures"] = [];
  let total = 0;
  for await (const { text } of fileLines(file)) {
    if (text === "") continue;
    const row = MetadataRow.parse(JSON.parse(text));
    if (expression !== undefined && row.expression !== expression) continue;
    const { file_name, id, subject } = row;
    if (total >= from && pictures.length < count)
      pictures.push({ file: file_name, id, expression: row.expression, subject });
    total += 1;
  }
  return { total, pictures };
}

/** Bytes and type of a picture; what is none by its first bytes is refused. @throws HttpProblem */
export async function pictureOf(
  catalog: Catalog,
  { path, split, file }: z.output<typeof PictureQuery>,
): Promise<{ bytes: Buffer; type: string }> {
  await catalog.dataset(path);
  const bytes = await readFile(await insideOf(catalog.root, `${path}/${split}/${file}`));
  const type = TYPES[formatOf(bytes) ?? ""];
  if (type === undefined) throw new HttpProblem(415, { code: "NO_PICTURE", message: "No browser shows such a file" });
  return { bytes, type };
}

const TYPES: Readonly<Record<string, string>> = {
  png: "image/png",
  jpg: "image/jpeg",
  avif: "image/avif",
  gif: "image/gif",
  bmp: "image/bmp",
  webp: "image/webp",
};

function formatOf(bytes: Buffer): string | null {
  const header = readHeader(bytes, { takesFirst: true });
  return typeof header === "string" ? null : header.format;
}
