/** Annotations in spellings that people share: read as they are meant, or refused, but never taken for something else. */
import path from "node:path";
import { adapters } from "@fer/dataset-extractors";
import { describe, expect, test } from "vitest";
import { png } from "./fixtures/images.js";
import { countsOf, itemsOf, refusalOf, skipLines } from "./fixtures/items.js";
import { temporaryFolder, writeTree, type Tree } from "./fixtures/tree.js";

const { affectnet, ckplus, emotionet, fer2013, list, rafdb } = adapters as Record<
  string,
  (typeof adapters)[string] & {}
>;
const pixels = (seed: number) => Array.from({ length: 2304 }, (_, i) => (i * seed) % 256).join(" ");

describe("separators", () => {
  test.each([
    [";", "semicolons"],
    ["\t", "tabs"],
  ])("cells between %j are read", async (separator) => {
    const table = (...rows: (string | number)[][]) => rows.map((row) => row.join(separator)).join("\r\n");
    const fer = table(["emotion", "pixels", "Usage"], [3, pixels(1), "Training"]);
    expect(countsOf((await itemsOf(fer2013!, { "fer2013.csv": fer })).samples)).toEqual({ train: { happy: 1 } });
    const labels = table(["image", "label"], ["train_00001_aligned.jpg", 5]);
    const raf: Tree = { "train/train_images/train_00001_aligned.jpg": png(1), "train_labels.csv": labels };
    expect(countsOf((await itemsOf(rafdb!, raf)).samples)).toEqual({ train: { sad: 1 } });
    const own = table(["path", "label", "x1", "y1", "x2", "y2"], ["a.png", "happy", 1, 2, 9, 8]);
    const [sample] = (await itemsOf(list!, { "a.png": png(1, 20, 10), "l.csv": own })).samples;
    expect(sample?.box).toEqual({ x: 1, y: 2, width: 8, height: 6 });
  });
});

describe("rows of one face", () => {
  const tree = (...rows: string[]): Tree => ({
    "a.png": png(1),
    "b.png": png(2),
    "l.csv": ["path,label", ...rows].join("\n"),
  });

  test("that say the same are read once", async () => {
    const { samples, skips } = await itemsOf(list!, tree("a.png,happy", "b.png,sad", "a.png,happy"));
    expect(countsOf(samples)).toEqual({ all: { happy: 1, sad: 1 } });
    expect(skipLines(skips)).toEqual(['invalid: l.csv:4 ("a.png" has a row already)']);
  });

  test("that contradict each other are believed neither", async () => {
    const { samples, skips } = await itemsOf(list!, tree("a.png,happy", "b.png,sad", "a.png,fear"));
    expect(countsOf(samples)).toEqual({ all: { sad: 1 } });
    expect(skipLines(skips)).toEqual([
      'invalid: l.csv:2 ("a.png" is "happy" here and "fear" in l.csv:4)',
      'invalid: l.csv:4 ("a.png" is "fear" here and "happy" in l.csv:2)',
    ]);
  });
});

describe("codes of another table", () => {
  const official = (codes: readonly number[]): Tree =>
    Object.fromEntries(
      codes.flatMap((code, i) => {
        const dir = `S01${i}/001`;
        const stem = `S01${i}_001_00000001`;
        return [
          [`cohn-kanade-images/${dir}/${stem}.png`, png(i)],
          [`Emotion/${dir}/${stem}_emotion.txt`, `   ${code}.0000000e+00\n`],
        ];
      }),
    );

  test("CK+: emotions counted from 0, or up to 8, are refused", async () => {
    expect(await refusalOf(ckplus!, official([0, 1, 2, 3, 4, 5, 6]))).toMatchInlineSnapshot(
      `"the files *_emotion.txt: the emotions are numbered 0, 1, 2, 3, 4, 5, 6. Expected the owners' codes 1 (anger) to 7 (surprise): these are numbered otherwise, and every label could be wrong. Use the files as their owners ship them."`,
    );
    expect(await refusalOf(ckplus!, official([2, 3, 8]))).toMatch(/numbered 2, 3, 8/);
    expect((await itemsOf(ckplus!, official([1, 2, 3]))).samples).toHaveLength(3);
    const csv = (...codes: number[]) => ({
      "ckextended.csv": ["emotion,pixels,Usage", ...codes.map((code) => `${code},${pixels(code + 1)},Training`)].join(
        "\n",
      ),
    });
    expect(await refusalOf(ckplus!, csv(1, 2, 8))).toMatch(/numbered 1, 2, 8/);
    expect((await itemsOf(ckplus!, csv(0, 2, 7))).samples).toHaveLength(3);
  });

  test("AffectNet: eight classes counted from 1 are not proved by their 8", async () => {
    const rows = (codes: number[]): Tree => ({
      ...Object.fromEntries(codes.map((code) => [`i/${code}.jpg`, png(code)])),
      "i.csv": ["phase,img_path,label", ...codes.map((code) => `train,i/${code}.jpg,${code}`)].join("\n"),
    });
    expect(await refusalOf(affectnet!, rows([1, 2, 3, 4, 5, 6, 7, 8]))).toMatch(/nothing proves/);
    expect((await itemsOf(affectnet!, rows([0, 1, 8]))).samples).toHaveLength(2);
  });

  test("EmotioNet: a list without header and with a column too few is refused", async () => {
    const row = (flags: number) =>
      ["http://s/N_1/a.jpg", "http://o/a.jpg", ...Array.from({ length: flags }, (_, i) => (i === 2 ? 1 : 0))].join(",");
    const tree = (flags: number): Tree => ({ "N_1/a.jpg": png(1), "list.csv": row(flags) });
    expect(countsOf((await itemsOf(emotionet!, tree(16))).samples)).toEqual({ all: { anger: 1 } });
    expect(await refusalOf(emotionet!, tree(15))).toMatch(/fits no known form/);
  });
});

