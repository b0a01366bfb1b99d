import { adapters, extract } from "@fer/dataset-extractors";
import { describe, expect, test } from "vitest";
import path from "node:path";
import { jsonLines, testAdapter } from "../contract.js";
import { jpeg, png } from "../fixtures/images.js";
import { formOf, itemsOf, refusalOf, skipLines } from "../fixtures/items.js";
import { npyFile, npyText } from "../fixtures/npy-file.js";
import { temporaryFolder, writeTree, type Tree } from "../fixtures/tree.js";

const affectnet = adapters.affectnet!;

const HEADER = "subDirectory_filePath,face_x,face_y,face_width,face_height,facial_landmarks,expression,valence,arousal";
const POINTS = Array.from({ length: 68 }, (_, i) => `${i}.5;${i}`).join(";");
const hex = (n: number) => String(n).padStart(56, "a");
const row = (name: string, box: string, code: number, affect = "0.5,-0.25") =>
  `${name},${box},${POINTS},${code},${affect}`;

const TRAINING = [
  HEADER,
  row(`689/${hex(1)}.jpg`, "4,4,10,10", 1),
  row(`12/${hex(2)}.JPG`, "NULL,NULL,10,10", 1),
  row(`12/${hex(3)}.bmp`, "2.0,3.0,8.0,6.0", 0, "0,0"),
  row(`12/${hex(4)}.png`, "4,4,-5,10", 2),
  row(`867/${hex(5)}.png`, "20,5,30,30", 3),
  row(`867/${hex(6)}.jpg`, "1,1,9,9", 10, "-2,-2"),
  row(`867/${hex(7)}.jpg`, "1,1,9,9", 8),
  row(`867/${hex(8)}.jpg`, "1,1,9,9", 9, "-2,-2"),
  row(`867/${hex(9)}.jpg`, "1,1,9,9", 4),
  row(`867/${hex(10)}.jpg`, "1,1,9,9", 5),
  row(`689/${hex(1)}.jpg`, "4,4,10,10", 1),
].join("\n");
/** Without a header: its first row is a contempt. */
const VALIDATION = [row(`459/${hex(11)}.jpg`, "1,1,9,9", 7), row(`459/${hex(12)}.jpg`, "1,1,9,9", 6)].join("\n");

const lists = async (images: string, files: string): Promise<Tree> => ({
  [`${files}training.csv`]: TRAINING,
  [`${files}validation.csv`]: VALIDATION,
  [`${images}/689/${hex(1)}.jpg`]: await jpeg(1, 40, 20),
  [`${images}/12/${hex(2)}.JPG`]: await jpeg(2, 40, 20),
  [`${images}/12/${hex(3)}.bmp`]: png(3, 40, 20),
  [`${images}/12/${hex(4)}.png`]: png(4, 40, 20),
  [`${images}/867/${hex(5)}.png`]: png(5, 40, 20),
  [`${images}/867/${hex(10)}.jpg`]: (await jpeg(6, 40, 20)).subarray(0, 200),
  [`${images}/459/${hex(11)}.jpg`]: png(7, 40, 20),
  [`${images}/459/${hex(12)}.jpg`]: await jpeg(8, 40, 20),
  [`${images}/459/${hex(13)}.jpg`]: await jpeg(9, 40, 20),
});

const int8 = (value: number, shape = "()") => {
  const data = Buffer.alloc(8);
  data.writeBigInt64LE(BigInt(value));
  return npyFile("<i8", shape, data);
};
const double = (value: number) => {
  const data = Buffer.alloc(8);
  data.writeDoubleLE(value);
  return npyFile("<f8", "()", data);
};
const npy: Tree = {
  "train_set/images/0.jpg": png(1),
  "train_set/annotations/0_exp.npy": npyText("7"),
  "train_set/annotations/0_val.npy": npyText("-0.65331"),
  "train_set/annotations/0_aro.npy": npyText("-2"),
  "train_set/images/12.jpg": png(2),
  "train_set/annotations/12_exp.npy": int8(1, "(1,)"),
  "train_set/annotations/12_val.npy": double(0.5),
  "train_set/images/13.jpg": png(3),
  "train_set/annotations/13_val.npy": double(0.5),
  "train_set/annotations/14_exp.npy": npyFile("|S1", "()", Buffer.from("3")),
  "valid_set/images/12.jpg": png(4),
  "valid_set/annotations/12_exp.npy": double(4),
};

