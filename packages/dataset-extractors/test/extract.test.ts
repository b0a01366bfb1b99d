import { existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import path from "node:path";
import { adapters, extract } from "@fer/dataset-extractors";
import { FerError } from "@fer/core";
import { readHeader } from "@fer/dataset-extractors/image";
import type { SampleInput } from "@fer/dataset-extractors/readers";
import { DatasetInfo } from "@fer/core/image-folder";
import { describe, expect, test } from "vitest";
import { jsonLines } from "./contract.js";
import { picture, png } from "./fixtures/images.js";
import { toyAdapter } from "./fixtures/toy-adapter.js";
import { digests, nextFileTime, temporaryFolder, writeTree, type Tree } from "./fixtures/tree.js";

const faces = (n: number): Tree =>
  Object.fromEntries(
    Array.from({ length: n }, (_, i) => [
      `${i % 2 === 0 ? "happy" : "sad"}/${i}.png`,
      png(i, 12, 10, i % 3 === 0 ? 3 : 1),
    ]),
  );

/** `from` with the tree, and `to` beside it. */
function places(tree: Tree) {
  const dir = temporaryFolder();
  const from = path.join(dir, "from");
  mkdirSync(from);
  return { dir, from: writeTree(from, tree), to: path.join(dir, "to") };
}

const own = (dir: string, options: Partial<Parameters<typeof extract>[0]> = {}) =>
  extract({ adapter: "folders", from: path.join(dir, "from"), to: path.join(dir, "to"), workers: 1, ...options });

/** The message of the error, with the temporary folder replaced. */
async function messageOf(promise: Promise<unknown>, dir: string): Promise<string> {
  const error = await promise.then(
    () => undefined,
    (e: unknown) => e,
  );
  if (!(error instanceof FerError)) throw error ?? new Error("nothing was thrown");
  return error.message.replaceAll(dir, "<dir>");
}

const sample = (i: number, more: Partial<SampleInput> = {}): SampleInput => ({
  id: `i${i}`,
  image: { pixels: picture(i).data, width: 8, height: 8, channels: 1 },
  expression: "happy",
  source: `list:${i}`,
  ...more,
});

describe("extract writes", () => {
  test("the same bytes with one and with two workers", async () => {
    const { dir } = places(faces(70));
    await own(dir);
    await own(dir, { to: path.join(dir, "two"), workers: 2 });
    expect(Object.keys(digests(path.join(dir, "to")))).toHaveLength(70 + 4);
    expect(digests(path.join(dir, "two"))).toEqual(digests(path.join(dir, "to")));
  });

  test("an untouched picture byte for byte, under the extension of what it really is", async () => {
    const bytes = png(1, 9, 9, 3);
    const { dir, to } = places({ "happy/a.jpg": bytes });
    const { info } = await own(dir);
    expect(readFileSync(path.join(to, "all/happy/happy__a.png"))).toEqual(bytes);
    expect(info.pictures).toMatchObject({ copied: 1, converted: 0 });
  });

  test("a box cut out of rows y.. and columns x.., clipped to the picture and counted", async () => {
    const { dir, from, to } = places({ "a.png": png(3, 30, 20, 3) });
    const image = { file: "a.png" };
    const adapter = toyAdapter(() => [
      sample(1, { image, box: { x: 4, y: 2, width: 10, height: 5 } }),
      sample(2, { image, box: { x: 25, y: -3, width: 10, height: 9 } }),
      sample(3, { image, box: { x: 40, y: 2, width: 10, height: 5 } }),
      sample(4, { image, box: { x: 1, y: 1, width: -4, height: 5 } }),
      sample(5, { image, box: { x: 0, y: 0, width: 30, height: 20 } }),
    ]);
    const { info } = await extract({ from, to, workers: 1 }, { adapter });
    expect(jsonLines(path.join(to, "all/metadata.jsonl"))).toMatchObject([
      { id: "i1", box: { x: 4, y: 2, width: 10, height: 5 } },
      { id: "i2", box: { x: 25, y: 0, width: 5, height: 6 } },
      { id: "i5", box: { x: 0, y: 0, width: 30, height: 20 } },
    ]);
    expect(info.pictures).toEqual({ copied: 1, cropped: 2, converted: 0, clippedBoxes: 1 });
    expect(jsonLines(path.join(to, "skipped.jsonl"))).toEqual([
      { source: "list:3", reason: "bad-box", detail: "box 10 x 5 at 40, 2 has no area within 30 x 20 pixels" },
      { source: "list:4", reason: "bad-box", detail: "box -4 x 5 at 1, 1 has no area within 30 x 20 pixels" },
    ]);
    const wide = await extract({ from, to: `${dir}/wide`, workers: 1, margin: 0.5 }, { adapter });
    expect(jsonLines(path.join(wide.folder, "all/metadata.jsonl"))[0]).toMatchObject({
      box: { x: 0, y: 0, width: 19, height: 10 },
    });
  });

  test("faces aligned on their eyes where asked to, and leaves out what has no landmarks", async () => {
    const { from, to } = places({ "a.png": png(3, 60, 50, 3) });
    const image = { file: "a.png" };
    const eyes = (x: number, y: number): [number, number][] => [
      [x, y],
      [x + 20, y + 4],
    ];
    const adapter = toyAdapter(() => [
      sample(1, { image, landmarks: eyes(15, 20), box: { x: 1, y: 1, width: 9, height: 9 } }),
      sample(2, { image }),
    ]);
    const { info } = await extract({ from, to, workers: 1, align: true, alignedSize: 32 }, { adapter });
    expect(info).toMatchObject({ aligned: 32, imageKind: "crop", total: 1, skipped: { "bad-box": 1 } });
    const header = readHeader(readFileSync(path.join(to, "all/happy/i1.png")));
    expect(header).toMatchObject({ format: "png", width: 32, height: 32 });
    expect(jsonLines(path.join(to, "all/metadata.jsonl"))).toMatchObject([{ id: "i1", box: null }]);
    expect(jsonLines(path.join(to, "skipped.jsonl"))).toEqual([
      { source: "list:2", reason: "bad-box", detail: "no landmarks of two eyes to align on" },
    ]);
  });

  test("rows of every key, sorted by id in code units, and a fingerprint of them", async () => {
    const { from, to } = places({});
    const adapter = toyAdapter(() => [
      sample(1, { id: "b" }),
      sample(2, { id: "a" }),
      sample(3, { id: "B", split: "val" }),
    ]);
    const { info } = await extract({ from, to, workers: 1 }, { adapter });
    expect(jsonLines(path.join(to, "all/metadata.jsonl"))[0]).toMatchInlineSnapshot(`
      {
        "action_units": null,
        "arousal": null,
        "box": null,
        "dhash": "7c9998c8597de3dc",
        "expression": "happy",
        "file_name": "happy/a.png",
        "frame": null,
        "group": null,
        "id": "a",
        "label": 4,
        "pixel_hash": "7ae3be8dbd277ad1126b746a91c6be04531f535715a12a49186fa9083551c049",
        "raw_label": null,
        "source": "list:2",
        "subject": null,
        "valence": null,
        "votes": null,
      }
    `);
    expect(jsonLines(path.join(to, "all/metadata.jsonl")).map((row) => (row as { id: string }).id)).toEqual(["a", "b"]);
    expect(Object.keys(info.counts)).toEqual(["val", "all"]);
    expect(DatasetInfo.parse(JSON.parse(readFileSync(path.join(to, "dataset.json"), "utf8")))).toEqual(info);
  });

  test("again where the source has changed, and nothing where it has not", async () => {
    const { dir, from, to } = places(faces(3));
    utimesSync(path.join(from, "happy/0.png"), 1, 1);
    await nextFileTime();
    expect((await own(dir)).status).toBe("written");
    expect((await own(dir)).status).toBe("unchanged");
    writeFileSync(path.join(from, "happy/9.png"), png(9));
    expect(await own(dir)).toMatchObject({ status: "written", info: { total: 4 } });
    rmSync(path.join(to, "all/happy/happy__9.png"));
    await nextFileTime();
    expect((await own(dir)).status).toBe("written");
    expect((await own(dir)).status).toBe("unchanged");
  });

  test("what a symlink leads to, and names links that lead nowhere or in a circle", async () => {
    const { dir, from, to } = places(faces(2));
    writeTree(path.join(dir, "elsewhere"), { "angry/a.png": png(7), "angry/b.png": png(8) });
    symlinkSync(from, path.join(from, "happy/loop"));
    symlinkSync(path.join(from, "gone.png"), path.join(from, "happy/gone.png"));
    symlinkSync(path.join(dir, "elsewhere"), path.join(from, "train"));
    symlinkSync(path.join(dir, "elsewhere/angry/a.png"), path.join(from, "sad/link.png"));
    expect((await own(dir)).info.counts).toEqual({ train: { anger: 2 }, all: { happy: 1, sad: 2 } });
    expect(jsonLines(path.join(to, "skipped.jsonl"))).toEqual([
      { source: "happy/gone.png", reason: "unread", detail: "a link that leads nowhere" },
      { source: "happy/loop", reason: "unread", detail: "a link to a folder that it lies in" },
    ]);
  });

  test("a skip for a file that disappears while the folder is read", async () => {
    const { from, to } = places({ "a.png": png(1), "b.png": png(2) });
    const adapter = toyAdapter(function* () {
      yield sample(1, { image: { file: "a.png" } });
      rmSync(path.join(from, "b.png"));
      yield sample(2, { image: { file: "b.png" } });
      yield sample(3, { image: { file: "c.png" } });
    });
    const { info } = await extract({ from, to, workers: 1 }, { adapter });
    expect(info).toMatchObject({ total: 1, skipped: { "missing-file": 2 } });
    expect(jsonLines(path.join(to, "skipped.jsonl"))).toEqual([
      { source: "list:2", reason: "missing-file", detail: "the file disappeared while the folder was read" },
      { source: "list:3", reason: "missing-file", detail: '"c.png" is not in the folder' },
    ]);
  });

  test("folders whose names mean something to a glob", async () => {
    const { dir } = places({ "CK+ (1)[x]/{a,b}!/happy/Ünï côde*.png": png(1) });
    const { folder } = await own(dir);
    expect(existsSync(path.join(folder, "all/happy/CK+ (1)[x]__{a,b}!__happy__Ünï côde_.png"))).toBe(true);
  });
});

describe("extract stops and goes on", () => {
  test("after an abort, without decoding finished pictures again", async () => {
    const { dir, from, to } = places({});
    let asked = 0;
    const stop = new AbortController();
    const adapter = (abortAt: number) =>
      toyAdapter(function* () {
        for (let i = 0; i < 200; i++) {
          if (++asked === abortAt) stop.abort();
          yield sample(i, { id: `i${String(i).padStart(3, "0")}` });
        }
      });
    const context = { adapter: adapter(120), signal: stop.signal };
    expect(await messageOf(extract({ from, to, workers: 1 }, context), dir)).toMatchInlineSnapshot(
      `"extract: stopped before "<dir>/to" was complete. Run the same command again to go on: finished images are kept."`,
    );
    expect(existsSync(to)).toBe(false);
    const { decoded, resumed } = await extract({ from, to, workers: 1 }, { adapter: adapter(-1) });
    expect(decoded + resumed).toBe(200);
    expect(resumed).toBeGreaterThan(90);
    await extract({ from, to: `${to}-whole`, workers: 1 }, { adapter: adapter(-1) });
    expect(digests(to)).toEqual(digests(`${to}-whole`));
  });

  test("never discards finished work when options changed in between, unless told to", async () => {
    const { dir, from, to } = places({});
    const stop = new AbortController();
    const adapter = toyAdapter(function* () {
      for (let i = 0; i < 200; i++) {
        if (i === 120) stop.abort();
        yield sample(i);
      }
    });
    await extract({ from, to, workers: 1 }, { adapter, signal: stop.signal }).catch(() => {});
    const other = { from, to, workers: 1, options: { level: 2 } };
    expect(await messageOf(extract(other, { adapter }), dir)).toMatchInlineSnapshot(
      `"extract: "<dir>/.to.partial" holds unfinished work of other options: level 1 there, 2 asked for. Expected the same options, which go on with it. Pass the same options, choose another --to, or pass --overwrite (overwrite: true) to discard that work."`,
    );
    expect((await extract({ from, to, workers: 1 }, { adapter })).resumed).toBeGreaterThan(90);
    const { resumed, decoded } = await extract({ ...other, overwrite: true }, { adapter });
    expect({ resumed, decoded }).toEqual({ resumed: 0, decoded: 200 });
  });

  test("refuses to work on a folder that is being built", async () => {
    const { dir, from, to } = places(faces(2));
    const both = [0, 1].map(() => extract({ adapter: "folders", from, to, workers: 1 }));
    const other = (await Promise.allSettled(both)).find((result) => result.status === "rejected");
    const message = await messageOf(Promise.reject(other?.reason as Error), dir);
    expect(
      message.replace(/process \d+ on \S+/, "process <pid> on <host>").replace(/since [^)]*/, "since <time>"),
    ).toMatchInlineSnapshot(
      `"extract: process <pid> on <host> is at work on "<dir>/to" (since <time>). Expected one process at a time. Wait for it, or choose another --to."`,
    );
    expect((await Promise.any(both)).status).toBe("written");
  });
});

