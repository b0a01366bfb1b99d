/** Assembling: what comes out, what is refused, and that nothing half-written ever stays. */
import { copyFileSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { openSet, type SetInfo } from "@fer/core/set";
import { Assembler, type AssemblerInput, AssemblerOptions } from "@fer/split-assembler";
import { load } from "npyjs";
import { beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { testFolder } from "./fixtures/folder.ts";
import { balancedImages, writeImageFolder } from "./fixtures/image-folder.ts";

const folder = testFolder();
let data: string;
beforeAll(() => {
  data = writeImageFolder(folder.at("data"), balancedImages());
});

let targets = 0;
/** A folder that no other test writes to. */
const target = (): string => folder.at(`set-${(targets += 1)}`);
const assemble = (options: Partial<AssemblerInput>, ...folders: string[]) =>
  new Assembler({ name: "mix", to: target(), ...options }).assemble(folders);
const refused = (options: Partial<AssemblerInput>, ...folders: string[]): Promise<string> =>
  folder.messageOf(() => assemble(options, ...folders));
/** All files of a folder by name. */
const filesOf = (path: string): Record<string, string> =>
  Object.fromEntries(
    readdirSync(path)
      .sort()
      .map((name) => [name, readFileSync(join(path, name), "latin1")]),
  );
const perClass = (info: SetInfo, part: "train" | "val" | "test" | "full"): number[] =>
  Object.values(info.parts[part]!.perClass);

describe("the result", () => {
  it("has the files, shapes and types of a set", async () => {
    const to = target();
    const { info } = await assemble({ to, valShare: 0.2 }, data);
    const parts = ["test", "train", "val"];
    expect(readdirSync(to).sort()).toEqual([
      "mix.croissant.json",
      "mix.html",
      "mix.json",
      "mix.manifest.json",
      ...parts.flatMap((part) => [`mix_${part}.jsonl`, `mix_${part}_images.npy`, `mix_${part}_labels.npy`]),
    ]);
    for (const part of ["train", "val", "test"] as const) {
      const { count } = info.parts[part]!;
      const images = await load(readFileSync(join(to, `mix_${part}_images.npy`)));
      expect(images).toMatchObject({ shape: [count, 48, 48, 1], data: expect.any(Uint8Array) });
      const labels = await load(readFileSync(join(to, `mix_${part}_labels.npy`)));
      expect(labels).toMatchObject({ shape: [count, 7], data: expect.any(Float32Array) });
    }
  });

  it("records what was done", async () => {
    const { info } = await assemble({ split: "ratio", seed: 5, fit: "pad", size: 32, channels: 3 }, data);
    expect({
      ...info,
      fingerprint: info.fingerprint.length,
      inputs: info.inputs?.length,
      sources: info.sources.length,
    }).toEqual({
      schema: 1,
      name: "mix",
      classes: ["neutral", "anger", "disgust", "fear", "happy", "sad", "surprise"],
      parts: {
        train: { count: 28, perClass: perClassOf(4), groups: 5, from: { "fixture/all": 28 } },
        test: { count: 7, perClass: perClassOf(1), groups: expect.any(Number), from: { "fixture/all": 7 } },
      },
      policy: "ratio",
      seed: 5,
      shares: { val: 0, test: 0.2 },
      image: { size: 32, channels: 3, dtype: "uint8", fit: "pad", wholeImage: false },
      groupKind: "subject",
      imageKind: "crop",
      dropped: {},
      sources: 1,
      leaks: { exact: 0, near: expect.any(Number), groups: expect.any(Number), conflicts: 0 },
      fingerprint: 64,
      inputs: 64,
      manifest: true,
      version: expect.any(String),
    });
  });

  it("follows the original framework with the policy original", async () => {
    const to = target();
    const { info } = await assemble({ to, split: "original" }, data);
    expect(
      readdirSync(to)
        .filter((name) => name.endsWith(".npy"))
        .sort(),
    ).toEqual([
      "mix_full_images.npy",
      "mix_full_labels.npy",
      "mix_test_images.npy",
      "mix_test_labels.npy",
      "mix_train_images.npy",
      "mix_train_labels.npy",
    ]);
    expect([perClass(info, "full"), perClass(info, "train"), perClass(info, "test")]).toEqual([
      Array(7).fill(5),
      Array(7).fill(4),
      Array(7).fill(1),
    ]);
    expect(info).toMatchObject({ seed: null, shares: null, image: { dtype: "float32" } });
    const full = await load(readFileSync(join(to, "mix_full_images.npy")));
    expect(full).toMatchObject({ shape: [35, 48, 48, 1], data: expect.any(Float32Array) });
    expect(Math.max(...(full.data as Float32Array))).toBeGreaterThan(200);
    // classes one after another, within a class the first four of five in key order
    const train = readFileSync(join(to, "mix_train.jsonl"), "utf8")
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line).id);
    expect(train.slice(0, 5)).toEqual(["neutral-0000", "neutral-0001", "neutral-0002", "neutral-0003", "anger-0000"]);
  });

  it("keeps the owner's parts with the policy official", async () => {
    const split = (i: number) => (["train", "train", "train", "val", "test", "test"] as const)[i]!;
    const images = balancedImages({ perClass: 6, subjects: 0, split });
    const { info } = await assemble({ split: "official" }, writeImageFolder(target(), images));
    expect([perClass(info, "train"), perClass(info, "val"), perClass(info, "test")]).toEqual([
      Array(7).fill(3),
      Array(7).fill(1),
      Array(7).fill(2),
    ]);
  });

  it("reports pixels and people on both sides, and labels that contradict", async () => {
    const images = balancedImages({ perClass: 10, subjects: 2 });
    images[9] = { ...images[9]!, pixels: "twin" };
    images[0] = { ...images[0]!, pixels: "twin" };
    // the brightness of the fixture depends on the class, so a twin of another class is made by hand
    const root = writeImageFolder(target(), images);
    const rows = readFileSync(join(root, "all/metadata.jsonl"), "utf8");
    const hashOf = (id: string): string => new RegExp(`"id":"${id}".*?"pixel_hash":"(\\w+)"`).exec(rows)![1]!;
    writeFileSync(join(root, "all/metadata.jsonl"), rows.replace(hashOf("happy-0001"), hashOf("anger-0001")));
    copyFileSync(join(root, "all/anger/anger-0001.png"), join(root, "all/happy/happy-0001.png"));
    const { info } = await assemble({ split: "original" }, root);
    expect(info.leaks).toMatchObject({ exact: 1, groups: 2, conflicts: 2 });
  });

  it("takes no picture that has been changed since it was extracted", async () => {
    const root = writeImageFolder(target(), balancedImages({ perClass: 10 }));
    copyFileSync(join(root, "all/anger/anger-0001.png"), join(root, "all/happy/happy-0001.png"));
    await expect(assemble({ split: "original" }, root)).rejects.toThrow(
      "happy-0001.png: it does not show what was extracted: it has been changed since",
    );
  });

  it("leaves contempt out of seven classes and counts it; eight keep it", async () => {
    const eight = writeImageFolder(target(), balancedImages({ classes: 8 }));
    const seven = await assemble({}, eight);
    expect(seven.info.dropped).toEqual({ contempt: 5 });
    expect(seven.info.parts.train!.count + seven.info.parts.test!.count).toBe(35);
    const kept = await assemble({ classes: 8 }, eight);
    expect(kept.info).toMatchObject({ dropped: {}, classes: expect.arrayContaining(["contempt"]) });
    expect(kept.part("train").classes).toHaveLength(8);
  });
});

