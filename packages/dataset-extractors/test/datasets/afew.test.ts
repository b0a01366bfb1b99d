import { adapters } from "@fer/dataset-extractors";
import { describe, expect, test } from "vitest";
import { testAdapter } from "../contract.js";
import { png } from "../fixtures/images.js";
import { countsOf, itemsOf, refusalOf, skipLines } from "../fixtures/items.js";
import type { Tree } from "../fixtures/tree.js";

const afew = adapters.afew!;

const EMOTIONS = ["Angry", "Disgust", "Fear", "Happy", "Neutral", "Sad", "Surprise"];
const clipId = (n: number) => String(n).padStart(9, "0");

/**
 * Seven emotions, two clips each in both parts; one number in both parts with different labels; a clip without faces,
 * faces without a clip; names of frames that sort by number only; an .mp4; what lies between folders; the test part.
 */
function official(train: string, val: string, trainFaces: string, valFaces: string): Tree {
  const tree: Tree = {};
  for (const [e, emotion] of EMOTIONS.entries()) {
    for (const n of [0, 1]) {
      tree[`${train}/${emotion}/${clipId(100 + 10 * e + n)}.${e === 0 && n === 0 ? "mp4" : "avi"}`] = "";
      tree[`${val}/${emotion}/${clipId(500 + 10 * e + n)}.avi`] = "";
      tree[`${trainFaces}/Faces/${clipId(100 + 10 * e + n)}/7.jpg`] = png(e * 2 + n);
      tree[`${valFaces}/Faces/${clipId(500 + 10 * e + n)}/I_1001.jpg`] = png(50 + e * 2 + n);
    }
  }
  tree[`${train}/Angry/001703120.avi`] = "";
  tree[`${trainFaces}/Faces/001703120/10.jpg`] = png(90);
  tree[`${trainFaces}/Faces/001703120/7.jpg`] = png(91);
  tree[`${trainFaces}/Faces/001703120/100.jpg`] = png(92);
  tree[`${val}/Sad/001703120.avi`] = "";
  tree[`${valFaces}/Faces/001703120/I_1001.jpg`] = png(93);
  tree[`${train}/Happy/000046280.avi`] = "";
  tree[`${trainFaces}/Faces/000099999/1.jpg`] = png(94);
  tree[`${trainFaces}/LBPTOP/000046280.mat`] = "x";
  tree[`${train}/Train_6.xml`] = "<x/>";
  tree[`${train}/Angry/desktop.ini`] = "x";
  tree["Test/Test_vid_Distribute/Test_vid_Distribute/000029320.avi"] = "";
  return tree;
}

const plain = official(
  "Train_AFEW",
  "Val_AFEW",
  "Train_AFEW/AlignedFaces_LBPTOP_Points",
  "Val_AFEW/AlignedFaces_LBPTOP_Points_Val",
);
const doubled = official(
  "EmotiW_2018/Train_AFEW",
  "EmotiW_2018/Val_AFEW",
  "EmotiW_2018/Train_AFEW/AlignedFaces_LBPTOP_Points/AlignedFaces_LBPTOP_Points",
  "EmotiW_2018/Train_AFEW/AlignedFaces_LBPTOP_Points_Val/AlignedFaces_LBPTOP_Points_Val",
);
const each = (n: number, more: Record<string, number> = {}) => ({
  neutral: n,
  anger: n,
  disgust: n,
  fear: n,
  happy: n,
  sad: n,
  surprise: n,
  ...more,
});
const COUNTS = { train: each(2, { anger: 5 }), val: each(2, { sad: 3 }) };
const SKIPPED = { unlabelled: 2, "missing-file": 1, unread: 2 };
const except = [{ check: "groups stay in one split", reason: "the owners use one clip number in two parts" }] as const;

