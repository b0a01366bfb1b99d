import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { urlLists } from "@fer/dataset-extractors";

let folder: string;
beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), "fer-lists-"))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

async function collect() {
  const all = [];
  for await (const item of urlLists(folder)) all.push(item);
  return all;
}

it("reads plain lists, tab-separated AU files, and quoted csv with header", async () => {
  writeFileSync(join(folder, "emotioNet_1.txt"), "http://s/a/1.jpg\nhttp://s/a/2.jpg\n");
  writeFileSync(join(folder, "dataFile_0001.txt"), "http://s/b/1.jpg\thttp://o/x.jpg\t0\t1\n");
  writeFileSync(join(folder, "facs.csv"), "URL,URL orig,'AU 1'\n'http://s/c/1.jpg','http://o/y.jpg',1\n");
  expect(await collect()).toEqual([
    { url: "http://s/b/1.jpg", original: "http://o/x.jpg" },
    { url: "http://s/a/1.jpg" },
    { url: "http://s/a/2.jpg" },
    { url: "http://s/c/1.jpg", original: "http://o/y.jpg" },
  ]);
});

it("says that there is no address", async () => {
  writeFileSync(join(folder, "readme.txt"), "nothing\n");
  await expect(collect()).rejects.toThrow(
    `${folder}: no image address in 1 csv, xlsx or txt files. Expected the URL lists that the owners of EmotioNet send. Pass the folder that contains them.`,
  );
});
