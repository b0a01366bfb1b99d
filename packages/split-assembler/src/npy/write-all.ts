/** Bytes at the end of a file, all of them: one write may take only some. */
import type { FileHandle } from "node:fs/promises";

/** Appends all of the bytes. */
export async function writeAll(file: FileHandle, bytes: Uint8Array): Promise<void> {
  for (let done = 0; done < bytes.length;) done += (await file.write(bytes, done, bytes.length - done)).bytesWritten;
}