const json = (value: unknown) => JSON.stringify(value);
const points = Array.from({ length: 136 }, (_, i) => i);
const plus: Tree = {
  "AffectNet+/human_annotated/train_set/images/1.jpg": png(1),
  "AffectNet+/human_annotated/train_set/annotations/1.json": json({
    "human-label": 1,
    "soft-label": [0.01, 0.93, 0, 0, 0, 0, 0, 0.06],
    subset: 0,
    "meta-data": { valence: 0.62, arousal: 0.11, "landmark-68": points, "landmark-29": [] },
  }),
  "AffectNet+/human_annotated/train_set/images/2.jpg": png(2),
  "AffectNet+/human_annotated/train_set/annotations/2.json": json({
    Human_Label: 6,
    "Soft-Label": null,
    "meta-data": null,
  }),
  "AffectNet+/human_annotated/train_set/annotations/3.json": json({ "human-label": 9 }),
  "AffectNet+/human_annotated/train_set/annotations/4.json": json({ "human-label": null }),
  "AffectNet+/human_annotated/validation_set/images/1.jpg": png(3),
  "AffectNet+/human_annotated/validation_set/annotations/1.json": json({ "human-label": 7 }),
  "AffectNet+/human_annotated/validation_set/annotations/5.json": json({ "human-label": 2 }),
  "AffectNet+/no_human_annotated/images/1.jpg": png(4),
  "AffectNet+/no_human_annotated/annotations/1.json": json({ "human-label": 3 }),
};

const words: Tree = {
  "archive (3)/Train/Happy/image1.jpg": png(1),
  "archive (3)/Train/Contempt/image2.jpg": png(2),
  "archive (3)/Test/surprise/image3.jpg": png(3),
  "archive (3)/labels.csv":
    ",pth,label,relFCs\n0,Train/Happy/image1.jpg,happy,0.8\n1,Train/Contempt/image2.jpg,anger,0.7\n2,Train/Fear/gone.jpg,fear,0.9\n",
};

const yolo: Tree = {
  "data.yaml":
    "train: ../train/images\nnc: 8\nnames: ['Anger', 'Contempt', 'Disgust', 'Fear', 'Happy', 'Neutral', 'Sad', 'Surprise']\n",
  "train/images/a.jpg": png(1, 40, 20),
  "train/labels/a.txt": "4 0.5 0.5 0.5 0.9\n",
  "train/images/b.jpg": png(2, 40, 20),
  "train/labels/b.txt": "5 0.25 0.5 0.4 0.8\n0 0.75 0.5 0.4 0.8",
  "valid/images/c.jpg": png(3, 40, 20),
  "valid/labels/c.txt": "1 0.5 0.5 0 0.9",
  "test/images/d.jpg": png(4, 40, 20),
};

const A_COUNTS = { train: { neutral: 1, happy: 1, surprise: 1 }, val: { anger: 1, contempt: 1 } };
const A_SKIPPED = {
  none: 1,
  uncertain: 1,
  "no-face": 1,
  "bad-box": 2,
  "missing-file": 1,
  undecodable: 1,
  invalid: 1,
  unlabelled: 1,
};