testAdapter(
  afew,
  { name: "as delivered", form: "faces", tree: plain, counts: COUNTS, skipped: SKIPPED, except },
  {
    name: "doubled folders, val unpacked in train",
    form: "faces",
    tree: doubled,
    counts: COUNTS,
    skipped: SKIPPED,
    except,
  },
  {
    name: "renamed parts, the middle frame",
    form: "faces",
    tree: official("Train", "Val", "Train/AlignedFaces", "Val/AlignedFaces"),
    options: { frames: "middle" },
    counts: { train: each(2, { anger: 3 }), val: each(2, { sad: 3 }) },
    skipped: { ...SKIPPED, "not-chosen": 2 },
    except,
  },
  {
    name: "frames sorted into emotion folders",
    form: "class-frames",
    tree: {
      "Train/AlignedFaces_LBPTOP_Points/Happy/000046280/0000001.jpg": png(1),
      "Train/AlignedFaces_LBPTOP_Points/Happy/000046280/0000002.jpg": png(2),
      "Val/Sad/000046281/0000001.jpg": png(3),
      "Val/Fear/000046282.avi": "",
    },
    counts: { train: { happy: 2 }, val: { sad: 1 } },
    skipped: { "missing-file": 1 },
  },
);

describe("afew", () => {
  test("keeps clip numbers as text, and the same number of two parts apart", async () => {
    const { samples } = await itemsOf(afew, plain, { options: { frames: "middle" } });
    expect(samples.filter(({ group }) => group === "001703120")).toMatchObject([
      { split: "train", expression: "anger", id: "001703120_10" },
      { split: "val", expression: "sad", id: "001703120_I_1001" },
    ]);
  });

  test("orders frames by their number and never takes only the first without being told", async () => {
    const frames = async (options: Record<string, unknown>) =>
      (await itemsOf(afew, plain, { options })).samples
        .filter(({ group, split }) => group === "001703120" && split === "train")
        .map(({ frame }) => frame);
    expect(await frames({})).toEqual([7, 10, 100]);
    expect(await frames({ every: 2 })).toEqual([7, 100]);
    expect(await frames({ frames: "spread", count: 2 })).toEqual([7, 100]);
    expect(await frames({ frames: "spread", count: 9 })).toEqual([7, 10, 100]);
    expect(await frames({ frames: "middle" })).toEqual([10]);
  });

  test("lists clips without faces, faces without a clip, and the test part", async () => {
    expect(skipLines((await itemsOf(afew, plain)).skips)).toMatchInlineSnapshot(`
      [
        "missing-file: Train_AFEW/Happy/000046280.avi (no frames of clip 000046280)",
        "unlabelled: Test/Test_vid_Distribute/Test_vid_Distribute/000029320.avi (the test part has no public labels; 0 frames)",
        "unlabelled: Train_AFEW/AlignedFaces_LBPTOP_Points/Faces/000099999 (no emotion folder of train holds clip 000099999; 1 frame)",
        "unread: Train_AFEW/AlignedFaces_LBPTOP_Points/LBPTOP/000046280.mat (a file that this form does not read)",
        "unread: Train_AFEW/Train_6.xml (a file that this form does not read)",
      ]
    `);
  });

  test("leaves out a clip that lies in two emotion folders of a part", async () => {
    const tree = { ...plain, "Train_AFEW/Fear/000000100.avi": "" };
    const { samples, skips } = await itemsOf(afew, tree);
    expect(countsOf(samples).train).toEqual(each(2, { anger: 4 }));
    expect(skipLines(skips)).toContain("invalid: Train_AFEW/Angry/000000100.mp4 (clip 000000100 is in Angry and Fear)");
  });

  test("asks where frames lie both in emotion folders and apart", async () => {
    expect(await refusalOf(afew, { ...plain, "Train_AFEW/Happy/000000130/1.jpg": png(1) })).toMatchInlineSnapshot(
      `"afew: "<root>" fits several forms: faces, class-frames. Expected one. Say which with --form faces or --form class-frames."`,
    );
  });
});
