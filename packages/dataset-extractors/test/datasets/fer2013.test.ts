import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import path from "node:path";
import { adapters, extract } from "@fer/dataset-extractors";
import { loadDecoder, readHeader, toGrey } from "@fer/dataset-extractors/image";
import type { ImageHeader } from "@fer/dataset-extractors/image";
import type { MetadataRow } from "@fer/core/image-folder";
import { describe, expect, test } from "vitest";
import { jsonLines, testAdapter } from "../contract.js";
import { jpeg, png } from "../fixtures/images.js";
import { countsOf, formOf, itemsOf, refusalOf, skipLines } from "../fixtures/items.js";
import { temporaryFolder, writeTree, type Tree } from "../fixtures/tree.js";

const fer2013 = adapters.fer2013!;

/** 2,304 values that differ between seeds. */
const pixels = (seed: number, count = 2304) => Array.from({ length: count }, (_, i) => (i * seed) % 256).join(" ");
const BLACK = pixels(0);

/** All seven codes, an all-black row, twins with different labels in two splits, and rows that are no image. */
const ROWS = [
  ["0", BLACK, "Training"],
  ["1", pixels(1), "Training"],
  ["2", pixels(2), "Training"],
  ["3", pixels(3), "Training"],
  ["4", pixels(4), "PublicTest"],
  ["5", pixels(5), "PrivateTest"],
  ["6", pixels(3), "PublicTest"],
  ["6", pixels(7, 2303), "Training"],
  ["6", pixels(7).replace(" 7 ", " 256 "), "PrivateTest"],
] as const;
const TABLE = ["emotion,pixels,Usage", ...ROWS.map((row) => row.join(","))].join("\n");
const QUOTED = [" emotion, Usage, pixels", ...ROWS.map(([e, p, u]) => `${e},${u},"${p}"`), ""].join("\r\n");
const COUNTS = {
  train: { anger: 1, disgust: 1, fear: 1, happy: 1 },
  val: { neutral: 1, sad: 1 },
  test: { surprise: 1 },
};

const kaggle = async (): Promise<Tree> => ({
  "archive/train/angry/Training_10118481.jpg": await jpeg(1),
  "archive/train/sad/Training_3.png": png(2, 48, 48, 3),
  "archive/train/sad/Training_3.jpg": await jpeg(3),
  "archive/test/happy/PublicTest_1.jpg": await jpeg(4),
  "archive/test/happy/PrivateTest_1.jpg": await jpeg(5),
  "archive/test/notes/PrivateTest_2.jpg": await jpeg(6),
});

testAdapter(
  fer2013,
  {
    name: "csv",
    form: "csv",
    tree: { "fer2013/fer2013.csv": TABLE, "fer2013/README": "x", "train.csv": "emotion,pixels\n" },
    counts: COUNTS,
    skipped: { undecodable: 2, unread: 2 },
    except: [{ check: "groups stay in one split", reason: "the owners' splits share pictures" }],
  },
  {
    name: "icml csv, quoted, CRLF",
    form: "csv",
    tree: { "icml_face_data.csv": QUOTED },
    counts: COUNTS,
    skipped: { undecodable: 2 },
    except: [{ check: "groups stay in one split", reason: "the owners' splits share pictures" }],
  },
  {
    name: "train.csv and test.csv",
    form: "train-csv",
    tree: {
      "train.csv": `emotion,pixels\n3,${pixels(1)}\n6,"${pixels(2)}"`,
      "test.csv": `pixels\n${pixels(3)}\n${pixels(4)}\n`,
    },
    counts: { train: { happy: 1, neutral: 1 } },
    skipped: { unlabelled: 2 },
  },
  {
    name: "Kaggle folders",
    form: "folders",
    tree: kaggle,
    counts: { train: { anger: 1, sad: 2 }, val: { happy: 1 }, test: { happy: 1 } },
    skipped: { unlabelled: 1 },
  },
  {
    name: "folders of the three parts",
    form: "folders",
    tree: { "Training/happy/a.png": png(1), "PublicTest/happy/a.png": png(2), "PrivateTest/sad/a.png": png(3) },
    counts: { train: { happy: 1 }, val: { happy: 1 }, test: { sad: 1 } },
    skipped: {},
  },
  {
    name: "the original framework's arrangement",
    form: "folders",
    tree: { "train/image/0/disgust/a.png": png(1), "train/image/1/sad/a.png": png(2) },
    counts: { train: { disgust: 1, sad: 1 } },
    skipped: {},
  },
  {
    name: "numbered folders, csv order",
    form: "folders",
    tree: { "Training/4/1.png": png(1), "PublicTest/6/2.png": png(2), "PrivateTest/0/3.png": png(3) },
    options: { numbers: "csv" },
    counts: { train: { sad: 1 }, val: { neutral: 1 }, test: { anger: 1 } },
    skipped: {},
  },
  {
    name: "both tests merged",
    form: "merged-test",
    tree: { "train/happy/im0.png": png(1), "test/happy/im0.png": png(2), "test/sad/im1.png": png(3) },
    counts: { train: { happy: 1 }, test: { happy: 1, sad: 1 } },
    skipped: {},
  },
  {
    name: "reshuffled",
    form: "reshuffled",
    tree: { "images/train/happy/12.jpg": png(1), "images/validation/neutral/12.jpg": png(2) },
    counts: { train: { happy: 1 }, val: { neutral: 1 } },
    skipped: {},
  },
);

