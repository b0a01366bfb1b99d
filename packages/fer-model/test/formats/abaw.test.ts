import { abawFile, abawScore, abawText } from "@fer/model";
import { expect, test } from "vitest";

const video = {
  video: "5-60-1920x1080-2",
  frames: 4,
  codes: new Map([
    [1, 6],
    [2, 0],
    [4, 3],
  ]),
};

test("2020: a txt a video, the classes first, -1 for frames without a face, as many lines as frames", () => {
  expect(abawText(video, 2020)).toBe("Neutral,Anger,Disgust,Fear,Happiness,Sadness,Surprise\n6\n0\n-1\n3\n");
});

test("later: one file of all videos", () => {
  expect(abawFile([video, { video: "b", frames: 1, codes: new Map([[1, 7]]) }], 2022)).toBe(
    `image_location,Neutral,Anger,Disgust,Fear,Happiness,Sadness,Surprise,Other
5-60-1920x1080-2/00001.jpg,6
5-60-1920x1080-2/00002.jpg,0
5-60-1920x1080-2/00003.jpg,-1
5-60-1920x1080-2/00004.jpg,3
b/00001.jpg,7
`,
  );
});

test("frames that a video does not have, and codes of another edition, are refused", () => {
  const of = (frame: number, code: number) => () =>
    abawText({ video: "a", frames: 4, codes: new Map([[frame, code]]) }, 2020);
  expect(of(5, 0)).toThrow("video a: frame 5. Expected a frame of 1 to 4.");
  expect(of(0, 0)).toThrow("video a: frame 0. Expected a frame of 1 to 4.");
  expect(of(1, 7)).toThrow("video a: the code 7 of frame 1. Expected -1, or a code of 0 to 6.");
});

test("scores: a worked example, frames without a truth left out", () => {
  const truth = [0, 0, 4, 4, 1, -1];
  const predicted = [0, 4, 4, 4, -1, 2];
  // F1: neutral 2*1/(2+1) = 2/3, happiness 2*2/(2+3) = 4/5, the other five 0; three of five are right.
  const [macroF1, accuracy] = [(2 / 3 + 4 / 5) / 7, 3 / 5];
  const score = abawScore({ truth, predicted }, 2020);
  expect(score.macroF1).toBeCloseTo(macroF1, 12);
  expect(score.accuracy).toBeCloseTo(accuracy, 12);
  expect(score.score).toBeCloseTo(0.67 * macroF1 + 0.33 * accuracy, 12);
  expect(score.frames).toBe(5);
  expect(abawScore({ truth, predicted }, 2022).score).toBeCloseTo((2 / 3 + 4 / 5) / 8, 12);
  expect(() => abawScore({ truth, predicted: [0] }, 2020)).toThrow("abaw: 1 predictions. Expected 6, one a frame.");
});