describe("merging", () => {
  const named = (adapter: string, images = balancedImages({ prefix: `${adapter}-` })): string =>
    writeImageFolder(target(), images, { adapter, groupSpace: adapter });

  it("names sources and groups by dataset, so that people of two datasets do not mix", async () => {
    const set = await assemble({}, named("alpha"), named("beta"));
    expect(set.info.sources.map((source) => source.adapter)).toEqual(["alpha", "beta"]);
    const groups = new Set([...(await set.part("train").groups()), ...(await set.part("test").groups())]);
    expect([...groups].sort()).toEqual(
      ["alpha", "beta"].flatMap((name) => [0, 1, 2, 3, 4].map((i) => `${name}/S${i}`)),
    );
  });

  it("does not guess whether own datasets from folders of one name show the same people", async () => {
    const own = (prefix: string, groupSpace: string, groupKind: "subject" | "none" = "subject") =>
      writeImageFolder(target(), balancedImages({ prefix }), { adapter: "folders", groupSpace, groupKind });
    const [a, b] = [own("a-", "own/faces"), own("b-", "own/faces")];
    const error = await assemble({}, a, b).catch((caught: Error) => caught.message);
    expect(String(error).replace(a, "<a>").replace(b, "<b>")).toMatch(
      /^assemble: "<[ab]>" and "<[ab]>" were both read from a folder called "faces", and nothing says whether they show the same people\. Expected a group space of its own for each, or the same on purpose\. Extract them again with --group-space: two names, or one name where p1 is the same person in both\.$/,
    );
    await expect(assemble({}, a, own("c-", "own/others"))).resolves.toBeDefined();
    await expect(assemble({}, own("d-", "office"), own("e-", "office"))).resolves.toBeDefined();
  });

  it("gives the same bytes whatever the order of the folders", async () => {
    const [alpha, beta, to, other] = [named("alpha"), named("beta"), target(), target()];
    await assemble({ to }, alpha, beta);
    await assemble({ to: other }, beta, alpha);
    expect(filesOf(other)).toEqual(filesOf(to));
  });

  it("tells two folders of one adapter apart, and keeps their people together where they share a space", async () => {
    const set = await assemble(
      { split: "subject" },
      named("alpha"),
      named("alpha", balancedImages({ prefix: "more-" })),
    );
    const sources = new Set<string>();
    for (const part of set.parts) {
      for await (const row of set.part(part).rows()) sources.add(row.source.split("/")[0]!);
    }
    expect([...sources].sort()).toEqual(["alpha", "alpha-2"]);
    expect(set.info.leaks.groups).toBe(0);
  });

  it("puts the compound set of RAF-DB beside the basic one: either of its two classes keeps its vote", async () => {
    const basic = writeImageFolder(target(), balancedImages({ subjects: 0 }), { adapter: "rafdb", form: "basic" });
    // fearfully surprised, as `--compound main` extracts it: surprise, and half a vote for either
    const votes = [0, 0, 0, 0.5, 0, 0, 0.5, 0];
    const surprised = balancedImages({ subjects: 0, prefix: "compound-" }).filter(
      (each) => each.expression === "surprise",
    );
    const compound = writeImageFolder(
      target(),
      surprised.map((image) => Object.assign(image, { votes })),
      { adapter: "rafdb", form: "compound", groupSpace: "rafdb-compound" },
    );
    const set = await assemble({ split: "original", near: false }, basic, compound);
    const full = set.part("full");
    const [labels, known, sources] = [await full.labels(), await full.target("votes"), [] as string[]];
    for await (const { source } of full.rows()) sources.push(source.split("/")[0]!);
    expect([full.info.perClass["surprise"], full.count, new Set(sources)]).toEqual([
      10,
      40,
      new Set(["rafdb", "rafdb-2"]),
    ]);
    const rows = Array.from(labels.keys(), (row) => Array.from(known!.subarray(7 * row, 7 * row + 7)));
    const voted = rows.filter((row) => !row.some(Number.isNaN));
    expect(voted).toEqual(Array.from({ length: 5 }, () => votes.slice(0, 7)));
    set.close();
  });

  it("takes groups for what the weakest dataset knows", async () => {
    const clips = writeImageFolder(target(), balancedImages({ prefix: "clip-" }), {
      adapter: "clips",
      groupKind: "clip",
    });
    const set = await assemble({ split: "group" }, data, clips);
    expect(set.info.groupKind).toBe("clip");
  });
});

