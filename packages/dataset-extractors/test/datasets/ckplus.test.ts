import path from "node:path";
import { adapters, extract } from "@fer/dataset-extractors";
import { Folder } from "@fer/dataset-extractors/readers";
import { describe, expect, test } from "vitest";
import { jsonLines, testAdapter } from "../contract.js";
import { jpeg, png } from "../fixtures/images.js";
import { itemsOf, skipLines } from "../fixtures/items.js";
import { temporaryFolder, writeTree, type Tree } from "../fixtures/tree.js";

const ckplus = adapters.ckplus!;

const name = (sequence: string, frame: number) => `${sequence}_${String(frame).padStart(8, "0")}`;

/** Frames of a sequence, in reverse order, and its label where it has one. */
function sequence(images: string, id: string, frames: number, code?: string): Tree {
  const dir = id.replace("_", "/");
  const tree: Tree = {};
  for (let frame = frames; frame >= 1; frame--) tree[`${images}/${dir}/${name(id, frame)}.png`] = png(frame, 20, 15);
  if (code !== undefined) tree[`Emotion/${dir}/${name(id, frames)}_emotion.txt`] = code;
  return tree;
}

/** Three subjects with gaps; a labelled sequence each; an empty label, a missing label, and a label without pictures. */
const official = (images: string): Tree => ({
  ...sequence(images, "S005_001", 4, "   3.0000000e+00\n"),
  ...sequence(images, "S010_001", 3),
  ...sequence(images, "S010_002", 3, ""),
  ...sequence(images, "S010_004", 5, "   2.0000000e+00\n"),
  ...sequence(images, "S999_001", 3, "   5.0000000e+00\n"),
  "Emotion/S999/002/S999_002_00000009_emotion.txt": "   7.0000000e+00\n",
  [`${images}/S999/001/.DS_Store`]: "junk",
  [`${images}/S999/001/${name("S999_001", 3)}.png`]: png(7, 21, 16, 3),
  "FACS/S005/001/S005_001_00000004_facs.txt": "   9.0000000e+00   4.0000000e+00\n   1.7000000e+01   0.0000000e+00\n",
});

const classes: Tree = {
  "unhappy_data/sadness/S010_004_00000017.png": png(1),
  "unhappy_data/sadness/portrait.png": png(2),
  "unhappy_data/anger/S010_004_00000018.png": png(3),
  "unhappy_data/notes/S010_004_00000019.png": png(4),
};

const pixels = (value: number, count = 2304) => Array.from({ length: count }, () => value).join(" ");

testAdapter(
  ckplus,
  {
    name: "official, peaks",
    form: "official",
    tree: () => official("cohn-kanade-images"),
    counts: { all: { disgust: 1, happy: 1, contempt: 1 } },
    skipped: { unlabelled: 2, "missing-file": 1, "not-chosen": 9 },
  },
  {
    name: "official nested, last two and all first frames",
    form: "official",
    tree: () => official("extended-cohn-kanade-images/cohn-kanade-images"),
    options: { frames: 2, neutral: "all" },
    counts: { all: { neutral: 5, disgust: 2, happy: 2, contempt: 2 } },
    skipped: { unlabelled: 2, "missing-file": 1, "not-chosen": 3 },
  },
  {
    name: "CK+48",
    form: "ck48",
    tree: Object.fromEntries(
      ["happy", "contempt"].flatMap((label, i) =>
        [16, 17, 18].map((frame) => [`CK+48/${label}/${name(`S01${i}_004`, frame)}.png`, png(frame + i, 48, 48)]),
      ),
    ),
    counts: { all: { happy: 3, contempt: 3 } },
    skipped: {},
  },
  {
    name: "ckextended.csv",
    form: "csv",
    tree: {
      "ckextended.csv": [
        "emotion,pixels,Usage",
        `6,${pixels(10)},Training`,
        `7,${pixels(20)},PublicTest`,
        `0,${pixels(30, 2303)},Training`,
        `8,${pixels(40)},Training`,
        "",
      ].join("\r\n"),
    },
    counts: { all: { neutral: 1, contempt: 1 } },
    skipped: { invalid: 1, undecodable: 1 },
  },
  {
    name: "class folders below a misleading name",
    form: "class-folders",
    tree: async () => ({ ...classes, "unhappy_data/neutral/S010_004_00000001.jpg": await jpeg(9) }),
    counts: { all: { neutral: 1, anger: 1, sad: 2 } },
    skipped: { unlabelled: 1 },
  },
  {
    name: "numbered folders with a map",
    form: "numbered-folders",
    tree: { "0/S005_001_00000001.png": png(1), "3/S005_001_00000011.png": png(2) },
    options: { map: { 0: "neutral", 3: "happy" } },
    counts: { all: { neutral: 1, happy: 1 } },
    skipped: {},
  },
);

