import { adapters } from "@fer/dataset-extractors";
import { describe, expect, test } from "vitest";
import { testAdapter } from "../contract.js";
import { jpeg, png } from "../fixtures/images.js";
import { formOf, itemsOf, refusalOf, skipLines } from "../fixtures/items.js";
import type { Tree } from "../fixtures/tree.js";

const sfew2 = adapters.sfew2!;

const face = (seed: number) => png(seed, 143, 181, 3);
const frame = (seed: number) => png(seed, 72, 58, 3);

/** Movies with 0, 1, 2 and 4 underscores and a purely numeric one; two frames of a clip; a name of another kind. */
const parts = (train: string, val: string, test: string): Tree => ({
  [`${train}/Happy/Airheads_000519240_00000005.png`]: face(1),
  [`${train}/Happy/Airheads_000519240_00000019.png`]: face(2),
  [`${train}/Angry/HarryPotter_Half_Blood_Prince_001259094_00000033.png`]: face(3),
  [`${train}/Fear/21_012239520_00000041.png`]: face(4),
  [`${val}/Sad/v_x_001851280_00000031.png`]: face(5),
  [`${val}/Surprise/picture 7.png`]: face(6),
  [`${test}/Unknown_Movie_001851999_00000031.png`]: face(7),
});
const COUNTS = { train: { happy: 2, anger: 1, fear: 1 }, val: { sad: 1, surprise: 1 } };

testAdapter(
  sfew2,
  ...(
    [
      ["Train_Aligned_Faces", "Val_Aligned_Faces_new/Val_Aligned_Faces", "Test_Aligned_Faces"],
      ["Train/Train_Aligned_Faces", "Val/Val_Aligned_Faces", "Test/Test_Aligned_Faces"],
      ["Train", "Val", "Test"],
    ] as const
  ).map(([train, val, part]) => ({
    name: `aligned, ${val}`,
    form: "aligned",
    tree: parts(train, val, part),
    counts: COUNTS,
    skipped: { unlabelled: 1 },
  })),
  {
    name: "aligned with a frame among them",
    form: "aligned",
    tree: { ...parts("Train", "Val", "Test"), "Train/Sad/Movie_000000001_00000001.png": frame(9) },
    counts: COUNTS,
    skipped: { unlabelled: 1, invalid: 1 },
  },
  {
    name: "raw",
    form: "raw",
    tree: {
      "Train/Angry/Movie_000000001_00000001.png": frame(1),
      "Val/Neutral/Movie_000000002_00000001.png": frame(2),
      "Val/Neutral/Movie_000000003_00000001.png": face(3),
      "Test/Movie_000000004_00000001.png": frame(4),
    },
    counts: { train: { anger: 1 }, val: { neutral: 1 } },
    skipped: { unlabelled: 1, invalid: 1 },
  },
  {
    name: "the original framework's arrangement",
    form: "merged",
    tree: async () => ({ "Full/Angry/Movie_000000001_00000001.png": face(1), "Full/Sad/x.jpg": await jpeg(2) }),
    counts: { all: { anger: 1, sad: 1 } },
    skipped: {},
  },
);

describe("sfew2", () => {
  test("reads clip and frame from the right of a name", async () => {
    const { samples } = await itemsOf(sfew2, parts("Train", "Val", "Test"));
    expect(samples.map(({ group, frame: number }) => [group, number])).toEqual([
      ["001259094", 33],
      ["012239520", 41],
      ["000519240", 5],
      ["000519240", 19],
      ["001851280", 31],
      ["picture 7", null],
    ]);
  });

  test("shares its groups with AFEW", () => {
    expect([sfew2.groupSpace, sfew2.groupKind]).toEqual([adapters.afew!.groupSpace, adapters.afew!.groupKind]);
  });

  test("lists what is left out", async () => {
    const tree = { ...parts("Train", "Val", "Test"), "Train/Sad/Movie_000000001_00000001.png": frame(9) };
    expect(skipLines((await itemsOf(sfew2, tree)).skips)).toMatchInlineSnapshot(`
      [
        "invalid: Train/Sad/Movie_000000001_00000001.png (72x58 is not the size of an aligned picture (aligned ones are 143x181))",
        "unlabelled: Test/Unknown_Movie_001851999_00000031.png (the test part has no public labels)",
      ]
    `);
  });

  test("asks where both aligned faces and raw frames are there, and keeps them apart", async () => {
    const both = {
      ...parts("Train_Aligned_Faces", "Val_Aligned_Faces", "Test_Aligned_Faces"),
      "Train/Sad/M_000000001_00000001.png": frame(9),
    };
    expect(await refusalOf(sfew2, both)).toMatchInlineSnapshot(
      `"sfew2: "<root>" fits several forms: aligned, raw. Expected one. Say which with --form aligned or --form raw."`,
    );
    expect((await itemsOf(sfew2, both, { form: "raw" })).samples.map(({ id }) => id)).toEqual(["M_000000001_00000001"]);
    expect((await itemsOf(sfew2, both, { form: "aligned" })).samples).toHaveLength(6);
    expect(await formOf(sfew2, parts("Train", "Val", "Test"))).toBe("aligned");
  });
});