testAdapter(
  affectnet,
  ...(
    [
      ["Manually_Annotated/Manually_Annotated_Images", "Manually_Annotated_file_lists/"],
      ["Manually_Annotated_Images/Manually_Annotated_Images", "Manually_Annotated/"],
      ["Manually Annotated", ""],
    ] as const
  ).map(([images, files]) => ({
    name: `2017 lists, ${images}`,
    form: "lists-2017",
    tree: () => lists(images, files),
    counts: A_COUNTS,
    skipped: A_SKIPPED,
  })),
  {
    name: "2017 automatic list",
    form: "lists-2017",
    tree: async () => ({
      ...(await lists("Manually_Annotated/Manually_Annotated_Images", "")),
      "Automatically_annotated_file_list/automatically_annotated.csv": `${HEADER}\r\n${row(`3/${hex(21)}.jpg`, "1,1,8,8", 2)}\r\n`,
      [`Automatically Annotated/Automatically_Annotated_Images/3/${hex(21)}.jpg`]: await jpeg(21, 40, 20),
    }),
    options: { part: "automatic" },
    counts: { all: { sad: 1 } },
    skipped: { "not-chosen": 1, unread: 2 },
  },
  {
    name: "2021 npy",
    form: "npy-2021",
    tree: npy,
    counts: { train: { happy: 1, contempt: 1 }, val: { fear: 1 } },
    skipped: { unlabelled: 1, "missing-file": 1, unread: 1 },
    quiet: ["train_set/annotations/0_aro.npy"],
  },
  {
    name: "AffectNet+",
    form: "affectnet-plus",
    tree: plus,
    counts: { train: { happy: 1, anger: 1 }, val: { contempt: 1 } },
    skipped: { uncertain: 1, unlabelled: 1, "missing-file": 1, "not-chosen": 1 },
  },
  {
    name: "AffectNet+, the part without human labels",
    form: "affectnet-plus",
    tree: plus,
    options: { part: "automatic" },
    counts: { all: { surprise: 1 } },
    skipped: { "not-chosen": 2 },
  },
  {
    name: "word folders with a csv",
    form: "class-folders",
    tree: words,
    counts: { train: { happy: 1, contempt: 1 }, test: { surprise: 1 } },
    skipped: { "missing-file": 1 },
  },
  {
    name: "word folders, the csv believed",
    form: "class-folders",
    tree: words,
    options: { labels: "csv" },
    counts: { train: { happy: 1, anger: 1 }, test: { surprise: 1 } },
    skipped: { "missing-file": 1 },
  },
  {
    name: "AffectNet's numbers with a map",
    form: "class-folders",
    tree: { "train/7/1.jpg": png(1), "train/1/2.jpg": png(2), "val/7/1.jpg": png(3) },
    options: { map: { 1: "happy", 7: "contempt" } },
    counts: { train: { happy: 1, contempt: 1 }, val: { contempt: 1 } },
    skipped: {},
  },
  {
    name: "YOLO",
    form: "yolo",
    tree: yolo,
    counts: { train: { neutral: 1, anger: 1, happy: 1 } },
    skipped: { "bad-box": 1, unlabelled: 1 },
  },
  {
    name: "index csv by path",
    form: "index-csv",
    tree: {
      "index.csv":
        ",phase,img_path,label\n0,train,train_set/images/1.jpg,6\n1,val,val_set/images/1.jpg,7\n2,val,val_set/images/9.jpg,8\n",
      "train_set/images/1.jpg": png(1),
      "val_set/images/1.jpg": png(2),
      "val_set/images/2.jpg": png(3),
    },
    counts: { train: { anger: 1 }, val: { contempt: 1 } },
    skipped: { none: 1, unlabelled: 1 },
  },
  {
    name: "index csv by number",
    form: "index-csv",
    tree: { "val_set/list.csv": "number,exp,val,aro\n1,0,0.1,-0.2\n5,1,0,0\n", "val_set/images/1.jpg": png(1) },
    counts: { val: { neutral: 1 } },
    skipped: { "missing-file": 1 },
  },
);