const extracted = async (tree: Tree, options: Record<string, unknown> = {}) => {
  const dir = temporaryFolder();
  const to = path.join(dir, "to");
  const { info } = await extract({
    adapter: "ckplus",
    from: writeTree(path.join(dir, "from"), tree),
    to,
    options,
    workers: 1,
  });
  return {
    info,
    rows: jsonLines(path.join(to, "all/metadata.jsonl")),
    skips: jsonLines(path.join(to, "skipped.jsonl")),
  };
};

describe("ckplus, incomplete", () => {
  test("takes no other frame for a peak that is missing, and no other for the first", async () => {
    const tree: Tree = {
      ...official("images"),
      "Emotion/S005/001/S005_001_00000004_emotion.txt": "   3.0000000e+00\n",
    };
    const {
      [`images/S005/001/${name("S005_001", 4)}.png`]: _peak,
      [`images/S010/004/${name("S010_004", 1)}.png`]: _first,
      ...cut
    } = tree;
    const { samples, skips } = await itemsOf(ckplus, cut, { options: { neutral: "labelled" } });
    expect(samples.map(({ id, expression }) => [id, expression])).toEqual([
      ["S005_001_00000001", "neutral"],
      ["S010_004_00000005", "contempt"],
      ["S999_001_00000001", "neutral"],
      ["S999_001_00000003", "happy"],
    ]);
    expect(skipLines(skips).filter((line) => line.startsWith("missing"))).toMatchInlineSnapshot(`
      [
        "missing-file: Emotion/S005/001/S005_001_00000004_emotion.txt (sequence S005_001: its peak, frame 4, is not among the pictures (the last is 3))",
        "missing-file: Emotion/S999/002/S999_002_00000009_emotion.txt (sequence S999_002 has a label but no pictures)",
      ]
    `);
  });
});

