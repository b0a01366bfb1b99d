import { adapters } from "@fer/dataset-extractors";
import { describe, expect, test } from "vitest";
import { testAdapter } from "../contract.js";
import { png } from "../fixtures/images.js";
import { countsOf, formOf, itemsOf, refusalOf, skipLines } from "../fixtures/items.js";
import type { Tree } from "../fixtures/tree.js";

const affwild2 = adapters.affwild2!;

const SEVEN = "Neutral,Anger,Disgust,Fear,Happiness,Sadness,Surprise";
const EIGHT = `${SEVEN},Other`;
const labels = (header: string, ...codes: number[]) => `${[header, ...codes].join("\n")}\n`;
const crops = (root: string, track: string, ...frames: number[]): Tree =>
  Object.fromEntries(
    frames.map((n) => [`${root}/${track}/${String(n).padStart(5, "0")}.jpg`, png(n + track.length, 112, 112, 3)]),
  );

/**
 * A plain track with gaps at frame 1 and in the middle and a crop beyond the last line; a left and right pair, CRLF; a
 * plain and right pair; a track in both crop roots; labels without crops, crops without labels; other challenges.
 */
const eight = (root: string): Tree => {
  const train = `${root}/EXPR_Classification_Challenge/Train_Set`;
  const val = `${root}/EXPR_Classification_Challenge/Validation_Set`;
  const first = "data/cropped_aligned/cropped_aligned";
  const second = "data/cropped_aligned_new_50_vids";
  return {
    [`${train}/1-30-1280x720.txt`]: labels(EIGHT, -1, 0, 1, -1, 7, 4, -1),
    [`${train}/video86_3_left.txt`]: labels(EIGHT, 5, 5).replaceAll("\n", "\r\n"),
    [`${train}/video86_3_right.txt`]: labels(EIGHT, 6),
    [`${train}/102.txt`]: labels(EIGHT, 2, 2),
    [`${val}/28-30-1280x720-2.txt`]: labels(EIGHT, 3, 3),
    [`${val}/28-30-1280x720-2_right.txt`]: labels(EIGHT, 0),
    [`${root}/VA_Estimation_Challenge/Train_Set/102.txt`]: "valence,arousal\n0.1,0.2\n",
    [`${root}/AU_Detection_Challenge/Train_Set/102.txt`]: "AU1,AU2,AU4\n0,1,0\n",
    ...crops(first, "1-30-1280x720", 2, 4, 5, 6, 7, 8),
    ...crops(first, "video86_3_left", 1, 2),
    ...crops(first, "video86_3_right", 1),
    ...crops(first, "28-30-1280x720-2", 1),
    ...crops(second, "28-30-1280x720-2", 1, 2),
    ...crops(second, "28-30-1280x720-2_right", 1),
    ...crops(first, "unlabelled-track", 1, 2),
    [`${first}/.DS_Store`]: "junk",
    [`${first}/notes.jpg`]: "loose",
  };
};

const seven: Tree = {
  "annotations/annotations/EXPR_Set/Training_Set/102.txt": labels(SEVEN, 0, -1, 6),
  "annotations/annotations/EXPR_Set/Validation_Set/video59.txt": labels(SEVEN, 4),
  "cropped_aligned/102/00001.jpg": png(1, 112, 112, 3),
  "cropped_aligned/102/00003.jpg": png(2, 112, 112, 3),
  "cropped_aligned/video59/00001.jpg": png(3, 112, 112, 3),
};

const COUNTS = {
  train: { neutral: 1, happy: 1, sad: 2, surprise: 1 },
  val: { neutral: 1, fear: 2 },
};
const SKIPPED = { invalid: 4, other: 1, "missing-file": 3, unlabelled: 4, unread: 2 };
/** One more line is the label of one more frame, which a crop may have waited for. */
const except = [{ check: "a row twice is one more item", reason: "a line is a frame" }] as const;