describe("sameness", () => {
  it("gives the same bytes for one worker and for two", async () => {
    const many = writeImageFolder(target(), balancedImages({ perClass: 40, subjects: 10 }));
    const [one, two] = [target(), target()];
    await assemble({ to: one, workers: 1 }, many);
    await assemble({ to: two, workers: 2 }, many);
    expect(filesOf(two)).toEqual(filesOf(one));
  });

  it("recognises a set made from the same data and options, and touches nothing", async () => {
    const to = target();
    const first = await assemble({ to }, data);
    const progress: unknown[] = [];
    const again = await new Assembler({ name: "mix", to, workers: 3 }).assemble([data], {
      onProgress: (p) => progress.push(p),
    });
    expect([first.reused, again.reused, progress]).toEqual([false, true, []]);
    expect(again.info).toEqual(first.info);
  });

  it("says that a set is damaged, and makes it again when told to", async () => {
    const to = target();
    await assemble({ to }, data);
    const whole = filesOf(to);
    writeFileSync(join(to, "mix_test_images.npy"), whole["mix_test_images.npy"]!.replace(/.$/s, "x"), "latin1");
    expect(await refused({ to }, data).then(steady)).toMatchInlineSnapshot(
      `"assemble: "<root>/set/mix" cannot be kept: <root>/set/mix_test_images.npy: its content has changed since it was written. Expected the file as it was written. Restore it or make the artifact again; if you changed it on purpose, run fer inspect <artifact> --accept. Expected a whole output of this version, or a new target. Choose another --to, or pass --overwrite (overwrite: true) to make it again; nothing was changed."`,
    );
    expect((await assemble({ to, overwrite: true }, data)).reused).toBe(false);
    expect(filesOf(to)).toEqual(whole);
  });

  it("refuses a second one of other options at the same time, and mixes nothing", async () => {
    const to = target();
    const both = await Promise.allSettled([assemble({ to, seed: 1 }, data), assemble({ to, seed: 2 }, data)]);
    const codes = both.map((each) => (each.status === "rejected" ? (each.reason as { code: string }).code : "made"));
    expect(codes.filter((code) => code === "made")).toHaveLength(1);
    expect(["BUSY", "OTHER_OPTIONS"]).toContain(codes.find((code) => code !== "made"));
    await openSet(join(to, "mix"), { verify: true });
  });

  it("reports progress up to the last image", async () => {
    const progress: unknown[] = [];
    await new Assembler({ name: "mix", to: target() }).assemble([data], { onProgress: (p) => progress.push(p) });
    expect(progress.at(-1)).toEqual({ stage: "assemble", done: 35, total: 35, unit: "images" });
  });
});