describe("ckplus", () => {
  test("takes code 2 for contempt, the last frame for the peak, and the subject out of the name", async () => {
    const { rows } = await extracted(official("images"));
    expect(rows).toMatchObject([
      { id: "S005_001_00000004", expression: "disgust", subject: "S005", frame: 4, action_units: { 9: 4, 17: 0 } },
      { id: "S010_004_00000005", expression: "contempt", subject: "S010", frame: 5, action_units: null },
      { id: "S999_001_00000003", expression: "happy", subject: "S999", frame: 3 },
    ]);
  });

  test("never takes the first frame both as neutral and as one of the last", async () => {
    const { info } = await extracted(sequence("images", "S005_001", 3, "3"), { frames: 10, neutral: "labelled" });
    expect(info.counts).toEqual({ all: { neutral: 1, disgust: 2 } });
  });

  test("says of the official photos that they are not cropped, and of the csv that it has no subjects", async () => {
    expect((await extracted(official("images"))).info.imageKind).toBe("photo");
    const { info } = await extracted({ "ckextended.csv": `emotion,pixels,Usage\n3,${pixels(9)},Training` });
    expect(info).toMatchObject({ imageKind: "crop", groupKind: "none", counts: { all: { happy: 1 } } });
  });

  test("compares with the owners' totals and shows the numbers side by side", async () => {
    const { info } = await extracted(official("images"));
    expect(info.verification).toMatchInlineSnapshot(`
      {
        "details": [
          "all: expected 327 images [verified], found 3: anger 0 instead of 45, disgust 1 instead of 59, fear 0 instead of 25, happy 1 instead of 69, sad 0 instead of 28, surprise 0 instead of 83, contempt 1 instead of 18",
        ],
        "status": "differs",
      }
    `);
  });

  test("lists why a sequence is left out", async () => {
    const { skips } = await extracted({
      ...official("images"),
      "Emotion/S010/001/S010_001_00000003_emotion.txt": "1.2",
    });
    expect(skips).toMatchInlineSnapshot(`
      [
        {
          "detail": "not among the last of its sequence (frames: 1)",
          "reason": "not-chosen",
          "source": "images/S005/001/S005_001_00000001.png",
        },
        {
          "detail": "not among the last of its sequence (frames: 1)",
          "reason": "not-chosen",
          "source": "images/S005/001/S005_001_00000002.png",
        },
        {
          "detail": "not among the last of its sequence (frames: 1)",
          "reason": "not-chosen",
          "source": "images/S005/001/S005_001_00000003.png",
        },
        {
          "detail": "Emotion/S010/001/S010_001_00000003_emotion.txt: emotion "1.2" is not one of 0 to 7",
          "reason": "invalid",
          "source": "images/S010/001",
        },
        {
          "detail": ""Emotion/S010/002/S010_002_00000003_emotion.txt" is empty",
          "reason": "unlabelled",
          "source": "images/S010/002",
        },
        {
          "detail": "not among the last of its sequence (frames: 1)",
          "reason": "not-chosen",
          "source": "images/S010/004/S010_004_00000001.png",
        },
        {
          "detail": "not among the last of its sequence (frames: 1)",
          "reason": "not-chosen",
          "source": "images/S010/004/S010_004_00000002.png",
        },
        {
          "detail": "not among the last of its sequence (frames: 1)",
          "reason": "not-chosen",
          "source": "images/S010/004/S010_004_00000003.png",
        },
        {
          "detail": "not among the last of its sequence (frames: 1)",
          "reason": "not-chosen",
          "source": "images/S010/004/S010_004_00000004.png",
        },
        {
          "detail": "not among the last of its sequence (frames: 1)",
          "reason": "not-chosen",
          "source": "images/S999/001/S999_001_00000001.png",
        },
        {
          "detail": "not among the last of its sequence (frames: 1)",
          "reason": "not-chosen",
          "source": "images/S999/001/S999_001_00000002.png",
        },
        {
          "detail": "sequence S999_002 has a label but no pictures",
          "reason": "missing-file",
          "source": "Emotion/S999/002/S999_002_00000009_emotion.txt",
        },
      ]
    `);
  });

  test("asks for a map where folders are numbered", async () => {
    const from = writeTree(temporaryFolder(), { "0/S005_001_00000001.png": png(1), "6/S005_001_00000011.png": png(2) });
    const message = await ckplus.detect(await Folder.open(from)).catch((error: Error) => error.message);
    expect(String(message).replace(from, "<root>")).toMatchInlineSnapshot(
      `"ckplus: "<root>" has numbered folders (0, 6), and numbers mean other classes in other copies. Expected a map from folder to expression. Pass one, for example --map 0=...,6=..."`,
    );
  });
});

describe.skipIf(!process.env.FER_DATA)("ckplus on the 327 real frames (needs FER_DATA)", () => {
  test("reads 109 subjects and the class counts of the sample", async () => {
    const to = path.join(temporaryFolder(), "to");
    const order = ["neutral", "anger", "disgust", "fear", "happy", "sad", "surprise"];
    const options = { map: Object.fromEntries(order.map((expression, i) => [i, expression])) };
    const from = path.join(process.env.FER_DATA!, "ckplus-seed");
    const { info } = await extract({ adapter: "ckplus", from, to, options, workers: 1 });
    expect(Object.values(info.counts.all!)).toEqual([50, 45, 59, 24, 59, 28, 62]);
    const subjects = jsonLines(path.join(to, "all/metadata.jsonl")).map((row) => (row as { subject: string }).subject);
    expect(new Set(subjects).size).toBe(109);
    expect(info.pictures).toEqual({ copied: 327, cropped: 0, converted: 0, clippedBoxes: 0 });
  });
});
