import path from "node:path";
import { extract } from "@fer/dataset-extractors";
import { type Progress } from "@fer/core";
import { describe, expect, test } from "vitest";
import { png } from "../fixtures/images.js";
import { temporaryFolder, writeTree, type Tree } from "../fixtures/tree.js";

/** What is reported while a dataset is read. */
async function reports(adapter: string, tree: Tree): Promise<Pick<Progress, "done" | "total">[]> {
  const dir = temporaryFolder();
  const from = writeTree(path.join(dir, "from"), tree);
  const seen: Pick<Progress, "done" | "total">[] = [];
  const onProgress = ({ done, total }: Progress) => seen.push({ done, total });
  await extract({ adapter, from, to: path.join(dir, "to"), workers: 1 }, { onProgress });
  return seen;
}

describe("progress of an extraction", () => {
  test("knows from the start how many pictures there are", async () => {
    const tree = Object.fromEntries(Array.from({ length: 300 }, (_, i) => [`happy/${i}.png`, png(i, 8, 8)]));
    expect(await reports("folders", tree)).toEqual([
      { done: 256, total: 300 },
      { done: 300, total: 300 },
    ]);
  });

  test("estimates the rows of a table of pixels", async () => {
    const row = (i: number) =>
      `${i % 7},${Array.from({ length: 2304 }, (_, at) => (at * 7 + i * 13) % 256).join(" ")},Training`;
    const rows = Array.from({ length: 600 }, (_, i) => row(i));
    const [first, second, last] = await reports("fer2013", {
      "fer2013.csv": ["emotion,pixels,Usage", ...rows, ""].join("\n"),
    });
    expect([first!.done, second!.done]).toEqual([256, 512]);
    for (const { total } of [first!, second!]) expect(Math.abs(total! - 600)).toBeLessThan(12);
    expect(last).toEqual({ done: 600, total: 600 });
  });

  test("gives the estimate up where a list has more faces than pictures", async () => {
    const rows = Array.from({ length: 300 }, (_, i) => `one.png,happy,${i % 10},${Math.floor(i / 10)},9,9`);
    const tree = { "list.csv": ["path,label,x,y,width,height", ...rows, ""].join("\n"), "one.png": png(1, 60, 60) };
    expect(await reports("list", tree)).toEqual([
      { done: 256, total: null },
      { done: 300, total: 300 },
    ]);
  });
});