describe("fer2013", () => {
  test("gives twins the same group whatever their label and split, and rows their number as id", async () => {
    const { samples } = await itemsOf(fer2013, { "fer2013.csv": TABLE });
    const [happy, twin] = [samples[3]!, samples[6]!];
    expect([happy.expression, twin.expression]).toEqual(["happy", "neutral"]);
    expect(twin.group).toBe(happy.group);
    expect(samples[0]).toMatchObject({ id: "fer2013_00000", source: "fer2013.csv:2", rawLabel: "0" });
    expect(new Set(samples.map(({ group }) => group)).size).toBe(samples.length - 1);
  });

  test("says which rows are no image", async () => {
    const { skips } = await itemsOf(fer2013, { "fer2013.csv": TABLE });
    expect(skipLines(skips)).toMatchInlineSnapshot(`
      [
        "undecodable: fer2013.csv:10 (a value above 255 (value 2))",
        "undecodable: fer2013.csv:9 (2303 values instead of 2304)",
      ]
    `);
  });

  test("keeps names, and tells two files apart that differ in their extension only", async () => {
    const { samples } = await itemsOf(fer2013, await kaggle());
    expect(samples.map(({ split, id }) => `${split} ${id}`)).toMatchInlineSnapshot(`
      [
        "test PrivateTest_1",
        "val PublicTest_1",
        "train Training_10118481",
        "train Training_3",
        "train Training_3~png",
      ]
    `);
  });

  test("takes the numbers of folders in the order of the csv or of the alphabet, and never guesses", async () => {
    const tree = { "Training/4/1.png": png(1), "PublicTest/5/2.png": png(2), "PrivateTest/6/3.png": png(3) };
    const classes = async (numbers: string) =>
      (await itemsOf(fer2013, tree, { options: { numbers } })).samples.map(({ expression }) => expression);
    expect(await classes("csv")).toEqual(["neutral", "surprise", "sad"]);
    expect(await classes("alphabetical")).toEqual(["surprise", "sad", "neutral"]);
    expect(await refusalOf(fer2013, tree)).toMatchInlineSnapshot(
      `"fer2013: class folders named by numbers, which mean different classes in different copies. Expected class names, or a complete split whose class totals tell what the numbers mean. Pass --numbers csv (4 sad, 5 surprise, 6 neutral) or --numbers alphabetical (4 neutral, 5 sad, 6 surprise), or say what each means with --map 0=...,1=..."`,
    );
  });

  test("refuses folders numbered from 1, and takes them by a map", async () => {
    const tree = { "Training/1/1.png": png(1), "PublicTest/5/2.png": png(2), "PrivateTest/7/3.png": png(3) };
    expect([await refusalOf(fer2013, tree), await refusalOf(fer2013, tree, { options: { numbers: "csv" } })])
      .toMatchInlineSnapshot(`
        [
          "fer2013: class folders named by numbers, which mean different classes in different copies. Expected class names, or a complete split whose class totals tell what the numbers mean. Pass --numbers csv (4 sad, 5 surprise, 6 neutral) or --numbers alphabetical (4 neutral, 5 sad, 6 surprise), or say what each means with --map 0=...,1=...",
          "fer2013: "<root>" has classes numbered 1, 5, 7. Expected the owner's codes 0 to 6: these are numbered otherwise, and every label could be wrong. Say what they mean with --map 1=...,5=...,7=...; the owner's are 0=anger,1=disgust,2=fear,3=happy,4=sad,5=surprise,6=neutral.",
        ]
      `);
    const { samples } = await itemsOf(fer2013, tree, { options: { map: { 1: "anger", 5: "sad", 7: "neutral" } } });
    expect(samples.map(({ expression }) => expression)).toEqual(["neutral", "sad", "anger"]);
  });

  test("refuses a table whose classes are numbered otherwise, which its counts tell", async () => {
    const alphabetical = [0, 1, 2, 3, 5, 6, 4];
    const counts = [467, 56, 496, 895, 653, 415, 607];
    const rows = counts.flatMap((n, code) =>
      Array.from({ length: n }, () => `${alphabetical[code]},${BLACK},PublicTest`),
    );
    expect(
      await refusalOf(fer2013, { "fer2013.csv": ["emotion,pixels,Usage", ...rows].join("\n") }),
    ).toMatchInlineSnapshot(
      `"fer2013: split "val" has the owner's counts for other classes (neutral 415, anger 467, disgust 56, fear 496, happy 895, sad 607, surprise 653). Expected neutral 607, anger 467, disgust 56, fear 496, happy 895, sad 653, surprise 415. The labels are numbered otherwise than by the owner: say what they mean with --map, where the form has that option, or use the owner's files."`,
    );
  });

  test("recognises the order of numbered folders by the class totals of a complete split", async () => {
    const parts = [467, 56, 496, 895, 653, 415, 607];
    const tree = Object.fromEntries(
      parts.flatMap((n, code) => Array.from({ length: n }, (_, i) => [`PublicTest/${code}/${i}.png`, "x"])),
    );
    const { samples } = await itemsOf(fer2013, tree);
    expect(countsOf(samples).val).toEqual({
      anger: 467,
      disgust: 56,
      fear: 496,
      happy: 895,
      sad: 653,
      surprise: 415,
      neutral: 607,
    });
  });

  test("does not take a part of a name, or contempt, for a class", async () => {
    const { samples, skips } = await itemsOf(fer2013, {
      "train/unhappy/Training_1.png": png(1),
      "train/contempt/Training_2.png": png(2),
      "train/happy/Training_3.png": png(3),
    });
    expect(countsOf(samples)).toEqual({ train: { happy: 1 } });
    expect(skips.map(({ reason, listed }) => [reason, listed])).toEqual([
      ["unlabelled", true],
      ["unlabelled", true],
    ]);
  });

  test("takes two pictures of one name in two classes, as the real archive has them", async () => {
    const { samples, skips } = await itemsOf(fer2013, {
      "train/neutral/Training_52789098.png": png(1),
      "train/surprise/Training_52789098.png": png(2),
    });
    expect({ counts: countsOf(samples), skips }).toEqual({ counts: { train: { neutral: 1, surprise: 1 } }, skips: [] });
  });

  test("refuses a code, a usage and a file that FER2013 does not have", async () => {
    expect([
      await refusalOf(fer2013, { "fer2013.csv": `emotion,pixels,Usage\n7,${BLACK},Training` }),
      await refusalOf(fer2013, { "fer2013.csv": `emotion,pixels,Usage\n1,${BLACK},constructor` }),
      await refusalOf(fer2013, { "fer2013.csv": "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n" }),
      await refusalOf(fer2013, { "fer2013.csv": `emotion,pixels,Usage\n1,${BLACK}` }),
    ]).toMatchInlineSnapshot(`
      [
        "fer2013.csv:2: emotion is "7". Expected 0 to 6. Use the file as the owner ships it.",
        "fer2013.csv:2: Usage is "constructor". Expected Training, PublicTest, PrivateTest. Use the file as the owner ships it.",
        "fer2013.csv: a Git LFS pointer instead of the content. Expected the file itself. Fetch it with "git lfs pull", or download it from the owner.",
        "fer2013.csv, line 2: 2 cells. Expected 3. The file may be cut off: download it again.",
      ]
    `);
  });

  test("asks which form to read where a csv and folders are there", async () => {
    expect(await refusalOf(fer2013, { ...(await kaggle()), "fer2013.csv": TABLE })).toMatchInlineSnapshot(
      `"fer2013: "<root>" fits several forms: csv, folders. Expected one. Say which with --form csv or --form folders."`,
    );
  });

  test("reads one of two whole tables and names the other", async () => {
    const tree = { "a/fer2013.csv": TABLE, "b/icml_face_data.csv": QUOTED };
    expect(await formOf(fer2013, tree)).toBe("csv");
    const { samples, skips } = await itemsOf(fer2013, tree);
    expect(samples.every(({ source }) => source.startsWith("a/fer2013.csv:"))).toBe(true);
    expect(skipLines(skips)).toContain('unlabelled: b/icml_face_data.csv (one more table; "a/fer2013.csv" was read)');
  });
});

