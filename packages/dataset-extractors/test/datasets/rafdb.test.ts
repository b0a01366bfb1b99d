import { cpSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { adapters, extract } from "@fer/dataset-extractors";
import { describe, expect, test, vi } from "vitest";
import { jsonLines, testAdapter } from "../contract.js";
import { zip } from "../fixtures/archives.js";
import { jpeg, png } from "../fixtures/images.js";
import { itemsOf, refusalOf, skipLines } from "../fixtures/items.js";
import { temporaryFolder, writeTree, type Tree } from "../fixtures/tree.js";

const rafdb = adapters.rafdb!;

/** Five-digit train names, four-digit test names, codes from 1, and no newline at the end. */
const LIST = "train_00001.jpg 1\ntrain_00002.jpg 4\ntrain_00003.jpg 7\ntest_0001.jpg 6\ntest_0002.jpg 2";

const official = async (root: string): Promise<Tree> => ({
  [`${root}EmoLabel/list_patition_label.txt`]: LIST,
  [`${root}Image/aligned/train_00001_aligned.jpg`]: await jpeg(1, 10, 10),
  [`${root}Image/aligned/train_00002_aligned.jpg`]: await jpeg(2, 10, 10),
  [`${root}Image/aligned/test_0001_aligned.jpg`]: await jpeg(3, 10, 10),
  [`${root}Image/aligned/test_0002_aligned.jpg`]: await jpeg(4, 10, 10),
  [`${root}Image/aligned/train_99999_aligned.jpg`]: await jpeg(5, 10, 10),
  [`${root}Image/original/train_00001.jpg`]: png(6, 40, 20, 3),
  [`${root}Image/original/train_00002.jpg`]: png(7, 40, 20, 3),
  [`${root}Image/original/test_0001.jpg`]: png(8, 40, 20, 3),
  [`${root}Annotation/boundingbox/train_00001_boundingbox.txt`]: "10.5 4.0 30.25 16.75\n",
  [`${root}Annotation/boundingbox/train_00002_boundingbox.txt`]: "10.5 4.0 x\n",
  [`${root}Annotation/manual/train_00001_manu_attri.txt`]: "12\t6\n20\t6\n16\t10\n13\t13\n19\t13\n0\n0\n2\n",
});

const kaggle = async (): Promise<Tree> => ({
  "DATASET/train/1/train_00001_aligned.jpg": await jpeg(1),
  "DATASET/train/7/train_00002_aligned.jpg": await jpeg(2),
  "DATASET/train/4/train_00003_aligned.jpg": await jpeg(3),
  "DATASET/test/6/test_0001_aligned.jpg": await jpeg(4),
  "train_labels.csv":
    "image,label\r\ntrain_00001_aligned.jpg,1\r\ntrain_00002_aligned.jpg,7\r\ntrain_00003_aligned.jpg,5\r\ntrain_00004_aligned.jpg,5\r\n",
  "test_labels.csv": "image,label\ntest_0001_aligned.jpg,6\n",
});

testAdapter(
  rafdb,
  ...["", "RAF-DB/basic/", "raf-basic/"].map((root) => ({
    name: `official tree under "${root}"`,
    form: "basic",
    tree: () => official(root),
    counts: { train: { happy: 1, surprise: 1 }, test: { anger: 1, fear: 1 } },
    skipped: { "missing-file": 1, unlabelled: 1, "not-chosen": 1, unread: 1 },
  })),
  {
    name: "originals, cut by the owner's box",
    form: "basic",
    tree: () => official("basic/"),
    options: { images: "original" },
    counts: { train: { surprise: 1 } },
    skipped: { "missing-file": 2, "bad-box": 2, "not-chosen": 1 },
  },
  {
    name: "compound, by the second word of each class",
    form: "compound",
    tree: {
      "EmoLabel/list_patition_label.txt": "train_0001.jpg 11\ntrain_0002.jpg 3\ntest_0001.jpg 1",
      "Image/aligned/train_0001_aligned.jpg": png(1),
      "Image/aligned/test_0001_aligned.jpg": png(2),
    },
    options: { compound: "main" },
    counts: { train: { surprise: 1 }, test: { surprise: 1 } },
    skipped: { "missing-file": 1 },
  },
  {
    name: "Kaggle folders with csv",
    form: "class-folders",
    tree: kaggle,
    counts: { train: { neutral: 1, surprise: 1 }, test: { anger: 1 } },
    skipped: { invalid: 1, "missing-file": 1 },
    quiet: ["test_labels.csv"],
  },
  {
    name: "pictures of a part in one folder, labels in csv files",
    form: "label-csv",
    tree: async () => ({
      "raf/train/train_images/train_00001_aligned.jpg": await jpeg(1),
      "raf/train/train_images/train_00002_aligned.jpg": await jpeg(2),
      "raf/train/train_images/train_00009_aligned.jpg": await jpeg(3),
      "raf/test/test_images/test_0001_aligned.jpg": await jpeg(4),
      "raf/train_labels.csv":
        "image,label\r\ntrain_00001_aligned.jpg,1\r\ntrain_00002_aligned.jpg,7\r\ntrain_00003_aligned.jpg,5\r\n",
      "raf/test_labels.csv": "image,label\ntest_0001_aligned.jpg,6\n",
    }),
    counts: { train: { neutral: 1, surprise: 1 }, test: { anger: 1 } },
    skipped: { "missing-file": 1, unlabelled: 1 },
  },
  {
    name: "folders of words",
    form: "class-folders",
    tree: {
      "aligned/train/happiness/train_00004_aligned.jpg": png(1),
      "aligned/test/Anger/test_0001_aligned.jpg": png(2),
    },
    counts: { train: { happy: 1 }, test: { anger: 1 } },
    skipped: {},
  },
  {
    name: "index csv with a byte order mark",
    form: "index-csv",
    tree: {
      "raf.csv":
        "\uFEFFpath,label,fold\nimg/train_00001_aligned.jpg,1,train\nimg\\test_0001_aligned.jpg,Fear,test\nimg/gone.jpg,3,test\n",
      "img/train_00001_aligned.jpg": png(1),
      "img/test_0001_aligned.jpg": png(2),
      "img/test_0002_aligned.jpg": png(3),
    },
    counts: { train: { surprise: 1 }, test: { fear: 1 } },
    skipped: { "missing-file": 1, unlabelled: 1 },
  },
);

describe("rafdb", () => {
  test("reads codes from 1, so that surprise is not fear", async () => {
    const { samples } = await itemsOf(rafdb, await official("basic/"));
    expect(samples.map(({ id, expression, rawLabel, source }) => [id, expression, rawLabel, source])).toEqual([
      ["train_00001", "surprise", "1", "EmoLabel/list_patition_label.txt:1"],
      ["train_00002", "happy", "4", "EmoLabel/list_patition_label.txt:2"],
      ["test_0001", "anger", "6", "EmoLabel/list_patition_label.txt:4"],
      ["test_0002", "fear", "2", "EmoLabel/list_patition_label.txt:5"],
    ]);
  });

  test("lists what is missing, unlisted, or contradictory", async () => {
    expect(skipLines((await itemsOf(rafdb, await official(""))).skips)).toMatchInlineSnapshot(`
      [
        "missing-file: EmoLabel/list_patition_label.txt:3 ("train_00003_aligned.jpg" is not in the folder)",
        "not-chosen: Image/original (of the pictures, the aligned ones are read (--images))",
        "unlabelled: Image/aligned/train_99999_aligned.jpg (present, but no row names it)",
        "unread: Annotation (3 files that this form does not read (.txt))",
      ]
    `);
    expect(skipLines((await itemsOf(rafdb, await official(""), { options: { images: "original" } })).skips))
      .toMatchInlineSnapshot(`
        [
          "bad-box: EmoLabel/list_patition_label.txt:2 (Annotation/boundingbox/train_00002_boundingbox.txt does not hold four numbers)",
          "bad-box: EmoLabel/list_patition_label.txt:4 ("Annotation/boundingbox/test_0001_boundingbox.txt" is not in the folder)",
          "missing-file: EmoLabel/list_patition_label.txt:3 ("train_00003.jpg" is not in the folder)",
          "missing-file: EmoLabel/list_patition_label.txt:5 ("test_0002.jpg" is not in the folder)",
          "not-chosen: Image/aligned (of the pictures, the original ones are read (--images))",
        ]
      `);
    expect(skipLines((await itemsOf(rafdb, await kaggle())).skips)).toMatchInlineSnapshot(`
      [
        "invalid: DATASET/train/4/train_00003_aligned.jpg (folder 4, but train_labels.csv:4 says 5)",
        "missing-file: train_labels.csv:5 ("train_00004_aligned.jpg" is not in the folder)",
      ]
    `);
  });

  test("refuses class folders and csv files that count from 0, and reads them by a map", async () => {
    const numbered = (from: number): Tree =>
      Object.fromEntries(
        ["train", "test"].flatMap((part) =>
          Array.from({ length: 7 }, (_, i) => [`${part}/${from + i}/${part}_0000${i}_aligned.jpg`, png(i)]),
        ),
      );
    const owners = ["surprise", "fear", "disgust", "happy", "sad", "anger", "neutral"];
    const map = Object.fromEntries(owners.map((name, i) => [i, name]));
    const classes = async (tree: Tree, options = {}) =>
      (await itemsOf(rafdb, tree, { options })).samples.slice(0, 7).map(({ expression }) => expression);
    expect(await classes(numbered(1))).toEqual(owners);
    expect(await classes(numbered(0), { map })).toEqual(owners);
    const lists = (labels: readonly (string | number)[], columns = "image,label", after = ""): Tree => ({
      ...Object.fromEntries(labels.map((_, i) => [`img/train_0000${i}_aligned.jpg`, png(i)])),
      "labels.csv": [columns, ...labels.map((label, i) => `train_0000${i}_aligned.jpg,${label}${after}`)].join("\n"),
    });
    expect(await classes(lists([0, 6]), { map })).toEqual(["surprise", "neutral"]);
    const { "train/7/train_00006_aligned.jpg": _a, "test/7/test_00006_aligned.jpg": _b, ...six } = numbered(1);
    expect([
      await refusalOf(rafdb, numbered(0)),
      await refusalOf(rafdb, six),
      await refusalOf(rafdb, lists([0, 6])),
      await refusalOf(rafdb, lists([0, 6], "path,label,fold", ",train")),
    ]).toMatchInlineSnapshot(`
      [
        "rafdb: "<root>" has classes numbered 0, 1, 2, 3, 4, 5, 6. Expected the owner's codes 1 to 7: these are numbered otherwise, and every label could be wrong. Say what they mean with --map 0=...,1=...,2=...,3=...,4=...,5=...,6=...; the owner's are 1=surprise,2=fear,3=disgust,4=happy,5=sad,6=anger,7=neutral.",
        "rafdb: "<root>" has classes numbered 1, 2, 3, 4, 5, 6. Expected the owner's codes 1 to 7, among them 7: without it, they could as well be counted from 0. Say what they mean with --map 1=...,2=...,3=...,4=...,5=...,6=...; the owner's are 1=surprise,2=fear,3=disgust,4=happy,5=sad,6=anger,7=neutral.",
        "rafdb: "labels.csv" has classes numbered 0, 6. Expected the owner's codes 1 to 7: these are numbered otherwise, and every label could be wrong. Say what they mean with --map 0=...,6=...; the owner's are 1=surprise,2=fear,3=disgust,4=happy,5=sad,6=anger,7=neutral.",
        "rafdb: "labels.csv" has classes numbered 0, 6. Expected the owner's codes 1 to 7: these are numbered otherwise, and every label could be wrong. Say what they mean with --map 0=...,6=...; the owner's are 1=surprise,2=fear,3=disgust,4=happy,5=sad,6=anger,7=neutral.",
      ]
    `);
  });

  test("believes no label of a picture that lies in two class folders", async () => {
    const { samples, skips } = await itemsOf(rafdb, {
      "train/1/train_00001_aligned.jpg": png(1),
      "train/4/train_00001_aligned.jpg": png(1),
      "train/7/train_00002_aligned.jpg": png(2),
      "more/7/train_00002_aligned.jpg": png(2),
    });
    expect(samples.map(({ id }) => id)).toEqual(["train_00002"]);
    expect(skipLines(skips)).toMatchInlineSnapshot(`
      [
        "invalid: train/1/train_00001_aligned.jpg ("train/4/train_00001_aligned.jpg" has the same name)",
        "invalid: train/4/train_00001_aligned.jpg ("train/1/train_00001_aligned.jpg" has the same name)",
        "invalid: train/7/train_00002_aligned.jpg ("more/7/train_00002_aligned.jpg" has the same name)",
      ]
    `);
  });

  test("cuts an original by xmin ymin xmax ymax", async () => {
    const dir = temporaryFolder();
    const from = writeTree(path.join(dir, "from"), await official("basic/"));
    const to = path.join(dir, "to");
    await extract({ adapter: "rafdb", from, to, workers: 1, options: { images: "original" } });
    expect(jsonLines(path.join(to, "train/metadata.jsonl"))).toMatchObject([
      { id: "train_00001", box: { x: 11, y: 4, width: 19, height: 13 } },
    ]);
  });

  test("gives the five points of an original, the eye on the left first, and aligns on them", async () => {
    const dir = temporaryFolder();
    const from = writeTree(path.join(dir, "from"), await official("basic/"));
    const { samples } = await itemsOf(rafdb, from, { options: { images: "original" } });
    expect(samples[0]!.landmarks).toEqual([
      [12, 6],
      [20, 6],
      [16, 10],
      [13, 13],
      [19, 13],
    ]);
    const to = path.join(dir, "to");
    const aligned = { align: true, options: { images: "original" } };
    const { info } = await extract({ adapter: "rafdb", from, to, workers: 1, ...aligned });
    expect(info.counts).toEqual({ train: { surprise: 1 } });
  });

  test("leaves out a row that comes twice and a box without a size", async () => {
    const tree = await official("");
    tree["EmoLabel/list_patition_label.txt"] = "train_00001.jpg 1\ntrain_00001.jpg 1\n";
    expect(skipLines((await itemsOf(rafdb, tree)).skips)).toContain(
      'invalid: EmoLabel/list_patition_label.txt:2 ("Image/aligned/train_00001_aligned.jpg" has a row already)',
    );
    tree["Annotation/boundingbox/train_00001_boundingbox.txt"] = "30 4 10 16";
    expect(skipLines((await itemsOf(rafdb, tree, { options: { images: "original" } })).skips)).toContain(
      "bad-box: EmoLabel/list_patition_label.txt:1 (Annotation/boundingbox/train_00001_boundingbox.txt holds an empty box)",
    );
  });

  test("refuses a code outside 1..7, a name without a split, and a list without pictures", async () => {
    const list = (text: string): Tree => ({
      "EmoLabel/list_patition_label.txt": text,
      "Image/aligned/train_00001_aligned.jpg": png(1),
    });
    expect([
      await refusalOf(rafdb, list("train_00001.jpg 0\n")),
      await refusalOf(rafdb, list("train_00001.jpg x\n")),
      await refusalOf(rafdb, list("valid_00001.jpg 1\n")),
      await refusalOf(rafdb, list("train_00001.jpg\n")),
      await refusalOf(rafdb, { "EmoLabel/list_patition_label.txt": LIST, "Image/original/train_00001.jpg": png(1) }),
    ]).toMatchInlineSnapshot(`
      [
        "EmoLabel/list_patition_label.txt:1: the label is "0". Expected a code from 1 to 7. Use the file as the owner ships it.",
        "EmoLabel/list_patition_label.txt:1: the label is "x". Expected a code from 1 to 7. Use the file as the owner ships it.",
        "EmoLabel/list_patition_label.txt:1: the name is "valid_00001.jpg". Expected train_<number>.jpg or test_<number>.jpg. Use the file as the owner ships it.",
        "EmoLabel/list_patition_label.txt, line 1: 1 field. Expected 2, separated by blanks. The file may be cut off: download it again.",
        "rafdb: no aligned picture under "<root>". Expected Image/aligned/train_00001_aligned.jpg ... Unpack Image/aligned.zip, or pass --images original.",
      ]
    `);
  });

  test("unpacks the archives in which the owner ships the pictures", async () => {
    vi.stubEnv("FER_CACHE", temporaryFolder());
    const from = writeTree(temporaryFolder(), {
      "basic/EmoLabel/list_patition_label.txt": "train_00001.jpg 5\ntest_0001.jpg 1",
      "basic/Image/aligned.zip": zip({
        "aligned/train_00001_aligned.jpg": png(1),
        "aligned/test_0001_aligned.jpg": png(2),
        "__MACOSX/aligned/._test_0001_aligned.jpg": "x",
      }),
    });
    const to = path.join(temporaryFolder(), "to");
    const { info } = await extract({ adapter: "rafdb", from, to, workers: 1 });
    vi.unstubAllEnvs();
    expect([info.form, info.counts, info.skipped]).toEqual(["basic", { train: { sad: 1 }, test: { surprise: 1 } }, {}]);
  });

  const compound = (dir: string) => ({
    [`${dir}EmoLabel/list_patition_label.txt`]: "train_0001.jpg 11\ntrain_0002.jpg 3\ntest_0001.jpg 1",
    [`${dir}Image/aligned/train_0001_aligned.jpg`]: png(1),
    [`${dir}Image/aligned/test_0001_aligned.jpg`]: png(2),
  });

  test("refuses the compound set, whose classes are none of the eight, and says what can be done", async () => {
    const from = writeTree(temporaryFolder(), compound(""));
    const to = path.join(temporaryFolder(), "to");
    const message = await extract({ adapter: "rafdb", from, to, workers: 1 }).catch((error: Error) => error.message);
    expect(String(message).replace(from, "<root>")).toMatchInlineSnapshot(
      `"rafdb: "<root>" is the compound set: eleven classes such as "happily surprised". Expected the basic set, whose seven classes are those of this toolkit. Take the basic set, or pass --compound main: the second word of each class, with half a vote for either."`,
    );
  });

  test("takes a compound expression for its second word, with half a vote for either, where told to", async () => {
    const { samples, skips } = await itemsOf(rafdb, compound("compound/"), { options: { compound: "main" } });
    expect(samples.map(({ id, expression, votes, rawLabel }) => [id, expression, rawLabel, votes?.join(" ")])).toEqual([
      ["train_0001", "surprise", "11", "0 0 0.5 0 0 0 0.5 0"],
      ["test_0001", "surprise", "1", "0 0 0 0 0.5 0 0.5 0"],
    ]);
    expect(skipLines(skips)).toHaveLength(1);
    expect(skipLines(skips)[0]).toMatch(/^missing-file: EmoLabel\/list_patition_label.txt:2 /);
  });

  test("compares the compound set with the two totals that are known", async () => {
    const from = writeTree(temporaryFolder(), compound(""));
    const to = path.join(temporaryFolder(), "to");
    const { info } = await extract({ adapter: "rafdb", from, to, workers: 1, options: { compound: "main" } });
    expect(info).toMatchObject({ form: "compound", total: 2, groupSpace: "rafdb-compound" });
    expect(info.verification).toMatchInlineSnapshot(`
      {
        "details": [
          "train: expected 3,162 images [two sources], found 1",
          "test: expected 792 images [two sources], found 1",
        ],
        "status": "partial",
      }
    `);
  });

  test("never takes a compound list for a basic one, and asks where both are there", async () => {
    const compound = {
      "compound/EmoLabel/list_patition_label.txt": "train_0001.jpg 8\n",
      "compound/Image/aligned/train_0001_aligned.jpg": png(1),
    };
    expect(await refusalOf(rafdb, { ...(await official("basic/")), ...compound })).toMatchInlineSnapshot(
      `"rafdb: "<root>" fits several forms: basic, compound. Expected one. Say which with --form basic or --form compound."`,
    );
    const { samples } = await itemsOf(
      rafdb,
      { ...(await official("basic/")), ...compound },
      { form: "compound", options: { compound: "main" } },
    );
    expect(samples.map(({ rawLabel }) => rawLabel)).toEqual(["8"]);
  });

  test("accepts the spelling list_partition_label.txt", async () => {
    const { samples } = await itemsOf(rafdb, {
      "EmoLabel/list_partition_label.txt": "train_00001.jpg 5\r\n\r\n",
      "Image/aligned/train_00001_aligned.jpg": png(1),
    });
    expect(samples.map(({ expression }) => expression)).toEqual(["sad"]);
  });
});

describe.skipIf(!process.env.FER_DATA)("rafdb on the real list (needs FER_DATA)", () => {
  test("meets the owner's totals, class by class, with generated pictures", async () => {
    const dir = temporaryFolder();
    const list = path.join(process.env.FER_DATA!, "annotations/rafdb_list_patition_label.txt");
    const images = path.join(dir, "basic/Image/aligned");
    mkdirSync(images, { recursive: true });
    mkdirSync(path.join(dir, "basic/EmoLabel"));
    cpSync(list, path.join(dir, "basic/EmoLabel/list_patition_label.txt"));
    const picture = png(1, 2, 2);
    for (const row of readFileSync(list, "utf8").split("\n")) {
      writeFileSync(path.join(images, row.split(" ")[0]!.replace(".jpg", "_aligned.jpg")), picture);
    }
    const { info } = await extract({ adapter: "rafdb", from: dir, to: path.join(temporaryFolder(), "to"), workers: 1 });
    expect(info.verification).toEqual({
      status: "match",
      details: [
        "train: expected 12,271 images [verified], found the same",
        "test: expected 3,068 images [verified], found the same",
      ],
    });
    expect(info.skipped).toEqual({});
  }, 300_000);
});