testAdapter(
  affwild2,
  ...["Third ABAW Annotations", "3rd_ABAW_Annotations/3rd_ABAW_Annotations"].map((root) => ({
    name: `8 classes, ${root}`,
    form: "8-class",
    tree: eight(root),
    counts: COUNTS,
    skipped: SKIPPED,
    except,
  })),
  {
    name: "7 classes",
    form: "7-class",
    tree: seven,
    counts: { train: { neutral: 1, surprise: 1 }, val: { happy: 1 } },
    skipped: { invalid: 1 },
  },
  {
    name: "every second frame",
    form: "8-class",
    tree: eight("a"),
    options: { every: 2 },
    counts: { train: { sad: 1, surprise: 1 }, val: { neutral: 1, fear: 1 } },
    skipped: { invalid: 3, other: 1, "missing-file": 2, unlabelled: 4, "not-chosen": 6, unread: 2 },
    except,
  },
);

describe("affwild2", () => {
  test("takes the number of a frame from its name, so that gaps and -1 lines shift nothing", async () => {
    const { samples } = await itemsOf(affwild2, eight("a"));
    const plain = samples.filter(({ group }) => group === "1-30-1280x720");
    expect(plain).toMatchObject([
      {
        id: "1-30-1280x720_00002",
        frame: 2,
        expression: "neutral",
        image: { file: expect.stringMatching(/00002\.jpg$/) },
      },
      { id: "1-30-1280x720_00006", frame: 6, expression: "happy", rawLabel: "4" },
    ]);
  });

  test("puts both people of a video into one group and strips nothing else of its name", async () => {
    const { samples } = await itemsOf(affwild2, eight("a"));
    expect([...new Set(samples.map(({ group }) => group))].sort()).toEqual([
      "1-30-1280x720",
      "28-30-1280x720-2",
      "video86_3",
    ]);
  });

  test("prefers the first crop root and fills its gaps from the second", async () => {
    const { samples } = await itemsOf(affwild2, eight("a"));
    const files = samples
      .filter(({ expression }) => expression === "fear")
      .map(({ image }) => (image as { file: string }).file);
    expect(files).toEqual([
      "data/cropped_aligned/cropped_aligned/28-30-1280x720-2/00001.jpg",
      "data/cropped_aligned_new_50_vids/28-30-1280x720-2/00002.jpg",
    ]);
  });

  test("lists what is left out", async () => {
    expect(skipLines((await itemsOf(affwild2, eight("a"))).skips)).toMatchInlineSnapshot(`
      [
        "invalid: a/EXPR_Classification_Challenge/Train_Set/1-30-1280x720.txt:2 (not annotated (-1))",
        "invalid: a/EXPR_Classification_Challenge/Train_Set/1-30-1280x720.txt:5 (not annotated (-1))",
        "invalid: a/EXPR_Classification_Challenge/Train_Set/1-30-1280x720.txt:8 (not annotated (-1))",
        "invalid: data/cropped_aligned_new_50_vids/28-30-1280x720-2/00001.jpg ("data/cropped_aligned/cropped_aligned/28-30-1280x720-2/00001.jpg" is the same frame of a/EXPR_Classification_Challenge/Validation_Set/28-30-1280x720-2.txt)",
        "missing-file: a/EXPR_Classification_Challenge/Train_Set/1-30-1280x720.txt:4 (no crop of this frame)",
        "missing-file: a/EXPR_Classification_Challenge/Train_Set/102.txt:2 (no crop of this frame)",
        "missing-file: a/EXPR_Classification_Challenge/Train_Set/102.txt:3 (no crop of this frame)",
        "other: a/EXPR_Classification_Challenge/Train_Set/1-30-1280x720.txt:6 (Other (7))",
        "unlabelled: data/cropped_aligned/cropped_aligned/1-30-1280x720/00008.jpg (frame 8 of a track with 7 labels)",
        "unlabelled: data/cropped_aligned/cropped_aligned/notes.jpg (present, but no row names it)",
        "unlabelled: data/cropped_aligned/cropped_aligned/unlabelled-track/00001.jpg (no label file for track unlabelled-track)",
        "unlabelled: data/cropped_aligned/cropped_aligned/unlabelled-track/00002.jpg (no label file for track unlabelled-track)",
        "unread: a/AU_Detection_Challenge/Train_Set/102.txt (a file that this form does not read)",
        "unread: a/VA_Estimation_Challenge/Train_Set/102.txt (a file that this form does not read)",
      ]
    `);
  });

  test("believes no label of a track whose lines do not belong to its frames", async () => {
    const track = (codes: number[], ...frames: number[]): Tree => ({
      "EXPR/Train_Set/1.txt": labels(SEVEN, ...codes),
      "EXPR/Validation_Set/2.txt": labels(SEVEN, 4),
      ...crops("cropped_aligned", "1", ...frames),
      ...crops("cropped_aligned", "2", 1),
    });
    const linesOf = async (tree: Tree) =>
      [...new Set((await itemsOf(affwild2, tree)).skips.map(({ reason, detail }) => `${reason}: ${detail}`))].sort();
    expect([
      // the lines of the frames that were not annotated have been taken out
      await linesOf(track([0, 1, 2], 1, 2, 3, 4, 5, 6)),
      await linesOf(track([0, 1, 2], 0, 1, 2)),
    ]).toMatchInlineSnapshot(`
      [
        [
          "invalid: its crops go up to frame 6, its labels to 3: lines are missing, and every label may be shifted",
          "unlabelled: frame 4 of a track with 3 labels",
          "unlabelled: frame 5 of a track with 3 labels",
          "unlabelled: frame 6 of a track with 3 labels",
        ],
        [
          "invalid: its crops are numbered from 0, the owners' from 1: every label would be shifted by a frame",
          "unlabelled: frame 0 of a track with 3 labels",
        ],
      ]
    `);
  });

  test("refuses a 7 where the header has seven classes, and labels of another task", async () => {
    expect([
      await refusalOf(affwild2, {
        ...seven,
        "annotations/annotations/EXPR_Set/Training_Set/102.txt": labels(SEVEN, 0, 7),
      }),
      (
        await refusalOf(affwild2, {
          "VA_Set/Train_Set/1.txt": "valence,arousal\n0,0\n",
          "VA_Set/Validation_Set/2.txt": "valence,arousal\n",
        })
      ).split("\n")[0],
    ]).toMatchInlineSnapshot(`
      [
        "annotations/annotations/EXPR_Set/Training_Set/102.txt, line 3: "7". Expected an integer from -1 to 6, as the header has 7 classes.",
        "affwild2: 2 files, 0 of them images, first "VA_Set/Train_Set/1.txt", under "<root>" fits no known form. Expected the form 8-class or 7-class ("fer datasets affwild2" shows what they look like). Pass the folder that contains it.",
      ]
    `);
  });

  test("refuses two editions together", async () => {
    expect(await refusalOf(affwild2, { ...eight("Third ABAW Annotations"), ...seven })).toMatchInlineSnapshot(
      `"affwild2: "<root>" fits several forms: 8-class, 7-class. Expected one. Say which with --form 8-class or --form 7-class."`,
    );
    expect(
      await refusalOf(affwild2, { ...eight("Third ABAW Annotations"), ...eight("6th ABAW Annotations") }),
    ).toMatchInlineSnapshot(
      `"affwild2: 2 sets of labels under "<root>": "6th ABAW Annotations/EXPR_Classification_Challenge", "Third ABAW Annotations/EXPR_Classification_Challenge". Expected one edition, since the membership of the parts differs between editions. Keep the labels of one edition in the folder."`,
    );
    expect(await formOf(affwild2, seven)).toBe("7-class");
  });

  test("knows the edition by its header in every file, not by its folder", async () => {
    const tree = { ...seven, "annotations/annotations/EXPR_Set/Training_Set/103.txt": labels(EIGHT, 0, 7) };
    expect(await refusalOf(affwild2, tree)).toMatchInlineSnapshot(
      `"annotations/annotations/EXPR_Set/Training_Set/103.txt: the header "Neutral,Anger,Disgust,Fear,Happiness,Sadness,Surprise,Other". Expected "Neutral,Anger,Disgust,Fear,Happiness,Sadness,Surprise" as in the files before it. Keep the labels of one edition in the folder."`,
    );
    expect(countsOf((await itemsOf(affwild2, seven)).samples).train).toEqual({ neutral: 1, surprise: 1 });
  });
});
