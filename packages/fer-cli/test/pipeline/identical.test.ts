import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { emptyFolder, fer } from "../fixtures/fer.js";
import { writeTinyPipeline } from "../fixtures/tiny-pipeline.js";
import { artifactsOf, treeOf } from "../fixtures/tree.js";

async function treeWith(workers: number): Promise<Record<string, string>> {
  const folder = emptyFolder();
  writeTinyPipeline(folder, { workers });
  expect(await fer(folder, "pipeline")).toMatchObject({ code: 0 });
  return artifactsOf(treeOf(join(folder, "out")));
}

describe("two runs of the same pipeline", () => {
  it("give the same bytes, with one worker as with two", { timeout: 300_000 }, async () => {
    const [first, second, third] = [await treeWith(1), await treeWith(1), await treeWith(2)];
    expect(Object.keys(first!)).toEqual(
      expect.arrayContaining([
        "data/faces/dataset.json",
        "features/faces_train_images.npy",
        "runs/faces/best.h5",
        "runs/faces/history.csv",
      ]),
    );
    expect(second).toEqual(first);
    expect(third).toEqual(first);
  });
});
