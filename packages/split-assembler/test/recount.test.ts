/** Twins that were taken out of train, recounted on the written arrays by a Python script that knows nothing of @fer. */
import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { Assembler } from "@fer/split-assembler";
import { describe, expect, it } from "vitest";
import { testFolder } from "./fixtures/folder.ts";
import { balancedImages, type FixtureImage, writeImageFolder } from "./fixtures/image-folder.ts";

const folder = testFolder();
const python = process.env["FER_PYTHON"] ?? "";
const script = fileURLToPath(new URL("../../../bench/peers/recount_twins.py", import.meta.url));

/** Of twelve images of a class eight train; the first two have the pixels of the last two, the third is the tenth twice as large. */
const images = balancedImages({ perClass: 12, subjects: 0, split: (i) => (i < 8 ? "train" : "test") }).map(
  (image): FixtureImage => {
    const [name, i] = [image.expression, Number(image.id.slice(-4))];
    if (i < 2 || i > 9) return Object.assign(image, { pixels: `${name}-${i % 10}` });
    if (i === 2) return Object.assign(image, { pixels: `${name}-0009`, zoom: 2 });
    return image;
  },
);

describe.skipIf(python === "")("after drop-from-train (needs FER_PYTHON)", () => {
  it("no pixels of test are in train, test has the same bytes, and train is what is not listed", async () => {
    const data = writeImageFolder(folder.at("data"), images);
    const assemble = async (name: string, options: object): Promise<string> => {
      const to = folder.at(name);
      const set = await new Assembler({ name: "mix", split: "official", to, ...options }).assemble([data]);
      set.close();
      return `${to}/mix`;
    };
    const before = await assemble("before", {});
    const after = await assemble("after", { leaks: "drop-from-train" });
    const found: unknown = JSON.parse(execFileSync(python, [script, before, after, "test"], { encoding: "utf8" }));
    expect(found).toMatchObject({
      images: { train: 56, test: 28 },
      before: { exact: 14 },
      after: { exact: 0, alike: 0 },
      listed: { exact: 14, near: expect.any(Number) },
      "tested part has the same bytes": true,
      "train is the rest": true,
    });
  });
});
