import { adapters } from "@fer/dataset-extractors";
import { describe, expect, test } from "vitest";
import { testAdapter } from "../contract.js";
import { jpeg, png } from "../fixtures/images.js";
import { itemsOf, skipLines } from "../fixtures/items.js";
import type { Tree } from "../fixtures/tree.js";

const rafd = adapters.rafd!;

const EXPRESSIONS = ["angry", "contemptuous", "disgusted", "fearful", "happy", "neutral", "sad", "surprised"];
const PEOPLE = ["28_Caucasian_male", "73_Moroccan_female", "41_Kid_female"];

/** Two adults and a child, two angles, three gazes, eight expressions; .JPG, a prefix, a name of five fields, junk. */
const tree = async (dir: string): Promise<Tree> => {
  const files: Tree = {};
  let seed = 0;
  for (const person of PEOPLE) {
    for (const expression of EXPRESSIONS) {
      for (const angle of ["090", "180"]) {
        for (const gaze of ["frontal", "left", "right"]) {
          files[`${dir}Rafd${angle}_${person}_${expression}_${gaze}.jpg`] = png(seed++);
        }
      }
    }
  }
  files[`${dir}Rafd090_71_Caucasian_male_sad_frontal.JPG`] = await jpeg(300);
  files[`${dir}cropped_151_159_Rafd090_12_Caucasian_female_happy_frontal.png`] = png(301);
  files[`${dir}Rafd090_28_Caucasian_male_angry.jpg`] = png(302);
  files[`${dir}Rafd090_28_Caucasian_male_furious_frontal.jpg`] = png(303);
  files[`${dir}Thumbs.db`] = "x";
  return files;
};

const counts = (n: number) => ({
  neutral: n,
  anger: n,
  disgust: n,
  fear: n,
  happy: n + 1,
  sad: n + 1,
  surprise: n,
  contempt: n,
});

testAdapter(
  rafd,
  ...["", "RafDDownload-0123/", "SUR/"].map((dir) => ({
    name: `frontal, under "${dir}"`,
    form: "official",
    tree: () => tree(dir),
    counts: { all: counts(3) },
    skipped: { invalid: 2, "not-chosen": 120 },
  })),
  {
    name: "two angles, three gazes",
    form: "official",
    tree: () => tree(""),
    options: { angles: ["090", "180"], gazes: ["frontal", "left", "right"] },
    counts: { all: counts(18) },
    skipped: { invalid: 2 },
  },
);

describe("rafd", () => {
  test("takes the model number for the subject, also behind a prefix", async () => {
    const { samples } = await itemsOf(rafd, await tree(""));
    expect([...new Set(samples.map(({ subject }) => subject))].sort()).toEqual(["12", "28", "41", "71", "73"]);
    expect(samples.find(({ subject }) => subject === "12")).toMatchObject({
      id: "cropped_151_159_Rafd090_12_Caucasian_female_happy_frontal",
      expression: "happy",
    });
  });

  test("reports names that have not the six fields", async () => {
    const { skips } = await itemsOf(rafd, await tree(""));
    expect(skips.filter(({ reason }) => reason === "not-chosen")).toHaveLength(120);
    expect(skipLines(skips.filter(({ reason }) => reason !== "not-chosen"))).toMatchInlineSnapshot(`
      [
        "invalid: Rafd090_28_Caucasian_male_angry.jpg (the name does not have the six fields of RaFD)",
        "invalid: Rafd090_28_Caucasian_male_furious_frontal.jpg (the name does not have the six fields of RaFD)",
      ]
    `);
  });

  test("knows the owners' totals of each selection", async () => {
    const official = rafd.forms[0]!;
    const expected = official.expected as unknown as (options: unknown) => { counts: number[] }[];
    const sum = (options: unknown) => expected(options)[0]!.counts.reduce((a, b) => a + b, 0);
    expect(sum({ angles: ["090"], gazes: ["frontal"] })).toBe(536);
    expect(sum({ angles: ["045", "090", "135"], gazes: ["frontal", "left", "right"] })).toBe(4824);
    expect(sum({ angles: ["000", "045", "090", "135", "180"], gazes: ["frontal", "left", "right"] })).toBe(8040);
  });
});