describe("what stands in the way", () => {
  it("is not replaced: a set of other options", async () => {
    const to = target();
    await assemble({ to, split: "original" }, data);
    const before = filesOf(to);
    expect(await refused({ to }, data).then(steady)).toMatchInlineSnapshot(
      `"assemble: "<root>/set/mix" was made otherwise: dtype "float32" there, "uint8" asked for; split "original" there, "subject" asked for. Expected the same options and data. Choose another --to, or pass --overwrite (overwrite: true) to replace it; nothing was changed."`,
    );
    expect(filesOf(to)).toEqual(before);
  });

  it("is replaced when asked to, parts that the new set does not have included", async () => {
    const [to, clean] = [target(), target()];
    await assemble({ to, split: "original" }, data);
    await assemble({ to, overwrite: true }, data);
    await assemble({ to: clean }, data);
    expect(filesOf(to)).toEqual(filesOf(clean));
  });

  it("is not replaced: arrays of somebody else", async () => {
    const to = target();
    mkdirSync(to);
    writeFileSync(join(to, "mix_train_images.npy"), "mine");
    expect(await refused({ to }, data).then(steady)).toMatchInlineSnapshot(
      `"assemble: "<root>/set/mix" holds "mix_train_images.npy" and not what assemble writes. Expected a new or empty folder, or an earlier output. Choose another --to; nothing was changed."`,
    );
    expect(filesOf(to)).toEqual({ "mix_train_images.npy": "mine" });
  });

  it("leaves other files of the folder alone", async () => {
    const to = target();
    mkdirSync(to);
    writeFileSync(join(to, "mixed_train_images.npy"), "another set");
    await assemble({ to }, data);
    expect(filesOf(to)["mixed_train_images.npy"]).toBe("another set");
  });
});

