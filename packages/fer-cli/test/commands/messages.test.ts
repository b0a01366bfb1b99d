/** What a user reads when something is wrong: the whole message, the exit code, and nothing on stdout. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { adapters } from "@fer/dataset-extractors";
import { describe, expect, it } from "vitest";
import { COMMANDS } from "../../dist/commands/index.js";
import { CLASSES, facePng, writeFaces, writeFile } from "../fixtures/faces.js";
import { emptyFolder, fer, type Outcome } from "../fixtures/fer.js";
import { warmFer } from "../fixtures/warm-fer.js";

/** Lists that grow: a new command or adapter changes no message below. */
const LISTS = { "<commands>": Object.keys(COMMANDS), "<adapters>": Object.keys(adapters).toSorted() };

/** Runs a command that must fail; its exit code and message. */
const failure = async (folder: string, ...words: string[]): Promise<string> =>
  failureOf(await warmFer(folder, ...words));

function failureOf({ code, stdout, stderr }: Outcome): string {
  expect(stdout).toBe("");
  const message = Object.entries(LISTS).reduce((text, [name, list]) => text.replace(list.join(", "), name), stderr);
  return `exit ${code}\n${message.trim()}`;
}

describe("wrong words", () => {
  it("offers the nearest command", async () => {
    expect(failureOf(await fer(emptyFolder(), "trian"))).toMatchInlineSnapshot(`
      "exit 2
      error: command: no command is called "trian". Expected one of <commands>. Did you mean "train"?

      Usage: fer <command> [options]. fer --help lists the commands."
    `);
  });

  it("refuses a flag before any command, and shows no control characters", async () => {
    expect(await failure(emptyFolder(), "--vresion")).toMatchInlineSnapshot(`
      "exit 2
      error: flag: no flag is called "--vresion". Expected one of -h, --help, -v, --version, --json, --quiet. Did you mean "--version"?

      Usage: fer <command> [options]. fer --help lists the commands."
    `);
    expect(await failure(emptyFolder(), "--\u001B[31mred")).toMatchInlineSnapshot(`
      "exit 2
      error: flag: no flag is called "--\\u001b[31mred". Expected one of -h, --help, -v, --version, --json, --quiet.

      Usage: fer <command> [options]. fer --help lists the commands."
    `);
  });

  it("offers the nearest flag", async () => {
    expect(await failure(emptyFolder(), "train", "features/x", "--epoch", "3")).toMatchInlineSnapshot(`
      "exit 2
      error: fer train: there is no flag --epoch. Did you mean --epochs?

      Usage: fer train <set> [options]. fer train --help lists the options."
    `);
  });

  it("offers the nearest dataset", async () => {
    expect(await failure(emptyFolder(), "extract", "ckplsu", "--from", "a", "--to", "b")).toMatchInlineSnapshot(`
      "exit 2
      error: <adapter>: received "ckplsu". Expected one of <adapters>. Did you mean "ckplus"?

      Usage: fer extract <adapter> [options]. fer extract --help lists the options."
    `);
  });

  it("offers the nearest value", async () => {
    expect(await failure(emptyFolder(), "train", "features/x", "--to", "r", "--engine", "wsam")).toMatchInlineSnapshot(`
      "exit 2
      error: --engine: received "wsam". Expected one of auto, tensorflow, onnx, webgpu, wasm, cpu. Did you mean "wasm"?

      Usage: fer train <set> [options]. fer train --help lists the options."
    `);
  });

  it("names what is missing", async () => {
    expect(await failure(emptyFolder(), "train")).toMatchInlineSnapshot(`
      "exit 2
      error: <set>: is missing. Expected text. --to: is missing (expected text).

      Usage: fer train <set> [options]. fer train --help lists the options."
    `);
    expect(await failure(emptyFolder(), "assemble", "--name", "x")).toMatchInlineSnapshot(`
      "exit 2
      error: <folders>: is missing. Expected a list.

      Usage: fer assemble <folders...> [options]. fer assemble --help lists the options."
    `);
  });

  it("shows value and bound", async () => {
    expect(await failure(emptyFolder(), "train", "features/x", "--to", "r", "--epochs", "0")).toMatchInlineSnapshot(`
      "exit 2
      error: --epochs: received 0. Expected more than 0.

      Usage: fer train <set> [options]. fer train --help lists the options."
    `);
    expect(await failure(emptyFolder(), "train", "features/x", "--to", "r", "--epochs", "ten")).toMatchInlineSnapshot(`
      "exit 2
      error: --epochs: received "ten". Expected a number.

      Usage: fer train <set> [options]. fer train --help lists the options."
    `);
  });

  it("shows control characters of names, labels and flags, in text, tables and JSON", async () => {
    const folder = emptyFolder();
    writeFile(join(folder, "from/happy/a\u001B[2J\u009B31m.png"), facePng(4, 1));
    writeFile(join(folder, "from/sad/empty\u202E.png"), "");
    const outputs = [
      await warmFer(folder, "extract", "folders", "--from", "from", "--to", "data\u001B[31m"),
      await warmFer(folder, "inspect", "data\u001B[31m"),
      await warmFer(folder, "inspect", "data\u001B[31m", "--json"),
      await warmFer(folder, "train", "features/\u001B]0;owned\u0007", "--to", "r"),
      await warmFer(folder, "train", "--\u001B[31m"),
      await warmFer(folder, "\u001B[31m"),
    ];
    const text = outputs.map(({ stdout, stderr }) => stdout + stderr).join("");
    // oxlint-disable-next-line no-control-regex -- what must not be left
    expect(text).not.toMatch(/[\u0000-\u0008\u000B-\u001F\u007F-\u009F\u202E]/);
    expect(text.split(String.raw`\u001b`).length).toBeGreaterThan(6);
  });

  it("prints the message as JSON too with --json", async () => {
    const { code, stdout, stderr } = await warmFer(emptyFolder(), "predict", "nowhere", "face.png", "--json");
    expect(code).toBe(1);
    expect(stderr).not.toBe("");
    expect(JSON.parse(stdout)).toMatchObject({ error: { name: "FormatError", code: "NO_RUN" } });
  });
});