describe("affectnet, 2017", () => {
  test("cuts rows y to y + height and columns x to x + width, clipped to the photo", async () => {
    const dir = temporaryFolder();
    const from = writeTree(path.join(dir, "from"), await lists("Images", ""));
    const { info } = await extract({ adapter: "affectnet", from, to: path.join(dir, "to"), workers: 1 });
    expect(info.pictures).toMatchObject({ cropped: 5, clippedBoxes: 1 });
    expect(jsonLines(path.join(dir, "to/train/metadata.jsonl"))).toMatchObject([
      { id: `12__${hex(3)}`, box: { x: 2, y: 3, width: 8, height: 6 }, valence: 0, arousal: 0 },
      { id: `689__${hex(1)}`, box: { x: 4, y: 4, width: 10, height: 10 }, valence: 0.5, arousal: -0.25 },
      { id: `867__${hex(5)}`, box: { x: 20, y: 5, width: 20, height: 15 } },
    ]);
  });

  test("loses no row of a list without a header", async () => {
    const { samples } = await itemsOf(affectnet, await lists("Images", ""));
    expect(samples.filter(({ split }) => split === "val").map(({ expression }) => expression)).toEqual([
      "contempt",
      "anger",
    ]);
  });

  test("gives 68 landmarks in pixels of the photo", async () => {
    const { samples } = await itemsOf(affectnet, await lists("Images", ""));
    expect(samples[0]!.landmarks).toHaveLength(68);
    expect(samples[0]!.landmarks?.[3]).toEqual([3.5, 3]);
  });

  test("lists what is left out", async () => {
    const { skips } = await itemsOf(affectnet, await lists("Images", ""));
    expect(skipLines(skips).map((line) => line.replaceAll(/a{40,}/g, "a~"))).toMatchInlineSnapshot(`
      [
        "bad-box: training.csv:3 (box "NULL,NULL,10,10" is not four numbers)",
        "bad-box: training.csv:5 (box of -5 x 10 is empty)",
        "invalid: training.csv:12 ("Images/689/a~1.jpg" has a row already)",
        "missing-file: training.csv:10 ("867/a~9.jpg" is not in the folder)",
        "no-face: training.csv:7 (expression 10 (Non-Face))",
        "none: training.csv:8 (expression 8 (None))",
        "uncertain: training.csv:9 (expression 9 (Uncertain))",
        "unlabelled: Images/459/a~13.jpg (present, but no row names it)",
      ]
    `);
  });

  test("refuses an unknown code and a row that is cut off", async () => {
    const list = (text: string): Tree => ({ "training.csv": text, [`1/${hex(1)}.jpg`]: png(1) });
    expect([
      await refusalOf(affectnet, list(`${HEADER}\n${row("1/a.jpg", "1,1,2,2", 11)}`)),
      await refusalOf(affectnet, list(`${HEADER}\n${row("1/a.jpg", "1,1,2,2", 1)}\n1/b.jpg,3,3`)),
    ]).toMatchInlineSnapshot(`
      [
        "training.csv:2: the expression is "11". Expected a code from 0 to 10. Use the file as the owner ships it.",
        "training.csv, line 3: 3 cells. Expected 9. The file may be cut off: download it again.",
      ]
    `);
  });
});