describe("a run that does not end well", () => {
  it("leaves nothing when stopped", async () => {
    const to = target();
    const stop = new AbortController();
    const call = new Assembler({ name: "mix", to }).assemble([data], {
      signal: stop.signal,
      onProgress: () => stop.abort(new Error("enough")),
    });
    await expect(call).rejects.toThrow("enough");
    expect(readdirSync(to)).toEqual([]);
  });

  it("leaves nothing when an image is bad", async () => {
    const [to, broken] = [target(), writeImageFolder(target(), balancedImages())];
    writeFileSync(join(broken, "all/sad/sad-0002.png"), "");
    await expect(assemble({ to }, broken)).rejects.toThrow("0 bytes");
    expect(readdirSync(to)).toEqual([]);
  });

  it("clears what a killed run has left", async () => {
    const [to, clean] = [target(), target()];
    await assemble({ to: clean }, data);
    mkdirSync(join(to, ".mix.partial/work-of-the-dead/tree"), { recursive: true });
    writeFileSync(join(to, ".mix.partial/work-of-the-dead/tree/mix_test_images.npy"), "half");
    await assemble({ to }, data);
    expect(filesOf(to)).toEqual(filesOf(clean));
  });

  it("says why it cannot write", async () => {
    const file = folder.at("file");
    writeFileSync(file, "");
    expect(await refused({ to: join(file, "below") }, data)).toMatchInlineSnapshot(
      `"assemble: "<root>/file/below/mix" cannot be written: a part of the path is a file, not a folder (ENOTDIR). Expected a folder that can be written. Choose another --to, or change its permissions."`,
    );
  });
});