describe("wrong data", () => {
  it("refuses an empty folder", async () => {
    const folder = emptyFolder();
    mkdirSync(join(folder, "empty"));
    expect(failureOf(await fer(folder, "extract", "folders", "--from", "empty", "--to", "out"))).toMatchInlineSnapshot(`
      "exit 1
      error: folders: nothing under "<folder>/empty" fits no known form. Expected the form class-folders ("fer datasets folders" shows what they look like). Pass the folder that contains it."
    `);
  });

  it("refuses a folder that does not exist", async () => {
    expect(await failure(emptyFolder(), "extract", "folders", "--from", "nowhere", "--to", "out"))
      .toMatchInlineSnapshot(`
        "exit 1
        error: nowhere: no such file or folder. Expected the folder of the dataset as its owners ship it. Check the path."
      `);
  });

  it("refuses the folder of another dataset and shows what was expected", async () => {
    const folder = emptyFolder();
    writeFile(join(folder, "from/pictures/a.png"), facePng(0, 1));
    expect(await failure(folder, "extract", "folders", "--from", "from", "--to", "out")).toMatchInlineSnapshot(`
      "exit 1
      error: folders: 1 file, 1 of them images, first "pictures/a.png", under "<folder>/from" fits no known form; the nearest is "class-folders": no folder is named after a class; pictures lie in "pictures". Expected the form class-folders ("fer datasets folders" shows what they look like). Pass the folder that contains it."
    `);
  });

  it("asks for a map where folders are numbered", async () => {
    const folder = emptyFolder();
    writeFaces(join(folder, "from"), { classes: ["0", "1"], subjects: 1 });
    expect(await failure(folder, "extract", "ckplus", "--from", "from", "--to", "out")).toMatchInlineSnapshot(`
      "exit 2
      error: ckplus: "<folder>/from" has numbered folders (0, 1), and numbers mean other classes in other copies. Expected a map from folder to expression. Pass one, for example --map 0=...,1=...

      Usage: fer extract <adapter> [options]. fer extract --help lists the options."
    `);
  });

  it("refuses an output inside the input", async () => {
    const folder = emptyFolder();
    writeFaces(join(folder, "from"), { subjects: 1 });
    expect(await failure(folder, "extract", "folders", "--from", "from", "--to", "from/out")).toMatchInlineSnapshot(`
      "exit 2
      error: extract: --to "from/out" lies inside --from "from". Expected two separate folders. Choose another --to.

      Usage: fer extract <adapter> [options]. fer extract --help lists the options."
    `);
  });

  it("refuses an output that holds something else", async () => {
    const folder = emptyFolder();
    writeFaces(join(folder, "from"), { subjects: 1 });
    writeFile(join(folder, "out/thesis.tex"), "mine");
    expect(await failure(folder, "extract", "folders", "--from", "from", "--to", "out")).toMatchInlineSnapshot(`
      "exit 1
      error: extract: "out" holds "thesis.tex" and not what extract writes. Expected a new or empty folder, or an earlier output. Choose another --to; nothing was changed."
    `);
  });

  it("refuses a set without a class, and says how to allow it", async () => {
    const folder = emptyFolder();
    writeFaces(join(folder, "from"), { classes: CLASSES.filter((name) => name !== "fear"), subjects: 6 });
    await warmFer(folder, "extract", "ckplus", "--from", "from", "--to", "data");
    expect(await failure(folder, "assemble", "data", "--name", "x")).toMatchInlineSnapshot(`
      "exit 1
      error: assemble: no image shows fear. Expected images of all 7 classes. Add a dataset that has them, or set --allow-missing."
    `);
  });

  it("refuses a set of one class", async () => {
    const folder = emptyFolder();
    writeFaces(join(folder, "from"), { classes: ["happy"], subjects: 6 });
    await warmFer(folder, "extract", "ckplus", "--from", "from", "--to", "data");
    expect(await failure(folder, "assemble", "data", "--name", "x", "--allow-missing")).toMatchInlineSnapshot(`
      "exit 1
      error: assemble: all 6 images are happy. Expected images of at least two classes. Check the class folders or the map that the dataset was extracted with."
    `);
  });

  it("refuses a split by subject where no subject is known", async () => {
    const folder = emptyFolder();
    writeFaces(join(folder, "from"), { subjects: 4 });
    await warmFer(folder, "extract", "folders", "--from", "from", "--to", "data");
    expect(await failure(folder, "assemble", "data", "--name", "x", "--split", "subject")).toMatchInlineSnapshot(`
      "exit 1
      error: split policy subject: the data do not say who is in an image. Expected a subject for every image. Extract with a subject pattern, or use another policy: official, or ratio."
    `);
  });

  it("counts bad pictures by reason, and lists each", async () => {
    const folder = emptyFolder();
    writeFaces(join(folder, "from"), { subjects: 1 });
    writeFile(join(folder, "from/happy/empty.png"), "");
    writeFile(
      join(folder, "from/happy/pointer.png"),
      "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 12\n",
    );
    writeFile(join(folder, "from/happy/cut.png"), facePng(4, 1).subarray(0, 300));
    const { code, stdout } = await warmFer(folder, "extract", "folders", "--from", "from", "--to", "out", "--json");
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ total: 7, skipped: { undecodable: 3 } });
  });

  it("refuses a set that does not exist, a damaged one, and a picture that is none", async () => {
    const folder = emptyFolder();
    expect(await failure(folder, "train", "features/x", "--to", "runs/x")).toMatchInlineSnapshot(`
      "exit 1
      error: features/x.json: there is no folder "features". Pass <folder>/<name of the set>."
    `);
    writeFile(join(folder, "features/x.json"), "{}");
    expect(await failure(folder, "train", "features/x", "--to", "runs/x")).toMatchInlineSnapshot(`
      "exit 1
      error: features/x.json: "schema" is wrong (Invalid input: expected 1). Expected the json of a set of @fer/split-assembler. Assemble the set again."
    `);
    expect(await failure(folder, "evaluate", "runs/x")).toMatchInlineSnapshot(`
      "exit 1
      error: runs/x: no such file or folder. Expected the folder of a finished run. Pass the folder that training wrote; where a training was interrupted, run the same training again first."
    `);
  });
});

