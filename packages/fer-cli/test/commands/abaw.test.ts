/** `fer abaw write` and `score`. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { warmFer } from "../fixtures/warm-fer.js";

let folder: string;
const fer = (...words: string[]) => warmFer(folder, ...words);

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "fer-abaw-"));
  writeFileSync(join(folder, "seen.csv"), "file,expression\ncrops/a/00001.jpg,happy\ncrops/a/00003.jpg,sad\n");
  writeFileSync(join(folder, "frames.csv"), "video,frames\na,3\n");
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

it("writes what is handed in, and scores it", { timeout: 120_000 }, async () => {
  const words = ["abaw", "write", "seen.csv", "--frames", "frames.csv", "--edition", "2020", "--to", "submission"];
  expect(await fer(...words)).toMatchInlineSnapshot(`
    {
      "code": 0,
      "stderr": "",
      "stdout": "exported
    file                 submission/a.txt
    videos               1
    frames               3
    without a face (-1)  1
    ",
    }
  `);
  expect((await fer(...words)).stderr).toContain("is there already");
  const scored = await fer("abaw", "score", "submission", "--truth", "submission");
  expect(scored.stdout).toMatchInlineSnapshot(`
    "ABAW, classes of 2020
    score (0.67 F1 + 0.33 accuracy)  0.5214
    mean F1                          28.6%
    accuracy                         100.0%
    F1 of Neutral                    0.0%
    F1 of Anger                      0.0%
    F1 of Disgust                    0.0%
    F1 of Fear                       0.0%
    F1 of Happiness                  100.0%
    F1 of Sadness                    100.0%
    F1 of Surprise                   0.0%
    frames that count                2
    videos                           1
    "
  `);
  const json = JSON.parse((await fer("abaw", "score", "submission", "--truth", "submission", "--json")).stdout);
  expect(json).toMatchObject({ edition: 2020, accuracy: 1, frames: 2, videos: 1 });
});

it("says what is missing, and what belongs to the other one", { timeout: 120_000 }, async () => {
  const said = async (...words: string[]): Promise<string> => (await fer("abaw", ...words)).stderr.split("\n")[0]!;
  expect(await said("write", "seen.csv", "--to", "x")).toMatchInlineSnapshot(
    `"error: --frames: is missing. Expected a table with the columns video and frames, or the owner's annotations."`,
  );
  expect(await said("score", "submission")).toMatchInlineSnapshot(
    `"error: --truth: is missing. Expected the owner's annotations."`,
  );
  expect(await said("score", "submission", "--to", "x")).toMatchInlineSnapshot(
    `"error: --to: it is an option of fer abaw write."`,
  );
  expect(await said("write", "nowhere.csv", "--frames", "frames.csv", "--to", "x")).toMatchInlineSnapshot(
    `"error: nowhere.csv: no such file or folder."`,
  );
});
