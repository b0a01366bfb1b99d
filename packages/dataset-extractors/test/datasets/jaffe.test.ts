import { adapters } from "@fer/dataset-extractors";
import { describe, expect, test } from "vitest";
import { testAdapter } from "../contract.js";
import { png } from "../fixtures/images.js";
import { itemsOf, refusalOf, skipLines } from "../fixtures/items.js";
import { tiff } from "../fixtures/tiff.js";
import type { Tree } from "../fixtures/tree.js";

const jaffe = adapters.jaffe!;

/** Take 5, picture numbers of one to three digits, a lower-case name, a converted copy, and what lies beside them. */
const tree: Tree = {
  "jaffe/KA.AN1.39.tiff": tiff(1),
  "jaffe/KM.SA5.9.tiff": tiff(2),
  "jaffe/YM.SU3.160.tiff": tiff(3),
  "jaffe/ka.fe2.46.tiff": tiff(4),
  "jaffe/TM.NE1.177.png": png(5),
  "jaffe/portrait.png": png(6),
  "jaffe/README_FIRST.txt": "KA.AN1.39",
  "jaffe/.DS_Store": "x",
};

testAdapter(jaffe, {
  name: "tiff",
  form: "official",
  tree,
  counts: { all: { neutral: 1, anger: 1, fear: 1, sad: 1, surprise: 1 } },
  skipped: { invalid: 1, unread: 1 },
});

describe("jaffe", () => {
  test("reads subject and expression without fixed offsets; FE is fear", async () => {
    const { samples } = await itemsOf(jaffe, tree);
    expect(samples.map(({ id, subject, expression, rawLabel }) => [id, subject, expression, rawLabel])).toEqual([
      ["KA.AN1.39", "KA", "anger", "AN"],
      ["KM.SA5.9", "KM", "sad", "SA"],
      ["TM.NE1.177", "TM", "neutral", "NE"],
      ["YM.SU3.160", "YM", "surprise", "SU"],
      ["ka.fe2.46", "KA", "fear", "FE"],
    ]);
  });

  test("reports a converted copy beside the original, and other pictures", async () => {
    const { skips } = await itemsOf(jaffe, { ...tree, "png/KA.AN1.39.png": png(1) });
    expect(skipLines(skips)).toMatchInlineSnapshot(`
      [
        "invalid: jaffe/portrait.png (the name is not like KA.AN1.39)",
        "invalid: png/KA.AN1.39.png ("jaffe/KA.AN1.39.tiff" has the same name)",
        "unread: jaffe/README_FIRST.txt (a file that this form does not read)",
      ]
    `);
  });

  test("does not take KDEF's names", async () => {
    expect((await refusalOf(jaffe, { "AF01AFS.JPG": png(1) })).split("\n")[0]).toMatchInlineSnapshot(
      `"jaffe: 1 file, 1 of them images, first "AF01AFS.JPG", under "<root>" fits no known form; the nearest is "official": no picture is named like KA.AN1.39 (the first is "AF01AFS.JPG"). Expected the form official ("fer datasets jaffe" shows what they look like). Pass the folder that contains it."`,
    );
  });
});
