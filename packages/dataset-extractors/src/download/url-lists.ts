/** The image addresses in EmotioNet's lists: first cell the owner's address, second (where there is one) the original. */
import { cleanUrl, isUrl } from "../datasets/emotionet/pictures.js";
import { DatasetError } from "@fer/core";
import { Folder } from "../tree/folder.js";
import { sheetRows } from "../files/sheet.js";
import type { DownloadItem } from "./download.js";

/** Files that can hold addresses. A workbook whose csv export lies beside it is not read again. */
const LISTS = /\.(csv|xlsx|txt|tsv)$/i;

/**
 * Addresses of all lists (csv, xlsx, tab-separated or plain txt) below a folder, in the order of the files.
 *
 * @throws DatasetError when no list holds an address
 * @example
 * ```ts
 * import { urlLists } from "@fer/dataset-extractors";
 *
 * for await (const { url } of urlLists("emotionet-lists")) console.log(url); // https://example.org/face.jpg
 * ```
 */
export async function* urlLists(root: string): AsyncGenerator<DownloadItem> {
  const folder = await Folder.open(root);
  const files = folder.findFiles(LISTS);
  const exported = new Set(files.filter((file) => /\.csv$/i.test(file)).map((file) => file.replace(/\.csv$/i, "")));
  let count = 0;
  for (const file of files) {
    if (/\.xlsx$/i.test(file) && exported.has(file.replace(/\.xlsx$/i, ""))) continue;
    for await (const { cells } of sheetRows(folder, file)) {
      const [first, second] = cells;
      if (!isUrl(first)) continue;
      count += 1;
      yield isUrl(second) ? { url: cleanUrl(first!), original: cleanUrl(second!) } : { url: cleanUrl(first!) };
    }
  }
  if (count === 0) {
    throw new DatasetError({
      code: "NO_ADDRESSES",
      subject: root,
      found: `no image address in ${files.length} csv, xlsx or txt files`,
      expected: "the URL lists that the owners of EmotioNet send",
      fix: "Pass the folder that contains them",
    });
  }
}