describe("affectnet, later editions and copies", () => {
  test("reads scalars of every stored type, and -2 as not annotated", async () => {
    const { samples } = await itemsOf(affectnet, npy);
    expect(
      samples.map(({ split, id, expression, valence, arousal }) => [split, id, expression, valence, arousal]),
    ).toEqual([
      ["train", "0", "contempt", -0.65331, null],
      ["train", "12", "happy", 0.5, null],
      ["val", "12", "fear", null, null],
    ]);
  });

  test("leaves out a picture whose annotation is damaged or says NaN, and reads on", async () => {
    const nan = double(Number.NaN);
    const { samples, skips } = await itemsOf(affectnet, {
      ...npy,
      "train_set/images/20.jpg": png(5),
      "train_set/annotations/20_exp.npy": nan,
      "train_set/images/21.jpg": png(6),
      "train_set/annotations/21_exp.npy": npyFile("<i8", "(2,)", Buffer.alloc(16)),
      "train_set/images/22.jpg": png(7),
      "train_set/annotations/22_exp.npy": "not an array",
      "train_set/annotations/12_val.npy": nan,
      "train_set/annotations/12_aro.npy": Buffer.alloc(0),
      "train_set/annotations/12_lnd.npy": nan,
    });
    expect(samples.map(({ id, valence, arousal, landmarks }) => [id, valence, arousal, landmarks])).toEqual([
      ["0", -0.65331, null, null],
      ["12", null, null, null],
      ["12", null, null, null],
    ]);
    expect(skipLines(skips.filter(({ reason }) => reason === "invalid"))).toMatchInlineSnapshot(`
      [
        "invalid: train_set/annotations/20_exp.npy (the expression is "NaN")",
        "invalid: train_set/annotations/21_exp.npy (train_set/annotations/21_exp.npy: an array of shape (2). Expected a .npy file of numbers or text. Use the file as the owner ships it.)",
        "invalid: train_set/annotations/22_exp.npy (train_set/annotations/22_exp.npy: the file does not start as an array does. Expected a .npy file of numbers or text. Use the file as the owner ships it.)",
      ]
    `);
    const json = { ...plus, "AffectNet+/human_annotated/train_set/annotations/1.json": '{"human-label": NaN}' };
    expect(skipLines((await itemsOf(affectnet, json)).skips)[0]).toMatchInlineSnapshot(
      `"invalid: AffectNet+/human_annotated/train_set/annotations/1.json (AffectNet+/human_annotated/train_set/annotations/1.json: text that is not JSON. Expected a JSON object. The file may be cut off: download it again.)"`,
    );
    expect(await refusalOf(affectnet, { ...npy, "train_set/annotations/0_exp.npy": int8(11) })).toMatchInlineSnapshot(
      `"train_set/annotations/0_exp.npy: the expression is "11". Expected a code from 0 to 10. Use the file as the owner ships it."`,
    );
  });

  test("takes the numbers of an index for AffectNet's codes only where something proves it", async () => {
    const pictures = Object.fromEntries(Array.from({ length: 10 }, (_, i) => [`img/${i}.jpg`, png(i)]));
    const paths = (...codes: number[]): Tree => ({
      ...pictures,
      "index.csv": ["phase,img_path,label", ...codes.map((code, i) => `train,img/${i}.jpg,${code}`)].join("\n"),
    });
    const numbers = (...rows: [code: number, valence: number][]): Tree => ({
      ...pictures,
      "img/list.csv": ["number,exp,val,aro", ...rows.map(([code, val], i) => `${i},${code},${val},0`)].join("\n"),
    });
    const five = (code: number, valence: number) => Array.from({ length: 5 }, (): [number, number] => [code, valence]);
    const read = async (tree: Tree, options = {}) => (await itemsOf(affectnet, tree, { options })).samples.length;
    expect(await read(paths(0, 1, 8))).toBe(2);
    expect(await read(paths(0, 1), { map: { 0: "anger", 1: "contempt" } })).toBe(2);
    expect(await read(numbers(...five(1, 0.7), ...five(2, -0.6)))).toBe(10);
    const named = { "train/happy/1.jpg": png(1), "index.csv": "phase,img_path,label\ntrain,train/happy/1.jpg,4\n" };
    expect([
      await refusalOf(affectnet, paths(0, 1, 7)),
      await refusalOf(affectnet, numbers(...five(1, -0.7), ...five(2, 0.6))),
      await refusalOf(affectnet, named, { form: "index-csv" }),
    ]).toMatchInlineSnapshot(`
      [
        "index.csv: nothing proves that its 3 labels are numbered as AffectNet's. Expected labels that are known to be AffectNet's codes: copies number the classes in several ways. Say what they mean; if they are AffectNet's, pass --map 0=neutral,1=happy,2=sad,3=surprise,4=fear,5=disgust,6=anger,7=contempt.",
        "img/list.csv: the valence of code 1, which is happy, is -1.3 above that of 2, 4, 5 and 6 in the mean, and not 0.5 or more. Expected labels that are known to be AffectNet's codes: copies number the classes in several ways. Say what they mean; if they are AffectNet's, pass --map 0=neutral,1=happy,2=sad,3=surprise,4=fear,5=disgust,6=anger,7=contempt.",
        "index.csv: 1 of 1 rows have a class in their path that is not AffectNet's of their code. Expected labels that are known to be AffectNet's codes: copies number the classes in several ways. Say what they mean; if they are AffectNet's, pass --map 0=neutral,1=happy,2=sad,3=surprise,4=fear,5=disgust,6=anger,7=contempt.",
      ]
    `);
  });

  test("reads the landmarks beside the labels, on which faces are aligned", async () => {
    const floats = Buffer.alloc(136 * 8);
    for (let i = 0; i < 136; i++) floats.writeDoubleLE(i + 0.25, i * 8);
    const text = Buffer.concat(
      Array.from({ length: 136 }, (_, i) => npyText(`${i}.5`.padEnd(8, "\0")).subarray(-8 * 4)),
    );
    const tree = {
      ...npy,
      "train_set/annotations/0_lnd.npy": npyFile("<f8", "(136,)", floats),
      "train_set/annotations/12_lnd.npy": npyFile("<U8", "(136, 1)", text),
      "valid_set/annotations/12_lnd.npy": npyFile("<f8", "(3,)", floats),
    };
    const { samples } = await itemsOf(affectnet, tree);
    expect(samples.map(({ landmarks }) => [landmarks?.length, landmarks?.[0], landmarks?.[67]])).toEqual([
      [68, [0.25, 1.25], [134.25, 135.25]],
      [68, [0.5, 1.5], [134.5, 135.5]],
      [undefined, undefined, undefined],
    ]);
    const from = writeTree(temporaryFolder(), tree);
    const { info } = await extract({ adapter: "affectnet", from, to: path.join(temporaryFolder(), "to"), align: true });
    expect([info.total, info.skipped]).toEqual([2, { "bad-box": 1, "missing-file": 1, unlabelled: 1, unread: 1 }]);
  });

  test("puts soft labels into canonical order and guards absent keys", async () => {
    const { samples } = await itemsOf(affectnet, plus);
    expect(samples[0]).toMatchObject({ votes: [0.01, 0, 0, 0, 0.93, 0, 0, 0.06], valence: 0.62, arousal: 0.11 });
    expect(samples[0]!.landmarks?.[67]).toEqual([134, 135]);
    expect(samples[1]).toMatchObject({ expression: "anger", votes: null, valence: null, landmarks: null });
  });

  test("keeps the label that was not believed", async () => {
    const raw = async (labels: string) =>
      (await itemsOf(affectnet, words, { options: { labels } })).samples.map(({ rawLabel }) => rawLabel);
    expect(await raw("folder")).toEqual(["surprise", "Contempt (archive (3)/labels.csv:3: anger)", "Happy"]);
    expect(await raw("csv")).toEqual(["surprise", "anger (folder: Contempt)", "Happy"]);
  });

  test("asks what numbered folders mean", async () => {
    expect(await refusalOf(affectnet, { "train/0/1.jpg": png(1), "train/3/2.jpg": png(2) })).toMatchInlineSnapshot(
      `"affectnet: "<root>" has numbered folders, and numbers mean other classes in other copies. Expected a map from folder to expression. If they are AffectNet's codes, pass --map 0=neutral,1=happy,2=sad,3=surprise,4=fear,5=disgust,6=anger,7=contempt."`,
    );
  });

  test("reads the class order of data.yaml in each of its spellings, and boxes in parts of the picture", async () => {
    const { samples } = await itemsOf(affectnet, yolo);
    expect(samples.map(({ id, expression, box, group }) => ({ id, expression, box, group }))).toMatchInlineSnapshot(`
      [
        {
          "box": {
            "height": 18,
            "width": 20,
            "x": 10,
            "y": 0.9999999999999998,
          },
          "expression": "happy",
          "group": null,
          "id": "a",
        },
        {
          "box": {
            "height": 16,
            "width": 16,
            "x": 1.9999999999999996,
            "y": 1.9999999999999996,
          },
          "expression": "neutral",
          "group": "b.jpg",
          "id": "b_0",
        },
        {
          "box": {
            "height": 16,
            "width": 16,
            "x": 22,
            "y": 1.9999999999999996,
          },
          "expression": "anger",
          "group": "b.jpg",
          "id": "b_1",
        },
      ]
    `);
    const block = "names:\n- Anger\n- Contempt\n- Disgust\n- Fear\n- Happy\n- Neutral\n";
    const keyed = "names:\n  0: Anger\n  1: Contempt\n  5: 'Neutral'\n  4: Happy\n";
    expect((await itemsOf(affectnet, { ...yolo, "data.yaml": block })).samples).toEqual(samples);
    expect((await itemsOf(affectnet, { ...yolo, "data.yaml": keyed })).samples).toEqual(samples);
    expect(await refusalOf(affectnet, { ...yolo, "data.yaml": "names: [Anger]\n" })).toMatchInlineSnapshot(
      `"train/labels/a.txt:1: the class is "4". Expected a class of data.yaml: Anger. Use the file as the owner ships it."`,
    );
  });

  test("says which edition it is", async () => {
    expect(await formOf(affectnet, npy)).toBe("npy-2021");
    expect(await refusalOf(affectnet, { ...npy, ...plus })).toMatchInlineSnapshot(
      `"affectnet: "<root>" fits several forms: npy-2021, affectnet-plus. Expected one. Say which with --form npy-2021 or --form affectnet-plus."`,
    );
  });
});