describe("one artifact in the place of another", () => {
  it("is named for what it is", async () => {
    const folder = emptyFolder();
    writeFaces(join(folder, "faces"), { subjects: 5 });
    const done = [
      ["extract", "folders", "--from", "faces", "--to", "data/faces"],
      ["assemble", "data/faces", "--name", "faces"],
    ];
    for (const words of done) expect((await warmFer(folder, ...words)).code).toBe(0);
    const firstLines = [];
    for (const words of [
      ["train", "data/faces", "--to", "runs/x"],
      ["train", "features", "--to", "runs/x"],
      ["train", "features/faces", "--to", "data/faces", "--overwrite"],
      ["evaluate", "data/faces"],
      ["evaluate", "features/faces"],
      ["predict", "runs/nobody", "face.png"],
      ["extract", "folders", "--from", "nobody", "--to", "data/x"],
    ])
      firstLines.push((await failure(folder, ...words)).split("\n").find((line) => line.startsWith("error:")));
    expect(firstLines.join("\n")).toMatchInlineSnapshot(`
      "error: data/faces: it is an image folder. Expected a set, as <folder>/<name>. Assemble it first.
      error: features.json: no set "features" in ".". Expected one of features/faces. Pass <folder>/<name of the set>, as given to the assembler.
      error: train: "data/faces" holds 4 entries (first "all") and not what train writes. Expected a new or empty folder, or an earlier output. Choose another --to; nothing was changed.
      error: data/faces: it is another artifact (image folder). Expected the folder of a finished run. Pass the folder that training wrote; where a training was interrupted, run the same training again first.
      error: features/faces: it is a set. Expected the folder of a finished run. Pass the folder that training wrote; where a training was interrupted, run the same training again first.
      error: runs/nobody: no such file or folder. Expected the folder of a finished run. Pass the folder that training wrote; where a training was interrupted, run the same training again first.
      error: nobody: no such file or folder. Expected the folder of the dataset as its owners ship it. Check the path."
    `);
  });
});

