import { FormatError } from "@fer/core";
import { readHeader } from "../image/header.js";
import type { ImageHeader } from "../image/header.js";
import type { Folder } from "../tree/folder.js";

/** Size and format of a picture by its first bytes, or why there is none; never an error, as the rest can still be read. */
export async function pictureHeader(folder: Folder, file: string): Promise<ImageHeader | string> {
  try {
    return readHeader(await folder.bytes(file));
  } catch (error) {
    if (error instanceof FormatError) return error.message;
    throw error;
  }
}
