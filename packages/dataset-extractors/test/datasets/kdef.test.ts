import { adapters } from "@fer/dataset-extractors";
import { describe, expect, test } from "vitest";
import { testAdapter } from "../contract.js";
import { jpeg, png } from "../fixtures/images.js";
import { itemsOf, skipLines } from "../fixtures/items.js";
import type { Tree } from "../fixtures/tree.js";

const kdef = adapters.kdef!;

/** Both sessions of a person, all angles, a lower-case copy, the misnamed files, a black picture, and AKDEF. */
const tree = async (root: string): Promise<Tree> => ({
  [`${root}/AF01/AF01AFS.JPG`]: await jpeg(1),
  [`${root}/BF01/BF01AFS.JPG`]: await jpeg(2),
  [`${root}/AM10/AM10NES.JPG`]: await jpeg(3),
  [`${root}/AM10/am10sus.jpg`]: await jpeg(4),
  [`${root}/AM10/AM10ANFL.JPG`]: await jpeg(5),
  [`${root}/AM10/AM10ANHL.JPG`]: await jpeg(6),
  [`${root}/AM10/AM10ANHR.JPG`]: await jpeg(7),
  [`${root}/AF01/AF01SUFR.JPG`]: png(0),
  [`${root}/AF31/AF31V.JPG`]: await jpeg(8),
  [`${root}/AM31/AM31H.JPG`]: await jpeg(9),
  "KDEF_and_AKDEF/AKDEF/FAFFL.JPG": await jpeg(10),
  [`${root}/AF01/Thumbs.db`]: "x",
});

testAdapter(
  kdef,
  ...["KDEF_and_AKDEF/KDEF", "KDEF_Aligned/KDEF"].map((root) => ({
    name: root,
    form: "official",
    tree: () => tree(root),
    counts: { all: { neutral: 1, fear: 2, surprise: 1 } },
    skipped: { invalid: 2, other: 1, "not-chosen": 4 },
  })),
  {
    name: "all angles",
    form: "official",
    tree: () => tree("KDEF"),
    options: { angles: ["straight", "half-left", "half-right", "full-left", "full-right"] },
    counts: { all: { neutral: 1, anger: 3, fear: 2, surprise: 2 } },
    skipped: { invalid: 2, other: 1 },
  },
);

describe("kdef", () => {
  test("tells session A, female from afraid, and takes both sessions for one person", async () => {
    const { samples } = await itemsOf(kdef, await tree("KDEF"));
    expect(samples.map(({ id, expression, subject }) => [id, expression, subject])).toEqual([
      ["AF01AFS", "fear", "F01"],
      ["AM10NES", "neutral", "M10"],
      ["am10sus", "surprise", "M10"],
      ["BF01AFS", "fear", "F01"],
    ]);
  });

  test("reports misnamed files, averaged faces, and a second copy of a picture", async () => {
    const { skips } = await itemsOf(kdef, { ...(await tree("KDEF")), "KDEF_Aligned/KDEF/AF01/AF01AFS.JPG": png(1) });
    expect(skipLines(skips)).toMatchInlineSnapshot(`
      [
        "invalid: KDEF/AF31/AF31V.JPG (the name is not like AF01ANS)",
        "invalid: KDEF/AM31/AM31H.JPG (the name is not like AF01ANS)",
        "invalid: KDEF_Aligned/KDEF/AF01/AF01AFS.JPG ("KDEF/AF01/AF01AFS.JPG" has the same name)",
        "not-chosen: KDEF/AF01/AF01SUFR.JPG (the angle is full-right)",
        "not-chosen: KDEF/AM10/AM10ANFL.JPG (the angle is full-left)",
        "not-chosen: KDEF/AM10/AM10ANHL.JPG (the angle is half-left)",
        "not-chosen: KDEF/AM10/AM10ANHR.JPG (the angle is half-right)",
        "other: KDEF_and_AKDEF/AKDEF/FAFFL.JPG (an averaged face of AKDEF)",
      ]
    `);
  });
});
