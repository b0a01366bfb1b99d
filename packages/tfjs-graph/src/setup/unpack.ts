/** Takes out of a wheel (a zip) and a tarball just what is needed. Entry names never leave the destination. */
import { createWriteStream, mkdirSync } from "node:fs";
import { dirname, join, resolve, sep } from "node:path";
import { pipeline } from "node:stream/promises";
import { extract } from "tar";
import { openPromise } from "yauzl";
import { GraphError } from "../errors.js";

/** Unpacks the entries of a wheel that `wanted` accepts below `folder`; returns the bytes written. */
export async function unpackWheel(
  wheel: string,
  { folder, wanted }: { folder: string; wanted: (name: string) => boolean },
): Promise<number> {
  let bytes = 0;
  const zip = await openPromise(wheel);
  try {
    for await (const entry of zip.eachEntry()) {
      if (entry.fileName.endsWith("/") || !wanted(entry.fileName)) continue;
      const target = within(folder, entry.fileName);
      mkdirSync(dirname(target), { recursive: true });
      await pipeline(await zip.openReadStreamPromise(entry), createWriteStream(target));
      bytes += entry.uncompressedSize;
    }
  } finally {
    zip.close();
  }
  return bytes;
}

/** Unpacks an npm tarball without its leading `package/` below `folder`. */
export async function unpackTarball(tarball: string, folder: string): Promise<void> {
  mkdirSync(folder, { recursive: true });
  await extract({ file: tarball, cwd: folder, strip: 1 });
}

function within(folder: string, name: string): string {
  const target = resolve(folder, name);
  if (!target.startsWith(resolve(folder) + sep)) {
    throw new GraphError({
      code: "BAD_ARCHIVE",
      subject: "setup tensorflow",
      found: `the archive names "${name}"`,
      expected: "names inside it",
    });
  }
  return join(target);
}