describe("what is refused", () => {
  it("no folder", async () =>
    expect(await refused({})).toMatchInlineSnapshot(
      `"assemble: no image folder was given. Expected one or more folders written by the extractors. Pass them, for example data/ckplus."`,
    ));
  it("a folder that is no image folder", async () => {
    expect(await refused({}, folder.at("nowhere"))).toMatchInlineSnapshot(
      `"<root>/nowhere: there is no dataset.json. Expected an image folder as the extractors write it. Extract the dataset first, and pass the folder that was written."`,
    );
  });
  it("a dataset.json of something else", async () => {
    const other = target();
    mkdirSync(other);
    writeFileSync(join(other, "dataset.json"), '{"schema":2}');
    expect(await refused({}, other).then(steady)).toMatchInlineSnapshot(
      `"<root>/set/dataset.json: "schema" is wrong (Invalid input: expected 1). Expected the dataset.json of an image folder. Extract the dataset again, and pass the folder that was written."`,
    );
    writeFileSync(join(other, "dataset.json"), "no json");
    expect(await refused({}, other).then(steady)).toMatchInlineSnapshot(
      `"<root>/set: dataset.json cannot be read as JSON. Expected an image folder as the extractors write it. Extract the dataset again, and pass the folder that was written."`,
    );
  });
  it("an empty folder", async () => {
    expect(await refused({}, writeImageFolder(target(), [])).then(steady)).toMatchInlineSnapshot(
      `"<root>/set: the image folder of fixture has no image. Expected at least two classes with images. Read its skipped.jsonl, which says why nothing was taken."`,
    );
  });
  it("the same data twice", async () => {
    expect(await refused({}, data, data)).toMatchInlineSnapshot(
      `"assemble: "<root>/data" and "<root>/data" hold the same data. Expected each dataset once. Leave one of them out."`,
    );
  });
  it("one class only", async () => {
    const one = writeImageFolder(target(), balancedImages({ classes: 1 }));
    expect(await refused({}, one)).toMatchInlineSnapshot(
      `"assemble: all 5 images are neutral. Expected images of at least two classes. Check the class folders or the map that the dataset was extracted with."`,
    );
  });
  it("a missing class, unless allowed", async () => {
    const images = balancedImages().filter((image) => image.expression !== "fear" && image.expression !== "sad");
    const five = writeImageFolder(target(), images);
    expect(await refused({}, five)).toMatchInlineSnapshot(
      `"assemble: no image shows fear, sad. Expected images of all 7 classes. Add a dataset that has them, or set allowMissing (--allow-missing)."`,
    );
    const { info } = await assemble({ allowMissing: true }, five);
    expect(info.parts.train!.perClass).toMatchObject({ fear: 0, sad: 0 });
    expect(info.classes).toHaveLength(7);
  });
  it("eight classes without contempt", async () =>
    expect(await refused({ classes: 8 }, data)).toMatchInlineSnapshot(
      `"assemble: no image shows contempt. Expected images of all 8 classes. Assemble with 7 classes, or add a dataset that has contempt."`,
    ));
  it("a class that train does not get", async () => {
    const split = (i: number, expression: string) => (expression === "fear" || i === 4 ? "test" : "train");
    const images = balancedImages({ subjects: 0, split });
    expect(await refused({ split: "official" }, writeImageFolder(target(), images))).toMatchInlineSnapshot(
      `"assemble: the part train has no image of fear. Expected all classes of the data in train. Add data, use another seed or policy, or set allowMissing (--allow-missing)."`,
    );
  });
  it("a part that gets no image", async () => {
    const two = writeImageFolder(target(), balancedImages({ perClass: 2 }));
    expect(await refused({ split: "ratio", testShare: 0.1 }, two)).toMatchInlineSnapshot(
      `"assemble: no image falls into the part test. Expected some of the 14 images. Add data, raise its share, or set the share to 0."`,
    );
  });
  it("a subject policy on data without subjects", async () => {
    const none = writeImageFolder(target(), balancedImages({ subjects: 0 }));
    expect(await refused({ split: "subject" }, none)).toMatchInlineSnapshot(
      `"split policy subject: the data do not say who is in an image. Expected a subject for every image. Extract with a subject pattern, or use another policy: official, or ratio."`,
    );
  });
  it("photos that were not cropped, unless the whole image is wanted", async () => {
    const photos = writeImageFolder(target(), balancedImages(), {
      adapter: "ckplus",
      form: "official",
      imageKind: "photo",
    });
    expect(await refused({}, photos).then(steady)).toMatchInlineSnapshot(
      `"<root>/set: the images of ckplus (official) are photos from which no face was cut out, the first is "anger/anger-0000.png". Expected images of one face each. Extract with a face box, or set wholeImage (--whole-image) to take the photos as they are."`,
    );
    const { info } = await assemble({ wholeImage: true }, photos);
    expect(info).toMatchObject({ imageKind: "photo", image: { wholeImage: true } });
  });
  it("no photo whose face was cut out", async () => {
    const box = { x: 0, y: 0, width: 40, height: 40 };
    const images = balancedImages({ box });
    const set = await assemble({}, writeImageFolder(target(), images, { imageKind: "photo" }));
    expect(set.info.parts.train!.count).toBe(28);
  });
  it("a target inside of a source", async () => {
    expect(await refused({ to: join(data, "features") }, data)).toMatchInlineSnapshot(
      `"assemble: "<root>/data/features" is inside of the image folder "<root>/data". Expected a folder of its own for the set. Choose another one, for example features."`,
    );
  });

  const broken = async (damage: (root: string) => void): Promise<string> => {
    const root = writeImageFolder(target(), balancedImages());
    damage(root);
    return steady(await refused({}, root));
  };
  it("a missing image", async () => {
    expect(await broken((root) => rmSync(join(root, "all/fear/fear-0001.png")))).toMatchInlineSnapshot(
      `"<root>/set/all/fear/fear-0001.png: the file is missing. Expected the image that the extraction wrote. Extract the dataset again."`,
    );
  });
  it("an image that is a Git LFS pointer", async () => {
    const pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n";
    expect(await broken((root) => writeFileSync(join(root, "all/fear/fear-0001.png"), pointer))).toMatchInlineSnapshot(
      `"<root>/set/all/fear/fear-0001.png: a Git LFS pointer, not the image: run "git lfs pull". Expected the image that the extraction wrote. Extract the dataset again."`,
    );
  });
  it("a truncated image", async () => {
    const cut = (root: string): void => {
      const file = join(root, "all/fear/fear-0001.png");
      writeFileSync(file, readFileSync(file).subarray(0, 400));
    };
    expect(await broken(cut)).toMatch(/^<root>\/set\/all\/fear\/fear-0001\.png: it cannot be read \(.+\)\. Expected/);
  });
  it("a missing metadata.jsonl", async () => {
    expect(await broken((root) => rmSync(join(root, "all/metadata.jsonl")))).toMatchInlineSnapshot(
      `"<root>/set/all/metadata.jsonl: the file cannot be read (ENOENT). Expected a row for every image that dataset.json counts. Extract the dataset again, and pass the folder that was written."`,
    );
  });
  it("a metadata.jsonl that is a Git LFS pointer", async () => {
    const pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n";
    expect(await broken((root) => writeFileSync(join(root, "all/metadata.jsonl"), pointer))).toMatchInlineSnapshot(
      `"<root>/set/all/metadata.jsonl: a Git LFS pointer instead of the content. Expected the file itself. Fetch it with "git lfs pull", or download it from the owner."`,
    );
  });
  it("a metadata.jsonl with a row too few, and one with a bad row", async () => {
    const edit = (change: (text: string) => string) => (root: string) => {
      const file = join(root, "all/metadata.jsonl");
      writeFileSync(file, change(readFileSync(file, "utf8")));
    };
    expect(await broken(edit((text) => text.replace(/^.*\n/, "")))).toMatchInlineSnapshot(
      `"<root>/set/all/metadata.jsonl: 34 rows. Expected 35, as dataset.json says. Extract the dataset again, and pass the folder that was written."`,
    );
    expect(await broken(edit((text) => text.replace('"label":1', '"label":9')))).toMatchInlineSnapshot(
      `"<root>/set/all/metadata.jsonl: line 1 is not a metadata row. Expected one JSON object an image. Extract the dataset again, and pass the folder that was written."`,
    );
  });
});

