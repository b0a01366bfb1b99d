import { adapters, extract } from "@fer/dataset-extractors";
import path from "node:path";
import { describe, expect, test } from "vitest";
import writeXlsxFile from "write-excel-file/node";
import { testAdapter } from "../contract.js";
import { jpeg, png } from "../fixtures/images.js";
import { itemsOf, refusalOf, skipLines } from "../fixtures/items.js";
import { temporaryFolder, writeTree, type Tree } from "../fixtures/tree.js";

const emotionet = adapters.emotionet!;

const NAMES =
  "angrily_disgusted angrily_surprised angry appalled awed disgusted fearful fearfully_angry fearfully_surprised happily_disgusted happily_surprised happy sad sadly_angry sadly_disgusted surprised".split(
    " ",
  );
const url = (n: number) => `http://server/x/N_0000000003/N_0000000003_${String(n).padStart(5, "0")}.jpg`;

/** One row of each class, a compound, two flags, no flag; inactive 0 and -1; a picture that is missing, twice, no image. */
const ROWS: [number, string[], string][] = [
  [1, ["angry"], "0"],
  [2, ["disgusted"], "-1"],
  [3, ["fearful"], "0"],
  [4, ["happy"], "0"],
  [5, ["sad"], "0"],
  [6, ["surprised"], "0"],
  [7, ["awed"], "0"],
  [8, ["angry", "sad"], "0"],
  [9, [], "-1"],
  [10, ["happy"], "0"],
  [11, ["happy"], "0"],
  [4, ["happy"], "0"],
];
const sheet = (names: readonly string[] = NAMES) => [
  ["url_server", "orig_url", ...names],
  ...ROWS.map(([n, active, off]) =>
    [url(n), `http://example.org/${n % 2}.jpg`].concat(names.map((name) => (active.includes(name) ? "1" : off))),
  ),
];
const csv = (rows: string[][]) => rows.map((row) => row.join(",")).join("\n");
const workbook = (rows: string[][]) =>
  writeXlsxFile(
    rows.map((row) => row.map((value) => (/^-?\d+$/.test(value) ? { value: Number(value), type: Number } : { value }))),
  ).toBuffer();

const pictures = async (flat: boolean): Promise<Tree> => {
  const dir = flat ? "pictures" : "pictures/N_0000000003";
  const files: Tree = {
    [`${dir}/N_0000000003_00010.jpg`]: "<html><body>404</body></html>",
    [`${dir}/other.jpg`]: png(99),
  };
  for (let n = 1; n <= 9; n++) {
    files[`${dir}/N_0000000003_${String(n).padStart(5, "0")}.jpg`] = n % 2 === 0 ? png(n) : await jpeg(n);
  }
  return files;
};

const COUNTS = { all: { anger: 1, disgust: 1, fear: 1, happy: 1, sad: 1, surprise: 1 } };
const SKIPPED = { compound: 1, "multi-label": 1, unlabelled: 2, "missing-file": 1, undecodable: 1, invalid: 1 };

/** URL, original URL, AU1..AU60. */
const units = (n: number, present: number[], unknown: number[] = []) => [
  url(n),
  "http://example.org/pic.jpg",
  ...Array.from({ length: 60 }, (_, i) => (present.includes(i + 1) ? "1" : unknown.includes(i + 1) ? "999" : "0")),
];
const ALL = Array.from({ length: 60 }, (_, i) => i + 1);
const AU_ROWS = [units(1, [12, 25], [7]), units(2, [1, 2, 25, 26]), units(3, [5]), units(4, [], ALL), units(5, [])];
const FACS = [["URL", "URL orig", ...ALL.map((n) => `'AU ${n}'`)], ...AU_ROWS.map((row) => row.with(0, `'${row[0]}'`))];

