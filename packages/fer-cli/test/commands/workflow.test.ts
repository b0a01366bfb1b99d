/** Every command on a tiny dataset, step by step: what it prints, what `--json` holds, what it leaves on disk. */
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Box } from "@fer/core/image-folder";
import { type GreyPicture, paste, resizeBilinear } from "@fer/core/pixels";
import { encodePng, readPicture } from "@fer/dataset-extractors/image";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { facePng, greyPng, writeFaces, writeFile } from "../fixtures/faces.js";
import { type Outcome, fer as ferAlone } from "../fixtures/fer.js";
import { warmFer } from "../fixtures/warm-fer.js";
import { treeOf } from "../fixtures/tree.js";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "fer-workflow-"));
  writeFaces(join(folder, "faces"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const begun = new Set<string>();

/** Runs `fer`: each command the first time as a user does, in a process of its own, later in one that they share. */
function fer(...words: string[]): Promise<Outcome> {
  const isFirst = !begun.has(words[0]!);
  begun.add(words[0]!);
  return isFirst ? ferAlone(folder, ...words) : warmFer(folder, ...words);
}

/** Runs a command that must succeed, with `--json`. */
async function json(...words: string[]): Promise<unknown> {
  const { code, stdout, stderr } = await fer(...words, "--json");
  expect({ code, stderr }).toMatchObject({ code: 0 });
  return JSON.parse(stdout);
}

describe.sequential("the way from a dataset folder to a prediction", { timeout: 300_000 }, () => {
  it("fer datasets lists what can be read, and tells all about one", async () => {
    const all = (await json("datasets")) as { name: string }[];
    expect(all.map(({ name }) => name)).toEqual(expect.arrayContaining(["ckplus", "folders", "fer2013", "rafdb"]));
    const { stdout } = await fer("datasets", "ckplus");
    expect(stdout).toContain("form class-folders:");
    expect(stdout).toContain("--frames <n>");
  });

  it("fer extract writes an image folder and says what is in it", async () => {
    const { code, stdout } = await fer("extract", "ckplus", "--from", "faces", "--to", "data/faces");
    expect(code).toBe(0);
    expect(stdout).toMatchInlineSnapshot(`
      "Extended Cohn-Kanade (CK+) (class-folders): 70 images in data/faces

      expression  all
      neutral      10
      anger        10
      disgust      10
      fear         10
      happy        10
      sad          10
      surprise     10
      total        70

      skipped: nothing
      owner's totals: unknown
        nobody has published totals of this selection
      "
    `);
    const again = await json("extract", "ckplus", "--from", "faces", "--to", "data/faces");
    expect(again).toMatchObject({
      adapter: "ckplus",
      form: "class-folders",
      counts: { all: { neutral: 10, happy: 10 } },
      total: 70,
      skipped: {},
      verification: { status: "unknown", details: expect.any(Array) },
    });
  });

  it("fer extract leaves an up-to-date image folder as it is", async () => {
    const before = treeOf(join(folder, "data"));
    const { stderr } = await fer("extract", "ckplus", "--from", "faces", "--to", "data/faces");
    expect(stderr).toContain("nothing to do: it was made from the same files with the same options");
    expect(treeOf(join(folder, "data"))).toEqual(before);
  });

  it("fer assemble writes a set in which nobody is in two parts", async () => {
    const { code, stdout } = await fer("assemble", "data/faces", "--name", "faces", "--split", "subject");
    expect(code).toBe(0);
    expect(stdout).toMatchInlineSnapshot(`
      "set faces in features: images [n, 48, 48, 1] uint8 (stretch), policy subject

      class     train  test
      neutral       8     2
      anger         8     2
      disgust       8     2
      fear          8     2
      happy         8     2
      sad           8     2
      surprise      8     2
      total        56    14
      subjects      8     2

      train: 56 of ckplus/all
      test: 14 of ckplus/all
      between the parts: 0 identical images, 0 near-identical, 0 shared groups; 0 images with two labels
      "
    `);
    expect(await json("assemble", "data/faces", "--name", "faces", "--split", "subject")).toMatchObject({
      classes: ["neutral", "anger", "disgust", "fear", "happy", "sad", "surprise"],
      parts: { train: { count: 56, groups: 8, perClass: { sad: 8 } }, test: { count: 14, groups: 2 } },
      policy: "subject",
      seed: 0,
      image: { size: 48, channels: 1, dtype: "uint8" },
      leaks: { exact: 0, near: expect.any(Number), groups: 0, conflicts: 0 },
    });
  });

  it("fer mislabelled writes a table to look through, which fer assemble --exclude reads", async () => {
    expect((await fer("mislabelled", "features/faces", "--to", "verdicts.csv")).stderr).toContain(
      "faces: it has parts, not folds",
    );
    expect((await fer("assemble", "data/faces", "--name", "folded", "--split", "kfold", "--folds", "2")).code).toBe(0);
    const quick = ["--architecture", "tiny", "--epochs", "1", "--engine", "wasm", "--odds", "1"];
    const found = (await json("mislabelled", "features/folded", ...quick, "--to", "verdicts.csv")) as {
      samples: number;
      found: { source: string; given: string; suggested: string }[];
    };
    const [head, ...rows] = readFileSync(join(folder, "verdicts.csv"), "utf8").trimEnd().split("\n");
    expect([found.samples, head]).toEqual([70, "sample,verdict,given,suggested,confidence,margin"]);
    expect(rows.map((row) => row.split(",").slice(0, 4))).toEqual(
      found.found.map(({ source, given, suggested }) => [source, "keep", given, suggested]),
    );
    const table = readFileSync(join(folder, "verdicts.csv"), "utf8");
    writeFileSync(join(folder, "verdicts.csv"), table.replace(",keep,", ",exclude,"));
    const left = ["assemble", "data/faces", "--name", "left", "--split", "ratio", "--exclude", "verdicts.csv"];
    expect(await json(...left, "--allow-missing", "--plan")).toMatchObject({ excluded: 1 });
  });

  it("fer train writes a run and reports the test part with baselines beside it", async () => {
    const words = [
      "train",
      "features/faces",
      "--architecture",
      "tiny",
      "--engine",
      "wasm",
      "--epochs",
      "2",
      "--to",
      "runs/first",
    ];
    const { code, stdout, stderr } = await fer(...words);
    expect({ code, stderr }).toMatchObject({ code: 0 });
    expect(stdout).toContain("ridge on raw pixels");
    expect(stdout).toContain("always the most frequent class");
    expect(stderr).toContain("recipe none (a recipe is made for its own network, and another one was named)");
    expect(stderr).toContain("engine wasm on CPU, WebAssembly (asked for), float32");
    expect(stderr).toMatch(/^train .*epoch 2\/2 {2}loss \d/m);
    expect(Object.keys(treeOf(join(folder, "runs/first")))).toEqual(
      expect.arrayContaining([
        "best.h5",
        "best.json",
        "config.json",
        "history.csv",
        "metrics.json",
        "model.json",
        "predictions.csv",
      ]),
    );
  });

  it("fer evaluate shows the run's own test part, and measures it on another part", async () => {
    expect(await json("evaluate", "runs/first")).toMatchObject({
      part: "test",
      accuracy: expect.any(Number),
      balancedAccuracy: expect.any(Number),
      macroF1: expect.any(Number),
      perClass: { happy: { precision: expect.anything(), support: 2 } },
      confusionMatrix: expect.any(Array),
      support: { happy: 2 },
    });
    expect(await json("evaluate", "runs/first", "--on", "features/faces", "--part", "train")).toMatchObject({
      part: "train",
      count: 56,
    });
    const kept = JSON.parse(readFileSync(join(folder, "runs/first/evaluations/faces-train.json"), "utf8")) as object;
    expect(kept).toMatchObject({ part: "train", count: 56 });
  });

  it("fer predict names an expression for every picture of a folder, in order", async () => {
    const rows = (await json("predict", "runs/first", "faces/happy")) as {
      file: string;
      probabilities: Record<string, number>;
    }[];
    expect(rows.map(({ file }) => file.slice(-21))).toEqual(
      Array.from({ length: 10 }, (_, i) => `S${String(i + 10).padStart(3, "0")}_005_00000001.png`),
    );
    for (const { probabilities } of rows) {
      expect(Object.values(probabilities).reduce((a, b) => a + b)).toBeCloseTo(1, 5);
    }
  });

  it("fer report writes the page again, with the datasets to cite", async () => {
    rmSync(join(folder, "runs/first/report.html"));
    expect(await json("report", "runs/first")).toMatchObject({ report: expect.stringMatching(/report\.html$/) });
    expect(readFileSync(join(folder, "runs/first/report.html"), "utf8")).toContain("Lucey");
  });

  it("fer inspect finds twins in image folders, and shows sets and runs", async () => {
    expect(await json("inspect", "data/faces", "--to", "findings")).toMatchObject({
      images: 70,
      counts: { all: { happy: 10 } },
      duplicates: { exact: { groups: 0, files: 0, acrossSplits: 0 }, near: { groups: expect.any(Number) } },
      conflicts: 0,
    });
    expect(Object.keys(treeOf(join(folder, "findings")))).toEqual([
      "contact-sheet.png",
      "findings.json",
      "index.html",
      "quality.csv",
    ]);
    const set = (await json("inspect", "features/faces")) as { parts: object; counts: Record<string, object> };
    expect(set).toMatchObject({
      name: "faces",
      policy: "subject",
      images: 70,
      duplicates: { exact: { groups: 0, files: 0, acrossSplits: 0 } },
      conflicts: 0,
      sharedGroups: 0,
    });
    for (const [part, { perClass }] of Object.entries(set.parts)) expect(set.counts[part]).toEqual(perClass);
    expect((await fer("inspect", "features/faces")).stdout).toContain("nothing stands on both sides of the split");
    expect(await json("inspect", "runs/first")).toMatchObject({
      model: { architecture: "tiny", classes: expect.any(Array) },
      config: { data: { name: "faces", policy: "subject" }, engine: { name: "wasm", reason: "asked for" } },
      evaluations: expect.any(Array),
    });
    expect((await fer("inspect", "runs/first")).stdout).toMatch(
      /^trained on faces, policy subject: \d+ train, .*\d+ test images\ntiny, /,
    );
  });

  it("fer export writes a parquet file a split", async () => {
    expect(await json("export", "data/faces", "--to", "parquet")).toMatchObject({ rows: { all: 70 } });
    expect(readFileSync(join(folder, "parquet/all.parquet")).subarray(0, 4).toString()).toBe("PAR1");
    const refusals = [];
    for (const path of [
      "features/faces --as onnx",
      "runs/first",
      "parquet",
      "runs/first --format parquet",
      "data/faces --as onnx",
      "data/faces --shard 5",
      "data/faces --format webdataset",
    ])
      refusals.push((await fer("export", ...path.split(" "), "--to", "out")).stderr.split("\n")[0]);
    expect(refusals.join("\n")).toMatchInlineSnapshot(`
      "error: --as: it is an option of runs, and this is a set.
      error: --as: is missing, and this is a run. Expected tfjs, tfjs-graph, keras, h5, savedmodel, onnx.
      error: parquet: it is not an image folder, a set or a run. Expected what fer extract, fer assemble or fer train wrote. Name a set as <folder>/<name>.
      error: --format: it is an option of image folders and sets, and this is a run.
      error: --as: it is an option of runs, and this is an image folder.
      error: --shard: it is an option of sets, and this is an image folder.
      error: data/faces: an image folder, and the format webdataset. Expected parquet, or a set. Assemble a set of it, and export that."
    `);
    expect(existsSync(join(folder, "out"))).toBe(false);
    const shards = (await json("export", "features/faces", "--format", "webdataset", "--to", "shards")) as {
      files: string[];
    };
    expect(shards.files).toContain(join("shards", "train-000000.tar"));
  });

  it("fer export writes a run as a model, with what its one view is worth", async () => {
    const exported = await json(
      "export",
      "runs/first",
      "--to",
      "models/first",
      "--as",
      "tfjs",
      "--on",
      "features/faces",
    );
    expect(exported).toMatchObject({
      files: expect.arrayContaining(["model.json", "network.bin", "network.json", "raw.json", "seen-images.npy"]),
      model: { export: { accuracy: { part: "test", file: { views: 1 } } } },
    });
    const again = await fer("export", "runs/first", "--to", "models/first", "--as", "tfjs", "--on", "features/faces");
    expect(again.stderr).toContain("is there already, made from the same run");
    expect(again.stdout).toMatch(/accuracy of the file +[\d.]+%/);
  });

  it("fer inspect finds pictures and people on both sides of a set's split", async () => {
    const twins = join(folder, "twins");
    for (const name of ["a.png", "b.png"]) writeFile(join(twins, "train/happy", name), facePng(1, 1));
    writeFile(join(twins, "test/sad/a.png"), facePng(1, 1));
    writeFile(join(twins, "test/happy/b.png"), facePng(2, 7));
    writeFile(join(twins, "train/sad/b.png"), facePng(2, 8));
    await json("extract", "folders", "--from", "twins", "--to", "data/twins", "--subject-pattern", "/(.)\\.");
    await json(
      "assemble",
      "data/twins",
      "--name",
      "twins",
      "--to",
      "features",
      "--split",
      "official",
      "--allow-missing",
    );
    expect(await json("inspect", "features/twins")).toMatchObject({
      images: 5,
      duplicates: { exact: { groups: 1, files: 3, acrossSplits: 1 } },
      conflicts: 1,
      sharedGroups: 2,
    });
    expect((await fer("inspect", "features/twins")).stdout).toContain("! the parts are not apart");
  });

  it("fer setup says where TensorFlow is set up, and exits with 1 where it is not", async () => {
    const { code, stdout } = await fer("setup", "tensorflow", "--where", "--json");
    const found = JSON.parse(stdout) as { folder: string | null };
    expect(code).toBe(found.folder === null ? 1 : 0);
  });

  it("fer predict looks into folders at any depth, lists what cannot be decoded, and counts the rest", async () => {
    writeFile(join(folder, "mine/b/c/face.png"), facePng(4, 1));
    writeFile(join(folder, "mine/a.png"), facePng(3, 1));
    writeFile(join(folder, "mine/b/empty.png"), "");
    writeFile(join(folder, "mine/b/notes.txt"), "not a picture");
    writeFile(join(folder, "mine/.hidden.png"), facePng(3, 1));
    writeFile(join(folder, "mine/pointer.png"), "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 12\n");
    symlinkSync(join(folder, "mine"), join(folder, "mine/b/loop"));
    symlinkSync(join(folder, "gone.png"), join(folder, "mine/link.png"));
    const { code, stdout, stderr } = await fer("predict", "runs/first", "mine", "--json");
    expect(code).toBe(0);
    const rows = JSON.parse(stdout) as { file: string; expression?: string; problem?: string }[];
    expect(rows.map(({ file, problem }) => `${file} ${problem ?? "ok"}`).join("\n")).toMatchInlineSnapshot(`
      "mine/a.png ok
      mine/b/c/face.png ok
      mine/b/empty.png the file is empty (0 bytes)
      mine/pointer.png a Git LFS pointer, not the image: run "git lfs pull""
    `);
    // what came before the last report, and the rate, are shown where it took a second
    const said = stderr.split("\n").filter((line) => !/^predict [0-3]\/4/.test(line));
    expect(said.join("\n").replace(/(100%).*/, "$1")).toMatchInlineSnapshot(`
      "3 other files were left out
      predict 4/4 images  100%
      2 of 4 pictures could not be decoded
      1 of 4 pictures may not show a face: do not rely on what is said of them
      "
    `);
    const shown = (await fer("predict", "runs/first", "mine")).stdout;
    expect(shown.split("\n").map((line) => line.split(/ {2,}/)[0])).toEqual([
      "picture",
      "mine/a.png",
      "mine/b/c/face.png",
      "mine/b/empty.png",
      "mine/pointer.png",
      "",
    ]);
  });

  it("fer predict marks what is blank, noise, or does not look like a face", async () => {
    let state = 1;
    const noise = Uint8Array.from(
      { length: 48 * 48 },
      () => (state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0) >>> 24,
    );
    writeFile(join(folder, "doubts/black.png"), greyPng(48, 48, new Uint8Array(48 * 48)));
    writeFile(join(folder, "doubts/noise.png"), greyPng(48, 48, noise));
    writeFile(
      join(folder, "doubts/ramp.png"),
      greyPng(
        48,
        48,
        Uint8Array.from({ length: 48 * 48 }, (_, i) => (i % 48) * 5),
      ),
    );
    const face = fileURLToPath(new URL("../../../../examples/data/ckplus/4/S010_006_00000015.png", import.meta.url));
    const { code, stdout, stderr } = await fer("predict", "runs/first", "doubts", face, "--json");
    expect(code).toBe(0);
    expect((JSON.parse(stdout) as { doubt: string | null }[]).map(({ doubt }) => doubt)).toEqual([
      "blank",
      "noise",
      "no-face",
      null,
    ]);
    expect(stderr).toContain("3 of 4 pictures may not show a face: do not rely on what is said of them\n");
    const lines = (await fer("predict", "runs/first", "doubts")).stdout.split("\n");
    expect(lines.map((line) => line.split(/ {2,}/).at(-1))).toEqual(["note", "blank", "noise", "not a face?", ""]);
  });

  it("fer predict finds the faces of photos, lists those without, and draws what it saw", async () => {
    const face = await readPicture(
      fileURLToPath(new URL("../../../../examples/data/ckplus/4/S010_006_00000015.png", import.meta.url)),
    );
    const grey = (): GreyPicture => ({ width: 480, height: 300, channels: 1, data: new Uint8Array(144_000).fill(110) });
    const photo = grey();
    paste(resizeBilinear(face, { width: 200, height: 200 }), { into: photo, x: 240, y: 60 });
    writeFile(join(folder, "photos/one.png"), encodePng(photo));
    writeFile(join(folder, "photos/none.png"), encodePng(grey()));
    const { code, stdout, stderr } = await fer("predict", "runs/first", "photos/*.png", "--draw", "seen", "--json");
    expect(code).toBe(0);
    const rows = JSON.parse(stdout) as { file: string; faces?: number; box?: Box; eyes?: [number, number][] }[];
    expect(rows).toMatchObject([
      { file: "photos/none.png", faces: 0 },
      { file: "photos/one.png", expression: expect.any(String), score: expect.any(Number) },
    ]);
    const { x, y, width } = rows[1]!.box!;
    expect(x > 240 && y > 60 && x + width < 440 && width > 100).toBe(true);
    expect(stderr).toContain("2 photos searched: 1 face, 1 without a face\n");
    const drawn = await readPicture(join(folder, "seen/one.png"));
    expect([drawn.width, drawn.height, drawn.channels]).toEqual([480, 300, 3]);
    const table = await fer("predict", "runs/first", "photos", "--csv", "--quiet");
    const lines = table.stdout.trim().split("\n");
    expect(lines[0]).toBe(
      "file,face,x,y,width,height,score,expression,confidence,neutral,anger,disgust,fear,happy,sad,surprise,doubt,problem",
    );
    expect(lines.map((line) => line.split(",").length)).toEqual([18, 18, 18]);
    expect(lines[1]).toBe("photos/none.png,0,,,,,,,,,,,,,,,,");
    const whole = await fer("predict", "runs/first", "photos/one.png", "--faces", "crop", "--json");
    expect(Object.keys((JSON.parse(whole.stdout) as object[])[0]!)).not.toContain("box");
    const refused = [];
    for (const words of [
      ["photos", "--draw", "photos"],
      ["https://example.org/a.jpg"],
      ["photos/*.jpg"],
      ["photos", "--csv", "--json"],
    ])
      refused.push((await fer("predict", "runs/first", ...words)).stderr.split("\n")[0]);
    expect(refused.join("\n")).toMatchInlineSnapshot(`
      "error: --draw: photos, where pictures lie that are looked at. Expected another folder. Pass a new one, such as photos/faces.
      error: https://example.org/a.jpg: an address. Expected a file, a folder or a pattern. Download it first; nothing is fetched here.
      error: photos/*.jpg: no file fits the pattern. Look into photos.
      error: --csv: --json too. Expected one of the two."
    `);
  });

  it("fer predict fails for a picture that was named and cannot be decoded, and where there is none", async () => {
    const messages = [];
    for (const paths of [
      ["mine/b/empty.png", "mine/a.png"],
      ["mine/pointer.png"],
      ["nowhere.png"],
      ["mine/b/notes.txt"],
      ["data/faces/dataset.json"],
      ["findings/none"],
    ]) {
      if (paths[0] === "findings/none") mkdirSync(join(folder, "findings/none"), { recursive: true });
      const { code, stdout, stderr } = await fer("predict", "runs/first", ...paths, "--quiet");
      messages.push(
        `exit ${code}: ${stderr.split("\n")[0]}${stdout
          .split("\n")
          .slice(1)
          .map((line) => line.replaceAll(/ +/g, " ").replace(/\w+ [\d.]+% \w+ [\d.]+%/, "..."))
          .join(" | ")}`,
      );
    }
    expect(messages.join("\n")).toMatchInlineSnapshot(`
      "exit 1: mine/b/empty.png - - - the file is empty (0 bytes) | mine/a.png ... | 
      exit 1: mine/pointer.png - - - a Git LFS pointer, not the image: run "git lfs pull" | 
      exit 2: error: nowhere.png: no such file or folder.
      exit 1: mine/b/notes.txt - - - not an image of a known format, or cut off within its header | 
      exit 1: data/faces/dataset.json - - - not an image of a known format, or cut off within its header | 
      exit 1: error: findings/none: nothing there. Expected png, jpg or other pictures, or videos."
    `);
  });

  it("fer evaluate and fer predict say of the file of a network what it is, and what works", async () => {
    const messages = [];
    writeFile(join(folder, "foreign.h5"), "x");
    for (const words of [
      ["evaluate", "runs/first/best.h5"],
      ["predict", "foreign.h5", "mine/a.png"],
      ["report", "runs/first/model.json"],
    ])
      messages.push((await fer(...words)).stderr.split("\n")[0]);
    expect(messages.join("\n")).toMatchInlineSnapshot(`
      "error: --on: is missing. Expected the set that the part is of, as <folder>/<name>.
      error: foreign.h5: a file that begins with "x". Expected an HDF5 file (Keras .h5). If it came through Git LFS, run \`git lfs pull\`.
      error: runs/first/model.json: it is a file. Expected the folder of a finished run. Pass runs/first."
    `);
    expect((await fer("evaluate", "runs/first", "--part", "train")).stderr).toContain("--on: is missing");
  });

  it("fer predict without a model takes the one that comes along", async () => {
    const { stdout, stderr } = await fer("predict", "faces/happy", "--faces", "crop", "--json");
    expect(stderr).toContain("model: @fer/weights/fer2013, which comes along");
    const rows = JSON.parse(stdout) as { probabilities: object }[];
    expect(Object.keys(rows[0]!.probabilities)).toEqual(
      expect.arrayContaining(["neutral", "anger", "disgust", "fear", "happy", "sad", "surprise"]),
    );
    const { code, stderr: said } = await fer("predict", "runs/first");
    expect([code, said.split("\n")[0]]).toEqual([
      2,
      "error: images: none beside the model runs/first. Expected pictures, folders of pictures, patterns, or - for stdin.",
    ]);
  });

  it("fer engines says what runs here, and why the rest does not", async () => {
    const rows = (await json("engines")) as { name: string; available: boolean; reason?: string }[];
    expect(rows.find(({ name }) => name === "wasm")).toMatchObject({ available: true });
    for (const { available, reason } of rows) expect(available || reason !== undefined).toBe(true);
  });
});
