import { cpSync, createReadStream, createWriteStream, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { once } from "node:events";
import path from "node:path";
import { createInterface } from "node:readline";
import { adapters } from "@fer/dataset-extractors";
import { describe, expect, test } from "vitest";
import { testAdapter } from "../contract.js";
import { png } from "../fixtures/images.js";
import { countsOf, formOf, itemsOf, refusalOf, skipLines } from "../fixtures/items.js";
import { temporaryFolder, type Tree } from "../fixtures/tree.js";

const ferplus = adapters.ferplus!;

const HEADER = "Usage,Image name,neutral,happiness,surprise,sadness,anger,disgust,fear,contempt,unknown,NF";
const pixels = (seed: number) => Array.from({ length: 2304 }, (_, i) => (i * seed) % 256).join(" ");

/**
 * A nameless row in the middle, so that names and rows drift apart; S = 9 with more than half neutral; S = 10 without a
 * majority; a tie; nine votes; a doubled name; contempt; unknown.
 */
const VOTES = [
  ["Training", "fer0000000.png", "5,0,0,0,4,0,0,1,0,0"],
  ["Training", "", "0,0,0,0,0,0,0,0,0,10"],
  ["Training", "fer0000001.png", "4,0,0,3,0,0,0,0,3,0"],
  ["Training", "fer0000002.png", "0,5,5,0,0,0,0,0,0,0"],
  ["Training", "fer0000002.png", "0,9,0,0,0,0,0,0,0,0"],
  ["PublicTest", "fer0000003.png", "0,0,0,0,0,0,0,8,1,1"],
  ["PublicTest", "fer0000004.png", "1,0,0,0,0,0,0,1,8,0"],
  ["PrivateTest", "fer0000005.png", "1,1,1,1,1,1,1,1,1,1"],
  ["PrivateTest", "fer0000006.png", "0,0,0,6,0,0,4,0,0,0"],
] as const;
const table = (rows: readonly (readonly string[])[] = VOTES) =>
  [HEADER, ...rows.map((row) => row.join(","))].join("\n");
/** The owner's emotions of the rows: mostly what most of the voters saw. */
const EMOTIONS = [6, 6, 0, 3, 3, 1, 6, 6, 4];
const images = (usages: readonly string[] = VOTES.map(([usage]) => usage)) =>
  ["emotion,pixels,Usage", ...usages.map((usage, i) => `${EMOTIONS[i]},${pixels(i + 1)},${usage}`), ""].join("\n");

const label = (name: string, votes: string) => `${name},"(0, 0, 48, 48)",${votes}`;
const exported: Tree = {
  "data/FER2013Train/label.csv": [
    label("fer0000000.png", "5,0,0,0,4,0,0,1,0,0"),
    label("fer0000001.png", "0,0,0,0,0,0,0,0,2,8"),
    label("fer0000002.png", "0,0,0,0,0,0,9,0,0,0"),
    label("fer0000002.png", "9,0,0,0,0,0,0,0,0,0"),
    label("fer0000003.png", "9,0,0,0,0,0,0,0,0,0"),
  ].join("\n"),
  "data/FER2013Train/fer0000000.png": png(1),
  "data/FER2013Train/fer0000001.png": png(2),
  "data/FER2013Train/fer0000002.png": png(3),
  "data/FER2013Train/fer0000009.png": png(4),
  "data/FER2013Valid/label.csv": `${label("fer0000000.png", "0,8,0,0,0,0,0,0,0,2")}\r\n`,
  "data/FER2013Valid/fer0000000.png": png(5),
  "data/FER2013Test/label.csv": label("fer0000000.png", "0,0,0,0,0,0,0,7,3,0"),
  "data/FER2013Test/fer0000000.png": png(6),
  "fer2013new.csv": table(),
};

const JOINED = {
  check: "a row twice is one more item",
  reason: "rows are joined by position: one more on one side is refused",
} as const;

testAdapter(
  ferplus,
  {
    name: "fer2013new.csv, majority",
    form: "fer2013new",
    tree: { "fer2013new.csv": table(), "fer2013.csv": images() },
    counts: { train: { neutral: 1, happy: 1 }, val: { contempt: 1 }, test: { sad: 1 } },
    skipped: { unknown: 4, "no-face": 1 },
    except: [JOINED],
  },
  {
    name: "fer2013new.csv, arg max",
    form: "fer2013new",
    tree: { "labels/fer2013new.csv": `\uFEFF${table().replaceAll("\n", "\r\n")}`, "icml_face_data.csv": images() },
    options: { rule: "arg-max" },
    counts: { train: { neutral: 2, happy: 2 }, val: { contempt: 1 }, test: { neutral: 1, sad: 1 } },
    skipped: { unknown: 1, "no-face": 1 },
    except: [JOINED],
  },
  {
    name: "fer2013new.csv, the classes of FER2013",
    form: "fer2013new",
    tree: { "fer2013new.csv": table(), "fer2013.csv": images() },
    options: { rule: "fer2013" },
    counts: {
      train: { neutral: 2, anger: 1, happy: 2 },
      val: { disgust: 1, neutral: 1 },
      test: { neutral: 1, sad: 1 },
    },
    skipped: {},
    except: [JOINED],
  },
  {
    name: "png export with label.csv",
    form: "label-csv",
    tree: exported,
    // of the two rows of one name, fear and neutral, neither is believed
    counts: { train: { neutral: 1 }, val: { happy: 1 }, test: { contempt: 1 } },
    skipped: { "no-face": 1, "missing-file": 1, invalid: 2, unlabelled: 1, unread: 1 },
  },
  {
    name: "png export without label.csv",
    form: "png-names",
    tree: {
      "fer2013new.csv": table(),
      ...Object.fromEntries([0, 1, 2].map((n) => [`FER2013Train/fer000000${n}.png`, png(n)])),
      "FER2013Valid/fer0000003.png": png(3),
      "FER2013Valid/fer0000004.png": png(4),
      "FER2013Test/fer0000005.png": png(5),
      "FER2013Test/portrait.png": png(9),
    },
    options: { rule: "arg-max" },
    counts: { train: { neutral: 2, happy: 1 }, val: { contempt: 1 }, test: { neutral: 1 } },
    skipped: { unknown: 1, "no-face": 1, "missing-file": 2, unlabelled: 1 },
    except: [
      { check: "a row twice is one more item", reason: "of two rows with one name, the later one has the picture" },
    ],
  },
);

describe("ferplus", () => {
  test("joins by row position: the image of a name is not the row of its number", async () => {
    const { samples } = await itemsOf(ferplus, { "fer2013new.csv": table(), "fer2013.csv": images() });
    const happy = samples.find(({ expression }) => expression === "happy")!;
    expect(happy).toMatchObject({ id: "fer0000002", source: "fer2013new.csv:6" });
    expect([...(happy.image as { pixels: Uint8Array }).pixels.subarray(0, 4)]).toEqual([0, 5, 10, 15]);
  });

  test("keeps both rows of a doubled name", async () => {
    const { samples } = await itemsOf(
      ferplus,
      { "fer2013new.csv": table(), "fer2013.csv": images() },
      { options: { rule: "arg-max" } },
    );
    expect(samples.filter(({ id }) => id.startsWith("fer0000002")).map(({ id }) => id)).toEqual([
      "fer0000002",
      "fer0000002~row4",
    ]);
  });

  test("keeps the shares of the eight classes in canonical order", async () => {
    const { samples } = await itemsOf(ferplus, { "fer2013new.csv": table(), "fer2013.csv": images() });
    expect(samples[0]).toMatchObject({ rawLabel: "5,0,0,0,4,0,0,1,0,0", votes: [0.5, 0.4, 0, 0, 0, 0, 0, 0.1] });
    expect(samples.at(-1)).toMatchObject({ expression: "sad", votes: [0, 0, 0, 0.4, 0, 0.6, 0, 0] });
  });

  test("keeps FER2013's class and the votes beside it, none where all are for no class", async () => {
    const tree = { "fer2013new.csv": table(), "fer2013.csv": images() };
    const { samples } = await itemsOf(ferplus, tree, { options: { rule: "fer2013" } });
    expect(samples[1]).toMatchObject({ expression: "neutral", votes: null, rawLabel: "0,0,0,0,0,0,0,0,0,10" });
    // two voters saw happiness, two surprise
    expect(samples[3]).toMatchObject({ expression: "happy", votes: [0, 0, 0, 0, 0.5, 0, 0.5, 0] });
  });

  test("refuses FER2013's classes where only the export is there", async () => {
    expect(await refusalOf(ferplus, exported, { options: { rule: "fer2013" } })).toMatchInlineSnapshot(
      `"ferplus --rule fer2013: pictures of FER+'s export, which do not say what FER2013 calls them. Expected fer2013.csv beside fer2013new.csv. Pass the folder of these two files, or make the class of the votes: --rule majority."`,
    );
  });

  test("takes the later of two rows for the picture of a name, as the export overwrote the earlier", async () => {
    const { samples, skips } = await itemsOf(
      ferplus,
      { "fer2013new.csv": table(), "FER2013Train/fer0000002.png": png(1) },
      { options: { rule: "arg-max" } },
    );
    expect(samples.map(({ id, source }) => [id, source])).toEqual([["fer0000002", "fer2013new.csv:6"]]);
    expect(skipLines(skips)).toContain('missing-file: fer2013new.csv:5 (row 6 overwrote "fer0000002.png")');
  });

  test("needs more than half: a tie and a half are unknown", async () => {
    const { skips } = await itemsOf(ferplus, { "fer2013new.csv": table(), "fer2013.csv": images() });
    expect(skipLines(skips)).toMatchInlineSnapshot(`
      [
        "no-face: fer2013new.csv:3 (votes 0,0,0,0,0,0,0,0,0,10)",
        "unknown: fer2013new.csv:4 (votes 4,0,0,3,0,0,0,0,3,0)",
        "unknown: fer2013new.csv:5 (votes 0,5,5,0,0,0,0,0,0,0)",
        "unknown: fer2013new.csv:8 (votes 1,0,0,0,0,0,0,1,8,0)",
        "unknown: fer2013new.csv:9 (votes 1,1,1,1,1,1,1,1,1,1)",
      ]
    `);
  });

  test("refuses files whose rows do not belong together", async () => {
    const swapped = VOTES.map(([usage]) => usage);
    swapped[3] = "PublicTest";
    expect([
      await refusalOf(ferplus, { "fer2013new.csv": table(), "fer2013.csv": images(swapped) }),
      await refusalOf(ferplus, { "fer2013new.csv": table(), "fer2013.csv": images(swapped.slice(0, 3)) }),
      await refusalOf(ferplus, { "fer2013new.csv": table(VOTES.slice(0, 2)), "fer2013.csv": images() }),
      await refusalOf(ferplus, {
        "fer2013new.csv": table([["Training", "a.png", "1,,0,0,0,0,0,0,0,9"]]),
        "fer2013.csv": images(),
      }),
    ]).toMatchInlineSnapshot(`
      [
        "fer2013new.csv:5: Usage is "Training", fer2013.csv has "PublicTest" in this row. Expected the same rows in the same order in both files, since they are joined by position. Use fer2013.csv and fer2013new.csv as their owners ship them, unsorted.",
        "fer2013new.csv:5: no row of fer2013.csv is left for it. Expected the same rows in the same order in both files, since they are joined by position. Use fer2013.csv and fer2013new.csv as their owners ship them, unsorted.",
        "fer2013new.csv: fer2013.csv has more rows. Expected the same rows in the same order in both files, since they are joined by position. Use fer2013.csv and fer2013new.csv as their owners ship them, unsorted.",
        "fer2013new.csv:2: the row of votes is "1,,0,0,0,0,0,0,0,9". Expected ten numbers of votes. Use the file as the owner ships it.",
      ]
    `);
  });

  test("refuses a fer2013.csv that somebody sorted, by how rarely its emotions are those of the votes", async () => {
    const rows = Array.from({ length: 300 }, (_, i) => (i * 5) % 7);
    const columns = [6, 3, 5, 4, 0, 1, 2];
    const votes = rows.map((code) =>
      columns
        .map((own): number => (own === code ? 9 : 0))
        .concat(0, 1, 0)
        .join(","),
    );
    const names = rows.map((_, i) => `fer${String(i).padStart(7, "0")}.png`);
    const plus = [HEADER, ...votes.map((each, i) => `Training,${names[i]},${each}`)].join("\n");
    const fer = (codes: number[]) =>
      ["emotion,pixels,Usage", ...codes.map((code) => `${code},${pixels(code + 1)},Training`)].join("\n");
    const { samples } = await itemsOf(ferplus, { "fer2013new.csv": plus, "fer2013.csv": fer(rows) });
    expect(samples).toHaveLength(300);
    expect([
      await refusalOf(ferplus, { "fer2013new.csv": plus, "fer2013.csv": fer(rows.toSorted()) }),
      // one row moved from the front to the end shifts all between
      await refusalOf(ferplus, { "fer2013new.csv": plus, "fer2013.csv": fer([...rows.slice(1), rows[0]!]) }),
    ]).toMatchInlineSnapshot(`
      [
        "fer2013new.csv:51: in 8 of 50 rows up to it the emotion of fer2013.csv is the one with most votes of fer2013new.csv, and in the owners' files it is in 63 %. Expected the same rows in the same order in both files, since they are joined by position. Use fer2013.csv and fer2013new.csv as their owners ship them, unsorted.",
        "fer2013new.csv:51: in 0 of 50 rows up to it the emotion of fer2013.csv is the one with most votes of fer2013new.csv, and in the owners' files it is in 63 %. Expected the same rows in the same order in both files, since they are joined by position. Use fer2013.csv and fer2013new.csv as their owners ship them, unsorted.",
      ]
    `);
  });

  test("refuses a png export under other numbers than the authors'", async () => {
    const rows = VOTES.filter(([, name]) => name !== "");
    const tree = {
      "fer2013new.csv": table(rows),
      "FER2013Train/fer0000000.png": png(1),
      "FER2013Train/fer0000009.png": png(2),
    };
    expect(await refusalOf(ferplus, tree)).toMatchInlineSnapshot(
      `"ferplus: 1 of 2 pictures, "FER2013Train/fer0000009.png" the first, have names that fer2013new.csv does not have. Expected pictures under the authors' names: the number in a name is not that of the row in fer2013.csv, and counts otherwise. Pass fer2013.csv with fer2013new.csv, or the export of the authors' code; remove pictures that are not part of it."`,
    );
    const moved = {
      "fer2013new.csv": table(),
      "FER2013Train/fer0000003.png": png(1),
      "FER2013Train/fer0000000.png": png(2),
    };
    expect(skipLines((await itemsOf(ferplus, moved)).skips).filter((line) => line.startsWith("invalid")))
      .toMatchInlineSnapshot(`
      [
        "invalid: fer2013new.csv:7 (its Usage is "PublicTest", but the picture is "FER2013Train/fer0000003.png")",
      ]
    `);
  });

  test("asks which of two label files that disagree is meant, and says what goes without pixels", async () => {
    expect(await refusalOf(ferplus, { ...exported, "fer2013.csv": images() })).toMatchInlineSnapshot(
      `"ferplus: "<root>" fits several forms: fer2013new, label-csv. Expected one. Say which with --form fer2013new or --form label-csv."`,
    );
    expect(await formOf(ferplus, { ...exported, "train.csv": "emotion,pixels\n" })).toBe("label-csv");
  });
});

describe.skipIf(!process.env.FER_DATA)("ferplus on the real votes (needs FER_DATA)", () => {
  const real = () => path.join(process.env.FER_DATA!, "annotations/ferplus_fer2013new.csv");

  test("keeps the published numbers by majority and by arg max", async () => {
    const dir = temporaryFolder();
    cpSync(real(), path.join(dir, "fer2013new.csv"));
    const out = createWriteStream(path.join(dir, "fer2013.csv"));
    out.write("emotion,pixels,Usage\n");
    const cells = Array.from({ length: 97 }, (_, i) => pixels(i));
    let row = -1;
    for await (const line of createInterface({ input: createReadStream(real()) })) {
      const [usage, , ...votes] = line.split(",");
      if (row >= 0 && !out.write(`${emotionOf(votes)},${cells[row % 97]!},${usage!}\n`)) await once(out, "drain");
      row += 1;
    }
    out.end();
    await once(out, "finish");
    const majority = await itemsOf(ferplus, dir);
    expect(countsOf(majority.samples)).toEqual(MAJORITY);
    expect(majority.skips.filter(({ reason }) => reason === "unknown")).toHaveLength(3499 + 380 + 420);
    expect(majority.skips.filter(({ reason }) => reason === "no-face")).toHaveLength(150 + 10 + 16);
    expect(majority.rows).toBe(35_887);
    expect(countsOf((await itemsOf(ferplus, dir, { options: { rule: "arg-max" } })).samples)).toEqual(ARG_MAX);
  }, 300_000);

  test("reads a png export generated from the votes: every named row of each part", async () => {
    const dir = temporaryFolder();
    const parts: Record<string, string[]> = { Training: [], PublicTest: [], PrivateTest: [] };
    for (const line of readFileSync(real(), "utf8").trim().split("\n").slice(1)) {
      const [usage, name, ...votes] = line.split(",");
      if (name !== "") parts[usage!]!.push(label(name!, votes.join(",")));
    }
    for (const [usage, folder] of [
      ["Training", "Train"],
      ["PublicTest", "Valid"],
      ["PrivateTest", "Test"],
    ] as const) {
      const part = path.join(dir, "data", `FER2013${folder}`);
      mkdirSync(part, { recursive: true });
      writeFileSync(path.join(part, "label.csv"), parts[usage]!.join("\n"));
      for (const line of parts[usage]!) writeFileSync(path.join(part, line.split(",")[0]!), "x");
    }
    const { samples, skips, rows } = await itemsOf(ferplus, dir);
    expect(rows).toBe(35_714);
    // of four doubled names a png export keeps one row; what the two say differs (of fer0033120, the second is "no face")
    const doubled = skips
      .filter(({ reason }) => reason === "invalid")
      .map(({ detail }) => /fer\d{7}/.exec(detail!)![0]);
    expect([...new Set(doubled)].sort()).toEqual(["fer0006953", "fer0008403", "fer0011785", "fer0033120"]);
    expect(samples.length + skips.length).toBe(rows);
    expect(samples.length).toBeGreaterThan(25_060 + 3199 + 3153 - 9);
  }, 300_000);
});

/** An emotion of FER2013 that most voters saw. */
const emotionOf = (votes: readonly string[]): number => {
  const counts = votes.map(Number);
  return [6, 3, 5, 4, 0, 1, 2][counts.indexOf(Math.max(...counts))] ?? 6;
};

const classes = (counts: number[]) =>
  Object.fromEntries(
    ["neutral", "happy", "surprise", "sad", "anger", "disgust", "fear", "contempt"].map((name, i) => [
      name,
      counts[i]!,
    ]),
  );
const MAJORITY = {
  train: classes([8740, 7287, 3149, 3014, 2100, 119, 532, 119]),
  val: classes([1182, 865, 415, 351, 287, 24, 62, 13]),
  test: classes([1090, 893, 396, 384, 273, 18, 83, 16]),
};
const ARG_MAX = {
  train: classes([10_309, 7528, 3562, 3515, 2467, 191, 652, 165]),
  val: classes([1335, 899, 456, 412, 319, 34, 74, 24]),
  test: classes([1262, 928, 444, 444, 325, 23, 93, 27]),
};