testAdapter(
  emotionet,
  {
    name: "categories, csv",
    form: "categories",
    tree: async () => ({ ...(await pictures(false)), "URLsWithEmotionCat_aws.csv": csv(sheet()) }),
    counts: COUNTS,
    skipped: SKIPPED,
  },
  {
    name: "categories, shuffled columns, flat pictures, CRLF",
    form: "categories",
    tree: async () => ({
      ...(await pictures(true)),
      "cat.csv": `\uFEFF${csv(sheet(NAMES.toReversed())).replaceAll("\n", "\r\n")}`,
    }),
    counts: COUNTS,
    skipped: SKIPPED,
  },
  {
    name: "categories without header",
    form: "categories",
    tree: async () => ({ ...(await pictures(false)), "cat.csv": csv(sheet().slice(1)) }),
    counts: COUNTS,
    skipped: SKIPPED,
  },
  {
    name: "categories without the second URL",
    form: "categories",
    tree: async () => ({ ...(await pictures(false)), "cat.csv": csv(sheet().map((row) => row.toSpliced(1, 1))) }),
    counts: COUNTS,
    skipped: SKIPPED,
  },
  {
    name: "categories, workbook",
    form: "categories",
    tree: async () => ({ ...(await pictures(false)), "URLsWithEmotionCat_free.xlsx": await workbook(sheet()) }),
    counts: COUNTS,
    skipped: SKIPPED,
  },
  {
    name: "FACS sheet, expressions derived",
    form: "facs",
    tree: async () => ({ ...(await pictures(true)), "EmotioNet_FACS_aws_2020_24600.csv": csv(FACS) }),
    options: { fromActionUnits: true },
    counts: { val: { happy: 1, surprise: 1 } },
    skipped: { invalid: 1, unlabelled: 8 },
  },
  {
    name: "FACS workbook, expressions derived",
    form: "facs",
    tree: async () => ({ ...(await pictures(true)), "EmotioNet_FACS_aws.xlsx": await workbook(FACS) }),
    options: { fromActionUnits: true },
    counts: { val: { happy: 1, surprise: 1 } },
    skipped: { invalid: 1, unlabelled: 8 },
  },
  {
    name: "automatic action units, expressions derived",
    form: "au-files",
    tree: async () => ({
      ...(await pictures(true)),
      "server_challenge/dataFile_0001.txt": `${AU_ROWS.slice(0, 3)
        .map((row) => row.join("\t"))
        .join("\n")}\n`,
      "server_challenge/dataFile_0002.txt": AU_ROWS.slice(3)
        .map((row) => row.join("\t"))
        .join("\n"),
    }),
    options: { fromActionUnits: true },
    counts: { train: { happy: 1, surprise: 1 } },
    skipped: { invalid: 1, unlabelled: 8 },
  },
);

