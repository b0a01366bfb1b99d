import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { abawFile, abawScore, abawText, scoreAbaw, writeAbaw } from "@fer/model";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

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

describe("files", () => {
  let folder: string;
  const at = (name: string): string => join(folder, name);
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "fer-abaw-"));
  });
  afterAll(() => rm(folder, { recursive: true }));

  const message = (work: Promise<unknown>): Promise<string> =>
    work.then(
      () => "nothing was thrown",
      (error: Error) => error.message.replaceAll(folder, "<folder>"),
    );
  const write = async (name: string, lines: readonly string[]): Promise<string> => {
    await writeFile(at(name), `${lines.join("\n")}\n`);
    return at(name);
  };

  /** As `fer predict crops --csv` writes it: crops, a photo with two faces, one without, one that is damaged. */
  const SEEN = [
    "file,face,x,y,width,height,score,expression,confidence,neutral,happy,doubt,problem",
    "crops/b/00001.jpg,,,,,,,happy,0.9,0.1,0.9,,",
    "crops/b/00002.jpg,1,0,0,9,9,0.9,sad,0.9,0.1,0.9,,",
    "crops/b/00002.jpg,2,0,0,5,5,0.9,anger,0.9,0.1,0.9,,",
    "crops/b/00004.jpg,0,,,,,,,,,,,",
    '"crops/a, left/00002.jpg",,,,,,,neutral,0.9,0.1,0.9,,',
    '"crops/a, left/00003.jpg",,,,,,,,,,,,"cut off, it seems"',
  ];
  const FRAMES = ["video,frames", "b.mp4,5", '"a, left",3', "c,2"];

  test("2020: what is written of a table is what the owner's form says", async () => {
    const [seen, frames] = [await write("seen.csv", SEEN), await write("frames.csv", FRAMES)];
    const notes: string[] = [];
    const options = { frames, edition: 2020, to: at("2020"), onNote: (text: string) => notes.push(text) } as const;
    const found = await writeAbaw(seen, options);
    expect(found).toMatchObject({ videos: 3, frames: 10, faceless: 7, reused: false, edition: 2020 });
    expect(notes).toEqual([
      "1 frames that could not be decoded are -1",
      "1 smaller faces beside another one in their frame are left out",
      "1 of 3 videos have no prediction and are all -1, such as c",
    ]);
    const header = "Neutral,Anger,Disgust,Fear,Happiness,Sadness,Surprise";
    expect(await readFile(at("2020/b.txt"), "utf8")).toBe(`${header}\n4\n5\n-1\n-1\n-1\n`);
    expect(await readFile(at("2020/a, left.txt"), "utf8")).toBe(`${header}\n-1\n0\n-1\n`);
    expect(await readFile(at("2020/c.txt"), "utf8")).toBe(`${header}\n-1\n-1\n`);
    expect((await writeAbaw(seen, options)).reused).toBe(true);
    const changed = await write("changed.csv", SEEN.slice(0, 3));
    expect(await message(writeAbaw(changed, { frames, edition: 2020, to: at("2020") }))).toMatch(/overwrite/);
    // his annotations tell the numbers of frames too
    const again = await writeAbaw(seen, { frames: at("2020"), to: at("later") });
    expect(again).toMatchObject({ videos: 3, frames: 10, edition: 2022, files: [at("later/predictions.txt")] });
    const text = await readFile(at("later/predictions.txt"), "utf8");
    expect(text.split("\n").slice(0, 3)).toEqual([
      `image_location,${header},Other`,
      "a, left/00001.jpg,-1",
      "a, left/00002.jpg,0",
    ]);
  });

  test("frames of videos, which count from 0, and predictions of a run, by their ids", async () => {
    const frames = await write("two.csv", ["video,frames", "clip,2"]);
    const videos = await write("videos.csv", [
      "file,time,frame,track,face,expression",
      "in/clip.mp4,0,0,1,1,fear",
      "in/clip.mp4,0.04,1,1,1,fear",
    ]);
    const run = await write("run.csv", [
      "id,truth,predicted,p_neutral",
      "clip_00001,sad,fear,0",
      "clip_00002,sad,fear,0",
    ]);
    await writeAbaw(videos, { frames, to: at("of-videos") });
    await writeAbaw(run, { frames, to: at("of-run") });
    const text = await readFile(at("of-videos/predictions.txt"), "utf8");
    expect(text.split("\n").slice(1)).toEqual(["clip/00001.jpg,3", "clip/00002.jpg,3", ""]);
    expect(await readFile(at("of-run/predictions.txt"), "utf8")).toBe(text);
    const list = await write("list.txt", ["image_location", "clip/00001.jpg", "clip/00002.jpg"]);
    expect(await writeAbaw(run, { frames: list, to: at("of-list") })).toMatchObject({ frames: 2 });
  });

  test("what does not fit is refused before anything is written", async () => {
    const frames = await write("few.csv", ["video,frames", "b,3", '"a, left",3']);
    const asked = (lines: readonly string[], options: object = {}): Promise<string> =>
      write("asked.csv", lines).then((file) => message(writeAbaw(file, { frames, to: at("never"), ...options })));
    expect(await asked(SEEN)).toMatchInlineSnapshot(`"video b: frame 4. Expected a frame of 1 to 3."`);
    expect(await asked(["file,expression", "b/1.jpg,sad", "b/00001.jpg,sad"])).toMatchInlineSnapshot(
      `"<folder>/asked.csv, line 3: frame 1 of b for the second time. Expected each frame once."`,
    );
    expect(await asked(["file,expression", "b/1.jpg,contempt"])).toMatchInlineSnapshot(
      `"<folder>/asked.csv, line 2: the class contempt, which 2022 does not have. Expected Neutral, Anger, Disgust, Fear, Happiness, Sadness, Surprise, Other. Predict with a model of these classes."`,
    );
    expect(await asked(["file,expression", "b/1.jpg,other"], { edition: 2020 })).toMatchInlineSnapshot(
      `"<folder>/asked.csv, line 2: the class other, which 2020 does not have. Expected Neutral, Anger, Disgust, Fear, Happiness, Sadness, Surprise. Predict with a model of these classes."`,
    );
    expect(await asked(["file,expression", "b_1.jpg,sad"])).toMatchInlineSnapshot(
      `"<folder>/asked.csv, line 2: "b_1.jpg". Expected <video>/<frame>.jpg, such as clip/00001.jpg."`,
    );
    expect(await asked(["file,expression", "b/00000.jpg,sad"])).toMatchInlineSnapshot(
      `"<folder>/asked.csv, line 2: "b/00000.jpg". Expected <video>/<frame>.jpg, such as clip/00001.jpg."`,
    );
    expect(await asked(["picture,label", "b/1.jpg,sad"])).toMatchInlineSnapshot(
      `"<folder>/asked.csv: the columns picture, label. Expected file and expression, as fer predict --csv writes them, or id and predicted, as a run does."`,
    );
    expect(await asked(["file,expression", "z/1.jpg,sad"])).toMatchInlineSnapshot(
      `"video z: predictions, and no number of frames in <folder>/few.csv. Expected all videos that were predicted."`,
    );
    const broken = await write("broken-frames.csv", ["video,frames", "b,3.5"]);
    expect(await asked(["file,expression", "b/1.jpg,sad"], { frames: broken })).toMatchInlineSnapshot(
      `"<folder>/broken-frames.csv, line 2: "b,3.5". Expected each video once, with a whole number of frames."`,
    );
    await expect(stat(at("never"))).rejects.toThrow("ENOENT");
  });

  test("scores: all frames of all videos together, in both forms", async () => {
    // The worked example above, cut into two videos.
    await mkdir(at("truth"));
    await mkdir(at("said"));
    const header = "Neutral,Anger,Disgust,Fear,Happiness,Sadness,Surprise";
    for (const [name, lines] of [
      ["truth/x.txt", [0, 0, 4, 4]],
      ["truth/y.txt", [1, -1]],
      ["said/x.txt", [0, 4, 4, 4]],
      ["said/y.txt", [-1, 2]],
    ] as const)
      await write(name, [header, ...lines.map(String)]);
    const found = await scoreAbaw(at("said"), { truth: at("truth") });
    const [macroF1, accuracy] = [(2 / 3 + 4 / 5) / 7, 3 / 5];
    expect(found).toMatchObject({ edition: 2020, videos: 2, frames: 5 });
    expect(found.score).toBeCloseTo(0.67 * macroF1 + 0.33 * accuracy, 12);
    expect(found.f1).toMatchObject({ Neutral: 2 / 3, Happiness: 4 / 5, Anger: 0 });

    const single = (codes: readonly number[]): string[] => [
      `image_location,${header},Other`,
      ...codes.map((code, i) => `${i < 4 ? "x" : "y"}/${String(i < 4 ? i + 1 : i - 3).padStart(5, "0")}.jpg,${code}`),
    ];
    const truth = await write("truth.txt", single([0, 0, 4, 4, 1, -1]));
    const said = await write("said.txt", single([0, 4, 4, 4, -1, 2]));
    const later = await scoreAbaw(said, { truth });
    expect(later).toMatchObject({ edition: 2022, videos: 2, frames: 5 });
    expect(later.score).toBeCloseTo((2 / 3 + 4 / 5) / 8, 12);

    expect(await message(scoreAbaw(at("said"), { truth }))).toMatchInlineSnapshot(
      `"<folder>/said: the 7 classes of 2020. Expected the 8 classes of 2022, as in <folder>/truth.txt."`,
    );
    await write("said/y.txt", [header, "-1", "2", "2"]);
    expect(await message(scoreAbaw(at("said"), { truth: at("truth") }))).toMatchInlineSnapshot(
      `"video y: 3 frames. Expected 2, as in <folder>/truth."`,
    );
    await write("said/y.txt", [header, "-1", "7"]);
    expect(await message(scoreAbaw(at("said"), { truth: at("truth") }))).toMatchInlineSnapshot(
      `"<folder>/said/y.txt, line 3: "7". Expected an integer from -1 to 6."`,
    );
    await rm(at("said/y.txt"));
    expect(await message(scoreAbaw(at("said"), { truth: at("truth") }))).toMatchInlineSnapshot(
      `"<folder>/said: no video y. Expected all 2 videos of <folder>/truth."`,
    );
    expect(await message(scoreAbaw(at("seen.csv"), { truth }))).toMatchInlineSnapshot(
      `"<folder>/seen.csv: "file,face,x,y,width,height,score,expression,confidence,neutr" in the first line. Expected image_location,Neutral,Anger,..."`,
    );
    const doubled = await write("doubled.txt", [...single([0]), "x/1.jpg,1"]);
    expect(await message(scoreAbaw(doubled, { truth }))).toMatchInlineSnapshot(
      `"<folder>/doubled.txt, line 3: x/1.jpg for the second time. Expected each frame once."`,
    );
  });
});