describe("boxes that are not what their columns are called", () => {
  const photos = (header: string, box: string): Tree => ({
    ...Object.fromEntries([0, 1, 2, 3].map((i) => [`f${i}.png`, png(i, 200, 160)])),
    "l.csv": [`path,label,${header}`, ...[0, 1, 2, 3].map((i) => `f${i}.png,happy,${box}`)].join("\n"),
  });

  test("corners under the names of a size, and the other way round, are refused", async () => {
    expect(await refusalOf(list!, photos("x,y,width,height", "110,30,180,100"))).toMatchInlineSnapshot(
      `"l.csv: 4 of 4 boxes leave their picture or are empty as x, y, width, height, the first being 110 30 180 100 of "f0.png", and 4 fit as left, top, right, bottom. Expected boxes of x, y, width, height. Say which columns hold what with --box size:<x>,<y>,<width>,<height> or --box corners:<left>,<top>,<right>,<bottom>."`,
    );
    expect(await refusalOf(list!, photos("x1,y1,x2,y2", "110,30,70,70"))).toMatch(/4 fit as x, y, width, height/);
    expect((await itemsOf(list!, photos("x,y,width,height", "110,30,70,70"))).samples).toHaveLength(4);
  });

  test("the outline of a polygon is no YOLO box", async () => {
    const yolo = (row: string): Tree => ({
      "data.yaml": "nc: 1\nnames: [happy]\n",
      "train/images/a.jpg": png(1, 20, 10),
      "train/labels/a.txt": row,
    });
    expect((await itemsOf(affectnet!, yolo("0 0.5 0.5 0.4 0.4"))).samples).toHaveLength(1);
    expect(skipLines((await itemsOf(affectnet!, yolo("0 0.1 0.1 0.9 0.1 0.9 0.9 0.1 0.9"))).skips)).toEqual([
      "bad-box: train/labels/a.txt:1 (8 numbers instead of cx cy w h (the outline of a polygon?))",
    ]);
  });

  test("a whole photo without a box, where others have one, is left out", async () => {
    const tree: Tree = {
      "a.png": png(1, 200, 160),
      "b.png": png(2, 200, 160),
      "c.png": png(3, 40, 40),
      "l.jsonl": ["a", "b", "c"]
        .map((name) =>
          JSON.stringify({ path: `${name}.png`, label: "sad", ...(name === "b" ? { box: [1, 1, 9, 9] } : {}) }),
        )
        .join("\n"),
    };
    const { samples, skips } = await itemsOf(list!, tree);
    expect(samples.map(({ id }) => id)).toEqual(["b", "c"]);
    expect(skipLines(skips)).toEqual([
      "bad-box: l.jsonl:1 (the row has no box, and its picture has the size or shape of a whole photo (200x160); --image-kind crop takes it whole)",
    ]);
  });
});

describe("what the message names where nothing fits", () => {
  test("folders with numbers in their names, and how to map them", async () => {
    const tree = { "train/class_1/train_00001_aligned.jpg": png(1) };
    expect(await refusalOf(rafdb!, tree)).toMatchInlineSnapshot(
      `"rafdb: 1 file, 1 of them images, first "train/class_1/train_00001_aligned.jpg", under "<root>" fits no known form; the nearest is "class-folders": no folder is named after a class; pictures lie in "class_1". Expected the form basic, compound, class-folders, label-csv or index-csv ("fer datasets rafdb" shows what they look like). Rename the folders, or say what they mean with --map class_1=..."`,
    );
  });

  test("an empty table, a list of another kind, an export of another name", async () => {
    expect(await refusalOf(fer2013!, { "fer2013.csv": "" })).toMatch(/fer2013\.csv is empty/);
    expect(await refusalOf(list!, { "a.png": png(1), "list.txt": "a.png happy" })).toMatch(
      /"list\.txt" cannot be read as a list: write it as \.csv, \.tsv or \.jsonl/,
    );
    expect(await refusalOf(ckplus!, { "ck.csv": `emotion,pixels,Usage\n0,${pixels(1)},Training` })).toMatch(
      /"ck\.csv" has the columns of ckextended\.csv/,
    );
  });

  test("listed paths may be whole, where they lie in the folder", async () => {
    const root = writeTree(temporaryFolder(), { "a.png": png(1) });
    writeTree(root, { "l.csv": `path,label\n${path.join(root, "a.png")},happy` });
    expect((await itemsOf(list!, root)).samples).toHaveLength(1);
  });
});
