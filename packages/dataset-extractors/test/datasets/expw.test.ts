import { cpSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { adapters, extract } from "@fer/dataset-extractors";
import { describe, expect, test } from "vitest";
import { jsonLines, testAdapter } from "../contract.js";
import { jpeg, png } from "../fixtures/images.js";
import { formOf, itemsOf, refusalOf, skipLines } from "../fixtures/items.js";
import { temporaryFolder, writeTree, type Tree } from "../fixtures/tree.js";

const expw = adapters.expw!;

/** `name face top left right bottom confidence label`; the pictures are 40 wide and 20 high, so swapped fields fail. */
const LIST = [
  "angry_African_144.jpg 0 2 30 38 10 22.9362 6",
  "angry_African_144.jpg 3 4 5 15 14 80.953 0",
  "happy_child_2.jpg 0 8 30 50 28 60.5 3",
  "happy_child_2.jpg 1 1 1 9 9 59.9 4",
  "gone_1.jpg 0 1 1 9 9 90 5",
  "Upper_1.JPG 0 1 1 9 9 90 5",
  "happy_child_2.jpg 1 1 1 9 9 59.9 4",
  "happy_child_2.jpg 2 9 9 9 9 59.9 4",
].join("\n");

const tree = async (images: string, list: string): Promise<Tree> => ({
  [list]: LIST,
  [`${images}/angry_African_144.jpg`]: await jpeg(1, 40, 20),
  [`${images}/happy_child_2.jpg`]: await jpeg(2, 40, 20),
  [`${images}/upper_1.jpg`]: png(3, 40, 20, 3),
  [`${images}/unlisted_1.jpg`]: png(4, 40, 20),
  "readme.txt": "\uFEFFimage_name： face_id\n",
});

testAdapter(
  expw,
  ...[
    ["image/origin", "label/label.lst"],
    ["image/origin/origin", "label/label.lst"],
    ["image/origin.7z/origin", "label/label.lst"],
    ["Images", "label.lst"],
  ].map(([images, list]) => ({
    name: images!,
    form: "official",
    tree: () => tree(images!, list!),
    counts: { all: { neutral: 1, anger: 1, happy: 1, sad: 1, surprise: 1 } },
    skipped: { "missing-file": 1, unlabelled: 1, invalid: 1, "bad-box": 1, unread: 1 },
  })),
  {
    name: "the published extract, known by its number of rows",
    form: "balanced-extract",
    tree: {
      "label.lst": Array.from({ length: 5705 }, (_, i) => `happy_${i}.jpg 0 1 1 9 9 9.5 ${i % 7}`).join("\n"),
      "Images/happy_0.jpg": png(1, 20, 20),
      "Images/happy_6.jpg": png(2, 20, 20),
    },
    counts: { all: { neutral: 1, anger: 1 } },
    skipped: { "missing-file": 5703 },
    except: [{ check: "a row twice is one more item", reason: "with another number of rows it is another form" }],
  },
  {
    name: "confidence of at least 60",
    form: "official",
    tree: () => tree("image", "label.lst"),
    options: { minConfidence: 60 },
    counts: { all: { anger: 1, happy: 1, surprise: 1 } },
    skipped: { "missing-file": 1, unlabelled: 1, "bad-box": 1, uncertain: 3, unread: 1 },
  },
  {
    name: "the balanced extract, known by its 5,705 rows",
    form: "balanced-extract",
    tree: async () => {
      const gone = Array.from({ length: 5705 - 8 }, (_, i) => `gone_${i + 2}.jpg 0 1 1 9 9 90 5`);
      return { ...(await tree("Images", "label.lst")), "label.lst": `${LIST}\n${gone.join("\n")}` };
    },
    counts: { all: { neutral: 1, anger: 1, happy: 1, sad: 1, surprise: 1 } },
    skipped: { "missing-file": 5698, unlabelled: 1, invalid: 1, "bad-box": 1, unread: 1 },
    except: [{ check: "a row twice is one more item", reason: "with one row more it is the official form" }],
  },
);

describe("expw", () => {
  test("keeps both faces of a photo, as one group, with the order top, left, right, bottom", async () => {
    const { samples } = await itemsOf(expw, await tree("Images", "label.lst"));
    expect(samples.slice(0, 2)).toMatchObject([
      {
        id: "angry_African_144_0",
        expression: "neutral",
        group: "angry_African_144.jpg",
        box: { x: 30, y: 2, width: 8, height: 8 },
      },
      {
        id: "angry_African_144_3",
        expression: "anger",
        group: "angry_African_144.jpg",
        box: { x: 5, y: 4, width: 10, height: 10 },
      },
    ]);
  });

  test("clips boxes that leave the photo and counts them", async () => {
    const dir = temporaryFolder();
    const from = writeTree(path.join(dir, "from"), await tree("Images", "label.lst"));
    const { info } = await extract({ adapter: "expw", from, to: path.join(dir, "to"), workers: 1 });
    expect(info.pictures).toEqual({ copied: 0, cropped: 5, converted: 0, clippedBoxes: 1 });
    const rows = jsonLines(path.join(dir, "to/all/metadata.jsonl"));
    expect(rows.find((row) => (row as { id: string }).id === "happy_child_2_0")).toMatchObject({
      box: { x: 30, y: 8, width: 10, height: 12 },
    });
  });

  test("knows the published extract by its number of rows", async () => {
    const rows = (n: number): Tree => ({
      "label.lst": Array.from({ length: n }, (_, i) => `a_${i}.jpg 0 1 1 9 9 9 3`).join("\n"),
    });
    expect([await formOf(expw, rows(5705)), await formOf(expw, rows(5704))]).toEqual(["balanced-extract", "official"]);
  });

  test("lists what is left out", async () => {
    expect(skipLines((await itemsOf(expw, await tree("Images", "label.lst"))).skips)).toMatchInlineSnapshot(`
      [
        "bad-box: label.lst:8 (top 9, left 9, right 9, bottom 9 is empty)",
        "invalid: label.lst:7 (face 1 of "Images/happy_child_2.jpg" has a row already)",
        "missing-file: label.lst:5 ("gone_1.jpg" is not in the folder)",
        "unlabelled: Images/unlisted_1.jpg (present, but no row names it)",
        "unread: readme.txt (a file that this form does not read)",
      ]
    `);
  });

  test("refuses a list whose boxes are square in another order of the fields", async () => {
    const list = (box: (n: number) => number[]): Tree => ({
      "label.lst": Array.from({ length: 6 }, (_, n) => `a_${n}.jpg 0 ${box(n).join(" ")} 9.5 3`).join("\n"),
    });
    expect([
      await refusalOf(
        expw,
        list((n) => [n + 2, 2 * n + 1, n + 22, 2 * n + 21]),
      ),
      await refusalOf(
        expw,
        list((n) => [n + 2, 2 * n + 1, 60, 60]),
      ),
    ]).toMatchInlineSnapshot(`
      [
        "label.lst: 6 of 6 boxes are square if their fields are left, top, right, bottom, and 1 in the owners' order. Expected top, left, right, bottom, where the owners' boxes are square. Use label.lst as the owner ships it.",
        "label.lst: 6 of 6 boxes are square if their fields are x, y, width, height, and 1 in the owners' order. Expected top, left, right, bottom, where the owners' boxes are square. Use label.lst as the owner ships it.",
      ]
    `);
  });

  test("skips a box that is no box, and refuses a code outside 0..6 and a short row", async () => {
    const list = (row: string): Tree => ({ "label.lst": `a.jpg 0 1 1 9 9 9.5 3\n${row}\n`, "a.jpg": png(1, 20, 20) });
    expect(skipLines((await itemsOf(expw, list("a.jpg 1 1 NaN 9 9 9.5 3"))).skips)).toMatchInlineSnapshot(`
      [
        "bad-box: label.lst:2 (box "1 NaN 9 9" is not four integers)",
      ]
    `);
    expect(skipLines((await itemsOf(expw, list("a.jpg 1 9 9 1 1 9.5 3"))).skips)).toMatchInlineSnapshot(`
      [
        "bad-box: label.lst:2 (top 9, left 9, right 1, bottom 1 is empty)",
      ]
    `);
    expect([
      await refusalOf(expw, list("a.jpg 1 1 1 9 9 9.5 7")),
      await refusalOf(expw, list("a.jpg 1 1 1 9 9 9.5")),
      await refusalOf(expw, list("a.jpg x 1 1 9 9 9.5 3")),
    ]).toMatchInlineSnapshot(`
      [
        "label.lst:2: the expression label is "7". Expected a code from 0 to 6. Use the file as the owner ships it.",
        "label.lst, line 2: 7 fields. Expected 8, separated by blanks. The file may be cut off: download it again.",
        "label.lst:2: the face id is "x". Expected an integer. Use the file as the owner ships it.",
      ]
    `);
  });
});

describe.skipIf(!process.env.FER_DATA)("expw on the real list (needs FER_DATA)", () => {
  test("reads all 5,705 faces, 815 a class, from generated photos", async () => {
    const dir = temporaryFolder();
    const list = path.join(process.env.FER_DATA!, "annotations/expw_label.lst");
    mkdirSync(path.join(dir, "Images"));
    cpSync(list, path.join(dir, "label.lst"));
    const names = new Set(
      readFileSync(list, "utf8")
        .trim()
        .split("\n")
        .map((row) => row.split(" ")[0]!),
    );
    for (const name of names) writeFileSync(path.join(dir, "Images", name), "a photo");
    const { samples, skips, rows } = await itemsOf(expw, dir);
    expect({ rows, samples: samples.length, skips, photos: names.size }).toEqual({
      rows: 5705,
      samples: 5705,
      skips: [],
      photos: 5408,
    });
    expect(new Set(samples.map(({ id }) => id)).size).toBe(5705);
    const classes = new Map<string, number>();
    for (const { expression } of samples) classes.set(expression, (classes.get(expression) ?? 0) + 1);
    expect([...classes.values()]).toEqual(Array.from({ length: 7 }, () => 815));
  });
});
