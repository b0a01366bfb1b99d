import { existsSync, writeFileSync } from "node:fs";
import path from "node:path";
import { downloadImages } from "@fer/dataset-extractors";
import { makeFolder } from "@fer/core";
import { expect, test } from "vitest";
import { temporaryFolder } from "../../../dataset-extractors/test/fixtures/tree.js";

test("makes a folder and those above it, and leaves one that exists", async () => {
  const folder = path.join(temporaryFolder(), "a/b/c");
  await makeFolder(folder);
  await makeFolder(folder);
  expect(existsSync(folder)).toBe(true);
  await Promise.all(["x/1", "x/2", "x/3"].map((name) => makeFolder(path.join(folder, name))));
  expect(existsSync(path.join(folder, "x/3"))).toBe(true);
});

test("a file in the way is an error of the system", async () => {
  const file = path.join(temporaryFolder(), "file");
  writeFileSync(file, "");
  await expect(makeFolder(file)).rejects.toThrow("EEXIST");
  await expect(makeFolder(path.join(file, "a"))).rejects.toThrow("ENOTDIR");
});

// mkdir with `recursive` never returns there
test.skipIf(process.platform !== "linux")("returns where no folder can be made in one that exists", async () => {
  await expect(makeFolder("/proc/fer/a")).rejects.toThrow('EACCES: no folder can be made in "/proc"');
  await expect(downloadImages([], { to: "/proc/fer/a" })).rejects.toThrow("cannot be written (EACCES)");
});
