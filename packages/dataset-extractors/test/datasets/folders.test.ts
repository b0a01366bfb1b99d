import path from "node:path";
import { adapters, extract } from "@fer/dataset-extractors";
import { Folder } from "@fer/dataset-extractors/readers";
import { describe, expect, test, vi } from "vitest";
import { jsonLines, testAdapter } from "../contract.js";
import { zip } from "../fixtures/archives.js";
import { jpeg, png } from "../fixtures/images.js";
import { temporaryFolder, writeTree } from "../fixtures/tree.js";

const folders = adapters.folders!;

testAdapter(
  folders,
  {
    name: "class names with and without splits",
    form: "class-folders",
    tree: async () => ({
      "unhappy_data/train/sadness/a.png": png(1),
      "unhappy_data/train/sadness/a.jpg": await jpeg(2),
      "unhappy_data/train/Happy/inner/b.png": png(3),
      "unhappy_data/Validation/angry/b.png": png(4),
      "unhappy_data/test/unhappy/c.png": png(5),
      "unhappy_data/.DS_Store": "junk",
      "__MACOSX/train/Happy/._b.png": "junk",
      "loose.png": png(6),
    }),
    counts: { train: { happy: 1, sad: 2 }, val: { anger: 1 } },
    skipped: { unlabelled: 2 },
  },
  {
    name: "numbered folders with a map",
    form: "class-folders",
    tree: { "0/p1_1.png": png(1), "0/p2_1.png": png(2), "7/p1_2.png": png(3), "9/p1_3.png": png(4) },
    options: { map: { 0: "surprise", 7: "fear" }, subjectPattern: "/(p\\d+)_" },
    counts: { all: { fear: 1, surprise: 2 } },
    skipped: { unlabelled: 1 },
  },
);

describe("folders", () => {
  test("reads the subject by the pattern, and leaves out what it does not fit", async () => {
    const dir = temporaryFolder();
    const from = writeTree(path.join(dir, "from"), { "happy/p01_1.png": png(1), "happy/guest.png": png(2) });
    const to = path.join(dir, "to");
    const { info } = await extract({
      adapter: "folders",
      from,
      to,
      workers: 1,
      options: { subjectPattern: "(p\\d+)_" },
    });
    expect(info.groupKind).toBe("subject");
    expect(jsonLines(path.join(to, "all/metadata.jsonl"))).toMatchObject([{ subject: "p01", group: "p01" }]);
    expect(jsonLines(path.join(to, "skipped.jsonl"))).toEqual([
      { source: "happy/guest.png", reason: "unknown", detail: "its path does not match the subject pattern (p\\d+)_" },
    ]);
  });

  test("takes the people of two own datasets for different ones, unless told that they share a name", async () => {
    const dir = temporaryFolder();
    const pictures = { "happy/p1_1.png": png(1), "sad/p1_2.png": png(2) };
    const spaceOf = async (from: string, groupSpace?: string) => {
      const options = { subjectPattern: "(p\\d+)_", ...(groupSpace === undefined ? {} : { groupSpace }) };
      const to = path.join(temporaryFolder(), "to");
      return (await extract({ adapter: "folders", from: path.join(dir, from), to, workers: 1, options })).info
        .groupSpace;
    };
    writeTree(
      dir,
      Object.fromEntries(
        ["a", "b"].flatMap((part) => Object.entries(pictures).map(([file, bytes]) => [`${part}/${file}`, bytes])),
      ),
    );
    writeTree(dir, { "c.zip": zip(pictures) });
    vi.stubEnv("FER_CACHE", temporaryFolder());
    expect([await spaceOf("a"), await spaceOf("b"), await spaceOf("c.zip")]).toEqual(["own/a", "own/b", "own/c"]);
    vi.unstubAllEnvs();
    expect([await spaceOf("a", "office"), await spaceOf("b", "office")]).toEqual(["office", "office"]);
    await expect(spaceOf("a", "../x")).rejects.toThrowErrorMatchingInlineSnapshot(
      `[OptionsError: folders options: groupSpace: received "../x". Expected letters, digits, dots, dashes and underscores.]`,
    );
  });

  test("says that data without subjects has no groups", async () => {
    const dir = temporaryFolder();
    const from = writeTree(path.join(dir, "from"), { "happy/1.png": png(1), "sad/1.png": png(2) });
    const { info } = await extract({ adapter: "folders", from, to: path.join(dir, "to"), workers: 1 });
    expect(info.groupKind).toBe("none");
    expect(info.counts).toEqual({ all: { happy: 1, sad: 1 } });
  });

  test("asks for a map where folders are numbered", async () => {
    const from = writeTree(temporaryFolder(), { "0/a.png": png(1), "10/b.png": png(2), "2/b.png": png(3) });
    const message = await folders.detect(await Folder.open(from)).catch((error: Error) => error.message);
    expect(String(message).replace(from, "<root>")).toMatchInlineSnapshot(
      `"folders: "<root>" has numbered folders (0, 2, 10), and numbers mean other classes in other copies. Expected a map from folder to expression. Pass one, for example --map 0=...,2=...,10=..."`,
    );
  });

  test("refuses a pattern that is no regular expression", async () => {
    const from = writeTree(temporaryFolder(), { "happy/a.png": png(1) });
    await expect(
      folders.detect(await Folder.open(from), { options: { subjectPattern: "(" } }),
    ).rejects.toThrowErrorMatchingInlineSnapshot(
      `[OptionsError: folders: subjectPattern "(" is not a regular expression (Invalid regular expression: /(/u: Unterminated group). Expected one with a group for the subject. For example "^.*/(p\\d+)_" for pictures called p12_3.png.]`,
    );
  });
});
