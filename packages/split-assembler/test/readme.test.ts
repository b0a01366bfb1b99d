/** The snippets of the README run, one after the other, on small image folders. */
import { readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { PartReader } from "@fer/core/set";
import type { AssembledSet } from "@fer/split-assembler";
import { expect, it } from "vitest";
import { testFolder } from "./fixtures/folder.ts";
import { balancedImages, writeImageFolder } from "./fixtures/image-folder.ts";

const folder = testFolder();
const home = join(import.meta.dirname, "..");
const snippets = [...readFileSync(join(home, "README.md"), "utf8").matchAll(/```ts\n(.*?)```/gs)].map(
  (match) => match[1]!,
);

/** Runs a snippet as a module that exports `names`, its paths below the test folder. */
async function run<T>(snippet: string, names: string): Promise<T> {
  const text = snippet
    .replaceAll(/"((?:features|data)[^"]*)"/g, (_, path: string) => JSON.stringify(folder.at(path)))
    .replaceAll(/"(@fer\/[^"]+)"/g, (_, name: string) => JSON.stringify(import.meta.resolve(name)))
    .replaceAll("console.log", "void ");
  const file = folder.at(`snippet-${snippets.indexOf(snippet)}.mjs`);
  writeFileSync(file, `${text}\nexport { ${names} };\n`);
  return (await import(pathToFileURL(file).href)) as T;
}

it("assembles, and reads what was assembled", async () => {
  symlinkSync(join(home, "node_modules"), folder.at("node_modules"), "junction");
  writeImageFolder(folder.at("data/ckplus"), balancedImages(), { adapter: "ckplus" });
  writeImageFolder(folder.at("data/own"), balancedImages({ prefix: "own-" }), { adapter: "folders" });
  const { set } = await run<{ set: AssembledSet }>(snippets[0]!, "set");
  expect(set.info.parts).toMatchObject({ train: { count: 56 }, test: { count: 14 } });
  expect(set.info.leaks).toMatchObject({ exact: 0, groups: 0, conflicts: 0 });
  type Read = { train: PartReader; labels: Uint8Array; groups: (string | null)[]; batch: Uint8Array };
  const read = await run<Read>(snippets[1]!, "train, labels, groups, batch");
  expect([read.labels.length, read.groups.length, read.batch.length]).toEqual([56, 56, 3 * 48 * 48]);
  expect(snippets).toHaveLength(2);
});