describe("fer download", () => {
  it("refuses a folder without addresses", async () => {
    const folder = emptyFolder();
    writeFile(join(folder, "lists/readme.txt"), "nothing here\n");
    expect(await failure(folder, "download", "emotionet", "--from", "lists", "--to", "pictures"))
      .toMatchInlineSnapshot(`
      "exit 1
      error: lists: no image address in 1 csv, xlsx or txt files. Expected the URL lists that the owners of EmotioNet send. Pass the folder that contains them."
    `);
  });

  it("never connects to a private address, and gives it a fate", async () => {
    const folder = emptyFolder();
    writeFile(join(folder, "lists/urls.csv"), "http://127.0.0.1:9/N_1/N_1_00001.jpg,http://localhost:9/a.jpg\n");
    const { code, stdout } = await fer(
      folder,
      "download",
      "emotionet",
      "--from",
      "lists",
      "--to",
      "pictures",
      "--json",
    );
    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({ total: 1, outcomes: { "private-address": 1 } });
  });
});

describe("the config file", () => {
  it("is asked for by fer pipeline", async () => {
    expect(await failure(emptyFolder(), "pipeline")).toMatchInlineSnapshot(`
      "exit 2
      error: fer pipeline: there is no fer.config.ts or fer.config.json in this folder. Run fer init to write one, or name one with --config.

      Usage: fer pipeline [options]. fer pipeline --help lists the options."
    `);
  });

  it("is refused with the nearest key where a key is unknown", async () => {
    const folder = emptyFolder();
    writeFileSync(join(folder, "fer.config.json"), '{ "trian": {} }');
    expect(await failure(folder, "pipeline")).toMatchInlineSnapshot(`
      "exit 2
      error: <folder>/fer.config.json: unknown key "trian". Expected one of $schema, extract, assemble, train, evaluate. Did you mean "train"?

      Usage: fer pipeline [options]. fer pipeline --help lists the options."
    `);
  });

  it("is checked as a whole before the first stage runs", async () => {
    const folder = emptyFolder();
    writeFaces(join(folder, "faces"), { subjects: 1 });
    const config = {
      extract: [{ adapter: "folders", from: "faces", to: "data" }],
      assemble: { name: "faces", to: "features", split: "ratio" },
      train: { to: "runs/x", epochs: 0, optimiser: "adam" },
    };
    writeFileSync(join(folder, "fer.config.json"), JSON.stringify(config));
    expect(await failure(folder, "pipeline")).toMatchInlineSnapshot(`
      "exit 2
      read <folder>/fer.config.json
      error: <folder>/fer.config.json: train.epochs: received 0. Expected more than 0. <folder>/fer.config.json: train: unknown option "optimiser". Did you mean "optimizer"?

      Usage: fer pipeline [options]. fer pipeline --help lists the options."
    `);
    expect((await warmFer(folder, "extract", "folders", "--json")).code).toBe(0);
  });

  it("lists options as it writes them, not as flags", async () => {
    const folder = emptyFolder();
    writeFileSync(join(folder, "fer.config.json"), '{ "assemble": { "name": "x", "epochs": 3 } }');
    const message = await failure(folder, "assemble", "data/x");
    expect(message).toContain('fer.config.json: assemble: unknown option "epochs". Expected one of folders, name, to');
    expect(message).toMatch(/\bvalShare\b.*\bwholeImage\b/);
    expect(message).not.toContain("--val-share");
  });

  it("is refused with the reason where it is broken", async () => {
    const folder = emptyFolder();
    writeFileSync(join(folder, "fer.config.ts"), "export default {");
    const message = await failure(folder, "pipeline");
    expect(message).toContain("exit 1");
    expect(message).toContain("fer.config.ts");
  });

  it("is not overwritten by fer init", async () => {
    const folder = emptyFolder();
    expect((await warmFer(folder, "init")).code).toBe(0);
    expect(await failure(folder, "init")).toMatchInlineSnapshot(`
      "exit 2
      error: fer init: there is a fer.config.ts in this folder. Edit it, or replace it with --overwrite.

      Usage: fer init [options]. fer init --help lists the options."
    `);
  });
});