describe.skipIf(!process.env.FER_DATA)("fer2013 on the real archive (needs FER_DATA)", () => {
  test("reads all of Training and PublicTest, class by class", async () => {
    const root = temporaryFolder();
    execFileSync("tar", ["xzf", path.join(process.env.FER_DATA!, "fer2013-train-and-public.tar.gz"), "-C", root]);
    const { samples, skips, rows } = await itemsOf(fer2013, root);
    expect(countsOf(samples)).toEqual({
      train: { anger: 3995, disgust: 436, fear: 4097, happy: 7215, sad: 4830, surprise: 3171, neutral: 4965 },
      val: { anger: 467, disgust: 56, fear: 496, happy: 895, sad: 653, surprise: 415, neutral: 607 },
    });
    expect({ rows, skips }).toEqual({ rows: 32_298, skips: [] });
  }, 300_000);

  test("extracts the small copy byte for byte", async () => {
    const to = path.join(temporaryFolder(), "to");
    const { info } = await extract({
      adapter: "fer2013",
      from: path.join(process.env.FER_DATA!, "fer2013-mini"),
      to,
      workers: 1,
    });
    expect(info).toMatchObject({ form: "folders", total: 980, pictures: { copied: 980, cropped: 0, converted: 0 } });
    expect(Object.values(info.counts.train!)).toEqual(Array.from({ length: 7 }, () => 100));
  });

  test("gives the pictures of a csv the same pixels, class by class, as the folders it was made of", async () => {
    const mini = path.join(process.env.FER_DATA!, "fer2013-mini");
    const decode = await loadDecoder("jimp");
    const order = ["anger", "disgust", "fear", "happy", "sad", "surprise", "neutral"];
    const lines = ["emotion,pixels,Usage"];
    for (const { image, expression, split } of (await itemsOf(fer2013, mini)).samples) {
      const bytes = readFileSync(path.join(mini, (image as { file: string }).file));
      const grey = toGrey(await decode(bytes, readHeader(bytes) as ImageHeader));
      lines.push(
        `${order.indexOf(expression)},${grey.data.join(" ")},${split === "train" ? "Training" : "PublicTest"}`,
      );
    }
    const from = writeTree(temporaryFolder(), { "fer2013.csv": lines.join("\n") });
    const hashes = async (source: string) => {
      const to = path.join(temporaryFolder(), "to");
      const { info } = await extract({ adapter: "fer2013", from: source, to, workers: 1 });
      const rows = ["train", "val"].flatMap(
        (split) => jsonLines(path.join(to, split, "metadata.jsonl")) as MetadataRow[],
      );
      return { form: info.form, pictures: rows.map((row) => `${row.expression} ${row.pixel_hash}`).sort() };
    };
    const [csv, folders] = [await hashes(from), await hashes(mini)];
    expect([csv.form, folders.form, csv.pictures.length]).toEqual(["csv", "folders", 980]);
    expect(csv.pictures).toEqual(folders.pictures);
  }, 300_000);
});