describe("extract refuses", () => {
  const refused = async (tree: Tree, run: (dir: string) => Promise<unknown>) => {
    const { dir } = places(tree);
    writeFileSync(path.join(dir, "from-file"), "x");
    const message = await messageOf(run(dir), dir);
    expect(existsSync(path.join(dir, "to"))).toBe(false);
    expect(existsSync(path.join(dir, ".to.partial"))).toBe(false);
    return message.replace(Object.keys(adapters).join(", "), "<adapters>");
  };

  test("a missing folder", async () => {
    expect(await refused({}, (dir) => own(dir, { from: `${dir}/nowhere` }))).toMatchInlineSnapshot(
      `"<dir>/nowhere: no such file or folder. Expected the folder of the dataset as its owners ship it. Check the path."`,
    );
  });

  test("an empty folder", async () => {
    expect(await refused({}, (dir) => own(dir))).toMatchInlineSnapshot(
      `"folders: nothing under "<dir>/from" fits no known form. Expected the form class-folders ("fer datasets folders" shows what they look like). Pass the folder that contains it."`,
    );
  });

  test("a folder without classes", async () => {
    expect(
      await refused({ "notes.txt": "x", "pictures/unhappy/a.png": png(1) }, (dir) => own(dir)),
    ).toMatchInlineSnapshot(
      `"folders: 2 files, 1 of them images, first "notes.txt", under "<dir>/from" fits no known form; the nearest is "class-folders": no folder is named after a class; pictures lie in "unhappy". Expected the form class-folders ("fer datasets folders" shows what they look like). Pass the folder that contains it."`,
    );
  });

  test("an archive of an unknown kind", async () => {
    expect(await refused({ "faces.rar": "x" }, (dir) => own(dir))).toMatchInlineSnapshot(
      `"folders: only archives ("faces.rar") under "<dir>/from" fits no known form. Expected the form class-folders ("fer datasets folders" shows what they look like). "faces.rar" is packed: unpack it first (7z x faces.rar)."`,
    );
  });

  test("an unknown adapter", async () => {
    expect(await refused(faces(2), (dir) => own(dir, { adapter: "ckpuls" }))).toMatchInlineSnapshot(
      `"adapter: no adapter is called "ckpuls". Expected one of <adapters>. Did you mean "ckplus"?"`,
    );
  });

  test("no adapter", async () => {
    expect(await refused(faces(2), (dir) => extract({ from: `${dir}/from`, to: `${dir}/to` }))).toMatchInlineSnapshot(
      `"extract: no adapter is named. Expected one of <adapters>, or one of your own passed by value."`,
    );
  });

  test("an unknown form", async () => {
    expect(await refused(faces(2), (dir) => own(dir, { form: "flat" }))).toMatchInlineSnapshot(
      `"folders: no form is called "flat". Expected one of class-folders."`,
    );
  });

  test("unknown options of an adapter", async () => {
    expect(await refused(faces(2), (dir) => own(dir, { options: { mpa: {} } }))).toMatchInlineSnapshot(
      `"folders options: unknown option "mpa". Did you mean "map"?"`,
    );
  });

  test("options out of range", async () => {
    expect(await refused(faces(2), (dir) => own(dir, { margin: -1, workers: -1 }))).toMatchInlineSnapshot(
      `"extract: workers: received -1. Expected at least 0. margin: received -1 (expected at least 0)."`,
    );
  });

  test("an output inside the source", async () => {
    expect(await refused(faces(2), (dir) => own(dir, { to: `${dir}/from/out` }))).toMatchInlineSnapshot(
      `"extract: --to "<dir>/from/out" lies inside --from "<dir>/from". Expected two separate folders. Choose another --to."`,
    );
  });

  test("a source inside the output", async () => {
    expect(await refused(faces(2), (dir) => own(dir, { to: dir }))).toMatchInlineSnapshot(
      `"extract: --from "<dir>/from" lies inside --to "<dir>". Expected two separate folders. Choose another --to."`,
    );
  });

  test("a dataset.json of another program, also with overwrite", async () => {
    const message = await refused(faces(2), (dir) => {
      const to = path.join(dir, "other");
      mkdirSync(to);
      writeFileSync(path.join(to, "dataset.json"), '{"name":"mine"}');
      return own(dir, { to, overwrite: true });
    });
    expect(message).toContain('other" holds "dataset.json" and not what extract writes');
  });

  test("an output with something else in it", async () => {
    expect(await refused(faces(2), (dir) => own(dir, { to: path.dirname(writeOther(dir)) }))).toMatchInlineSnapshot(
      `"extract: "<dir>/other" holds "letter.txt" and not what extract writes. Expected a new or empty folder, or an earlier output. Choose another --to; nothing was changed."`,
    );
  });

  test("an output below a file", async () => {
    expect(await refused(faces(2), (dir) => own(dir, { to: `${dir}/from-file/x` }))).toMatchInlineSnapshot(
      `"extract: "<dir>/from-file/x" cannot be written: a part of the path is a file, not a folder (ENOTDIR). Expected a folder that can be written. Choose another --to, or change its permissions."`,
    );
  });

  test("a list that is a Git LFS pointer", async () => {
    expect(await refused({ "ckextended.csv": LFS }, (dir) => own(dir, { adapter: "ckplus" }))).toMatchInlineSnapshot(
      `"ckextended.csv: a Git LFS pointer instead of the content. Expected the file itself. Fetch it with "git lfs pull", or download it from the owner."`,
    );
  });

  test("a folder of which no picture can be read", async () => {
    expect(await refused({ "happy/a.png": "", "sad/b.jpg": "<html>gone" }, (dir) => own(dir))).toMatchInlineSnapshot(
      `"folders: no usable image in form "class-folders" under "<dir>/from" (left out: 2 undecodable, as happy/a.png: the file is empty (0 bytes)). Expected at least one labelled image. Check that the images are unpacked beside their labels."`,
    );
  });

  test("the output of another dataset, and of other options unless told to overwrite", async () => {
    const { dir, from, to } = places(faces(4));
    await own(dir);
    const before = digests(to);
    const toy = extract({ from, to, workers: 1 }, { adapter: toyAdapter(() => [sample(1)]) });
    expect(await messageOf(toy, dir)).toMatchInlineSnapshot(
      `"extract: --to "<dir>/to" holds an extraction of "folders". Expected a new or empty folder, or one of "toy". Choose another --to; nothing was changed."`,
    );
    expect(await messageOf(own(dir, { options: { imageKind: "photo" } }), dir)).toMatchInlineSnapshot(
      `"extract: "<dir>/to" was made otherwise: imageKind "auto" there, "photo" asked for. Expected the same options and data. Choose another --to, or pass --overwrite (overwrite: true) to replace it; nothing was changed."`,
    );
    expect(digests(to)).toEqual(before);
    const { info } = await own(dir, { options: { imageKind: "photo" }, overwrite: true });
    expect(info.imageKind).toBe("photo");
  });

  test("a picture that no item names is listed", async () => {
    const { from, to } = places(faces(5));
    const files = Object.keys(faces(5)).sort();
    const adapter = toyAdapter(() => files.slice(1).map((file, i) => sample(i, { image: { file } })));
    const { info } = await extract({ from, to, workers: 1 }, { adapter });
    expect([info.total, info.rows, info.skipped]).toEqual([4, 4, { unlabelled: 1 }]);
    expect(jsonLines(path.join(to, "skipped.jsonl"))).toEqual([
      { source: files[0], reason: "unlabelled", detail: "present, but no row names it" },
    ]);
  });

  test("two items with one id, also where only case or the spelling of accents tells them apart, get ids of their own", async () => {
    const { from, to } = places({});
    const ids = ["Face", "face", "face", "Zoë", "Zoe\u0308", `${"long-".repeat(60)}a`, `${"表情".repeat(60)}b`];
    const adapter = toyAdapter(() =>
      ids.map((id, i) => sample(i, { id, ...(i === 2 ? { distinction: "row3" } : {}) })),
    );
    const { info } = await extract({ from, to, workers: 1 }, { adapter });
    expect(info.total).toBe(ids.length);
    const found = jsonLines(path.join(to, "all/metadata.jsonl")).map((row) => (row as { id: string }).id);
    expect(found.every((id) => Buffer.byteLength(id) <= 200)).toBe(true);
    expect(found.map((id) => (id.length > 30 ? `${id.slice(0, 13)}...${id.slice(-3)}` : id))).toMatchInlineSnapshot(`
      [
        "0a59b6b5281e_...g-a",
        "81ed97a8d29a_...表情b",
        "Face",
        "Zoë~54a5f1",
        "Zoë",
        "face~0e9142",
        "face~row3",
      ]
    `);
  });

  test("a malformed item of an adapter", async () => {
    const { dir, from, to } = places({});
    const adapter = toyAdapter(() => [sample(1, { id: "../outside" })]);
    expect(await messageOf(extract({ from, to, workers: 1 }, { adapter }), dir)).toMatchInlineSnapshot(
      `"toy item "list:1": id: received "../outside". Expected a name for a file: without / \\ : * ? " < > | and a leading dot."`,
    );
  });

  test.skipIf(process.platform !== "linux")("a target where nobody can write", async () => {
    const { dir } = places(faces(2));
    for (const to of ["/proc/fer", "/proc/fer/to"]) {
      expect(await messageOf(own(dir, { to }), dir)).toBe(
        `extract: "${to}" cannot be written: permission is missing (EACCES). Expected a folder that can be written. Choose another --to, or change its permissions.`,
      );
    }
  });

  test.skipIf(process.platform === "win32" || process.getuid?.() === 0)("a read-only target", async () => {
    const { dir } = places(faces(2));
    mkdirSync(path.join(dir, "locked"), { mode: 0o500 });
    expect(await messageOf(own(dir, { to: `${dir}/locked/to` }), dir)).toBe(
      `extract: "<dir>/locked/to" cannot be written (EACCES). Expected a folder that can be written. Choose another --to, or change its permissions.`,
    );
  });
});

