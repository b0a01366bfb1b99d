import { mkdtempSync, writeFileSync } from "node:fs";
import { mkdir, readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { explainWriteError } from "../../dist/files/write-errors.js";

const explain = (error: unknown, folder = "/data/faces"): Error =>
  explainWriteError(error, { subject: "extract", target: "data/faces", folders: [folder] }) as Error;

it.skipIf(process.platform !== "linux")("says that the disk is full", () => {
  let full: unknown;
  try {
    writeFileSync("/dev/full", "x");
  } catch (error) {
    full = error;
  }
  expect(explain(full).message).toMatchInlineSnapshot(
    `"extract: "data/faces" cannot be written: the disk is full (ENOSPC). Expected free space. Free some space and run the same command again."`,
  );
  // as a worker thread hands it on
  expect(explain(new Error("ENOSPC: no space left on device, write")).message).toBe(explain(full).message);
});

it("tells a target that cannot be written from a source that cannot be read", async () => {
  const folder = mkdtempSync(join(tmpdir(), "fer-write-"));
  writeFileSync(join(folder, "file"), "");
  const written = await mkdir(join(folder, "file", "below")).catch((error: unknown) => error);
  expect(explain(written, folder).message).toMatchInlineSnapshot(
    `"extract: "data/faces" cannot be written: a part of the path is a file, not a folder (ENOTDIR). Expected a folder that can be written. Choose another --to, or change its permissions."`,
  );
  const read = await readFile(join(folder, "file", "below")).catch((error: unknown) => error);
  expect(explain(read, "/elsewhere")).toBe(read);
});