describe("options", () => {
  const wrong = (options: object): Promise<string> => folder.messageOf(() => new Assembler(options as AssemblerInput));

  it("are refused when unknown, malformed, contradictory or without effect", async () => {
    expect(await wrong({ name: "mix", siz: 48 })).toMatchInlineSnapshot(
      `"assembler options: unknown option "siz". Did you mean "size" or "fit"?"`,
    );
    expect(await wrong({ name: "a/b" })).toMatchInlineSnapshot(
      `"assembler options: name: received "a/b". Expected letters, digits and . _ + - only."`,
    );
    expect(await wrong({ name: "mix", testShare: 1.5 })).toMatchInlineSnapshot(
      `"assembler options: testShare: received 1.5. Expected less than 1."`,
    );
    expect(await wrong({ name: "mix", testShare: 0.6, valShare: 0.4 })).toMatchInlineSnapshot(
      `"assembler options: valShare 0.4 and testShare 0.6 leave nothing for train. Expected a sum below 1."`,
    );
    expect(await wrong({ name: "mix", split: "original", seed: 3 })).toMatchInlineSnapshot(
      `"assembler options: the policy original does not use seed. Expected a policy that does (ratio, subject, group, kfold, group-kfold, subject-kfold), or no such option."`,
    );
  });

  it("all have help, and give a JSON Schema", () => {
    const schema = z.toJSONSchema(AssemblerOptions, { io: "input" });
    expect(
      Object.entries(schema.properties!).filter(
        ([, property]) => (property as { description?: string }).description === undefined,
      ),
    ).toEqual([]);
    expect(schema.required).toEqual(["name"]);
  });
});

function perClassOf(n: number): Record<string, number> {
  return Object.fromEntries(
    ["neutral", "anger", "disgust", "fear", "happy", "sad", "surprise"].map((name) => [name, n]),
  );
}

/** A message without the running number of its folder. */
function steady(message: string): string {
  return message.replaceAll(/<root>\/set-\d+/g, "<root>/set");
}