const LFS = "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 3\n";

function writeOther(dir: string): string {
  writeTree(path.join(dir, "other"), { "letter.txt": "mine" });
  return path.join(dir, "other/letter.txt");
}

describe("verification", () => {
  const seven = (n: number) => [0, 0, 0, 0, n, 0, 0];
  const verified = async (expected: object[], n = 2, split: "train" | "all" = "train") => {
    const { from, to } = places({});
    const adapter = toyAdapter(() => Array.from({ length: n }, (_, i) => sample(i, { split, group: `g${i % 2}` })), {
      expected: expected as never,
    });
    return (await extract({ from, to, workers: 1 }, { adapter })).info.verification;
  };

  test("matches when every total is met", async () => {
    expect(await verified([{ split: "train", mark: "V", counts: seven(2) }])).toEqual({
      status: "match",
      details: ["train: expected 2 images [verified], found the same"],
    });
  });

  test("differs when a verified total is not met, and says which class", async () => {
    expect(await verified([{ split: "train", mark: "V", counts: seven(3) }])).toEqual({
      status: "differs",
      details: ["train: expected 3 images [verified], found 2: happy 2 instead of 3"],
    });
  });

  test("is partial when a total of lesser confidence is not met, or a split is absent", async () => {
    expect((await verified([{ split: "train", mark: "2", counts: seven(3) }])).status).toBe("partial");
    expect(
      await verified([
        { split: "train", mark: "V", total: 2 },
        { split: "val", mark: "V", total: 5 },
      ]),
    ).toEqual({
      status: "partial",
      details: [
        "train: expected 2 images [verified], found the same",
        "val: expected 5 images [verified], the split is absent",
      ],
    });
  });

  test("counts groups where the owner counts clips", async () => {
    expect((await verified([{ split: "train", mark: "V", counts: seven(2), of: "groups" }], 6)).status).toBe("match");
  });

  test("is unknown where nobody has published totals", async () => {
    expect((await verified([])).status).toBe("unknown");
  });
});