describe("emotionet", () => {
  test("reads flags by the name of their column and keeps the original URL as group", async () => {
    const { samples } = await itemsOf(emotionet, {
      ...(await pictures(false)),
      "cat.csv": csv(sheet(NAMES.toReversed())),
    });
    expect(samples.slice(0, 3)).toMatchObject([
      {
        id: "N_0000000003__N_0000000003_00001",
        expression: "anger",
        rawLabel: "angry",
        group: "http://example.org/1.jpg",
      },
      { expression: "disgust", group: "http://example.org/0.jpg" },
      { expression: "fear", group: "http://example.org/1.jpg" },
    ]);
  });

  test("lists what is left out", async () => {
    const { skips } = await itemsOf(emotionet, { ...(await pictures(false)), "cat.csv": csv(sheet()) });
    expect(skipLines(skips)).toMatchInlineSnapshot(`
      [
        "compound: cat.csv:8 (awed)",
        "invalid: cat.csv:13 ("pictures/N_0000000003/N_0000000003_00004.jpg" has a row already)",
        "missing-file: cat.csv:12 ("N_0000000003/N_0000000003_00011.jpg" is not in the folder)",
        "multi-label: cat.csv:9 (angry, sad)",
        "unlabelled: cat.csv:10 (no category is 1)",
        "unlabelled: pictures/N_0000000003/other.jpg (present, but no row names it)",
      ]
    `);
  });

  test("derives no expression from action units unless told, loses no first row, and keeps the units", async () => {
    const tree = { ...(await pictures(true)), "dataFile_0001.txt": AU_ROWS.map((row) => row.join("\t")).join("\n") };
    const plain = await itemsOf(emotionet, tree);
    expect([plain.samples.length, plain.rows]).toEqual([0, 5]);
    const { samples } = await itemsOf(emotionet, tree, { options: { fromActionUnits: true } });
    expect(samples[0]).toMatchObject({ expression: "happy", rawLabel: "12 25", actionUnits: { 12: 1, 25: 1 } });
  });

  test("leaves out pictures from an original address, unless told to keep them", async () => {
    const log = [
      { url: url(1), status: "ok", file: "N_0000000003/N_0000000003_00001.jpg", via: "original" },
      { url: url(2), status: "ok", file: "N_0000000003/N_0000000003_00002.jpg", via: "server" },
      { url: url(99), status: "failed", file: null, via: null },
    ];
    const tree = {
      ...(await pictures(false)),
      "cat.csv": csv(sheet()),
      "pictures/downloads.jsonl": log.map((row) => JSON.stringify(row)).join("\n"),
    };
    const { samples, skips } = await itemsOf(emotionet, tree);
    expect(skipLines(skips.filter(({ reason }) => reason === "uncertain"))).toMatchInlineSnapshot(`
      [
        "uncertain: cat.csv:2 (downloaded from its original address, which may show another picture by now)",
      ]
    `);
    expect((await itemsOf(emotionet, tree, { options: { originals: true } })).samples).toHaveLength(samples.length + 1);
  });

  test("says that a workbook needs its password, unless its csv is there", async () => {
    const ole = Buffer.concat([Buffer.from("d0cf11e0a1b11ae1", "hex"), Buffer.alloc(504)]);
    expect([
      await refusalOf(emotionet, { "URLsWithEmotionCat_aws.xlsx": ole }),
      await refusalOf(emotionet, { "EmotioNet_FACS_aws_2020_24600.xlsx": ole }),
    ]).toMatchInlineSnapshot(`
      [
        "URLsWithEmotionCat_aws.xlsx: a workbook that is protected by a password (or an old .xls). Expected an .xlsx without password. Open it with the owner's password and save it without one, or as .csv.",
        "EmotioNet_FACS_aws_2020_24600.xlsx: a workbook that is protected by a password (or an old .xls). Expected an .xlsx without password. Open it with the owner's password and save it without one, or as .csv.",
      ]
    `);
    const both = { ...(await pictures(false)), "URLsWithEmotionCat_aws.xlsx": ole, "cat.csv": csv(sheet()) };
    expect((await itemsOf(emotionet, both)).samples).toHaveLength(7);
  });

  test("refuses a unit that is none and rows that are no URL", async () => {
    const bad = units(1, [12]);
    bad[5] = "2";
    expect([
      await refusalOf(emotionet, { "dataFile_0001.txt": bad.join("\t") }),
      await refusalOf(emotionet, { "dataFile_0001.txt": `${AU_ROWS[0]!.join("\t")}\n\tx` }),
    ]).toMatchInlineSnapshot(`
      [
        "dataFile_0001.txt:1: AU 4 is "2". Expected 1, 0 or 999. Use the file as the owner ships it.",
        "dataFile_0001.txt:2: the first cell is "". Expected a URL. Use the file as the owner ships it.",
      ]
    `);
  });

  test("reports pages that were saved as pictures", async () => {
    const dir = temporaryFolder();
    const from = writeTree(path.join(dir, "from"), { ...(await pictures(false)), "cat.csv": csv(sheet()) });
    const { info } = await extract({ adapter: "emotionet", from, to: path.join(dir, "to"), workers: 1 });
    expect(info).toMatchObject({
      imageKind: "photo",
      skipped: { undecodable: 1 },
      verification: { status: "unknown" },
    });
  });
});
