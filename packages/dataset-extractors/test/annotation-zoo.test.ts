/** What happens to annotation files on their way to a user, and what an adapter must make of it: nothing lost in silence. */
import { rmSync } from "node:fs";
import path from "node:path";
import { adapters } from "@fer/dataset-extractors";
import { Folder } from "@fer/dataset-extractors/readers";
import { describe, expect, test } from "vitest";
import { ANNOTATED, treeOf, type Annotated } from "./fixtures/annotations.js";
import { png } from "./fixtures/images.js";
import { itemsOf, skipLines } from "./fixtures/items.js";
import { FerError } from "@fer/core";
import { temporaryFolder, writeTree, type Tree } from "./fixtures/tree.js";

const of = (name: string): Annotated => ANNOTATED.find((known) => known.name === name)!;
const TEXTS = ANNOTATED.filter(({ content }) => typeof content === "string");

/** Whether the annotation file stands for one picture: damaged, it is a skip and not the end. */
const isOfOneItem = ({ name }: Annotated) => name === "affectnet json" || name === "affectnet npy";

/** Items of a tree, or the message that refuses it. Anything but a FerError is a crash and fails the test. */
async function outcome({ adapter, form, options = {} }: Annotated, tree: Tree): Promise<string[]> {
  const root = writeTree(temporaryFolder(), tree);
  try {
    const { samples, skips } = await itemsOf(adapters[adapter]!, root, { options, form });
    return [`${samples.length} samples`, ...skipLines(skips)];
  } catch (error) {
    if (!(error instanceof FerError)) throw error;
    return [`refused: ${error.message.replaceAll(root, "<root>").split("\n")[0]}`];
  }
}

describe.each(TEXTS)("$name", (dataset) => {
  const text = dataset.content as string;
  const samples = (tree: Tree) =>
    itemsOf(adapters[dataset.adapter]!, tree, { options: dataset.options ?? {}, form: dataset.form });

  test.each([
    ["a byte order mark", `\uFEFF${text}`],
    ["CRLF", text.replaceAll("\n", "\r\n")],
    ["no newline at the end", text.trimEnd()],
    ["blank lines at the end", `${text}\n\n  \n`],
    ["a byte order mark, CRLF and no newline at the end", `\uFEFF${text.trimEnd().replaceAll("\n", "\r\n")}`],
  ])("is read alike with %s", async (_what, changed) => {
    const plain = await samples(treeOf(dataset));
    expect(plain.samples).toHaveLength(dataset.samples);
    expect(await samples(treeOf(dataset, changed))).toEqual(plain);
  });

  test("refuses a Git LFS pointer, binary content and an empty file, and never takes them for no rows", async () => {
    const kinds: string[] = [];
    for (const content of [
      "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 9\n",
      "",
      "\0\0\0\0\0\0\0\0",
    ]) {
      const [first, ...skips] = await outcome(dataset, treeOf(dataset, content));
      const unlisted = skips.length > 0 && skips.every((line) => line.startsWith("unlabelled: "));
      // the file of one item costs that item
      if (isOfOneItem(dataset) && skips.some((line) => line.startsWith(`invalid: ${dataset.file} `)))
        kinds.push("refused");
      else if (first!.startsWith("refused: ")) kinds.push("refused");
      else kinds.push(unlisted ? `${first}, every picture unlisted` : first!);
    }
    // a list without rows leaves every picture unlisted; a csv beside class folders is optional
    const empty = [
      "refused",
      "0 samples, every picture unlisted",
      ...(dataset.name === "rafdb Kaggle csv" ? ["2 samples"] : []),
    ];
    expect(kinds).toEqual(["refused", expect.toBeOneOf(empty), "refused"]);
  });
});

describe("rows that are not as the owner writes them", () => {
  const spoiled = async (name: string, change: (text: string) => string) => {
    const dataset = of(name);
    const text = dataset.content as string;
    const changed = change(text);
    expect(changed).not.toBe(text);
    return outcome(dataset, treeOf(dataset, changed));
  };
  const everywhere = async (names: string[], change: (text: string) => string) => {
    const result: Record<string, string[]> = {};
    for (const name of names) result[name] = await spoiled(name, change);
    return result;
  };
  const CSVS = TEXTS.filter(({ file }) => file.endsWith(".csv")).map(({ name }) => name);
  const LISTS = ["rafdb list", "expw list"];

  test("a last row that is cut off", async () => {
    const cut = (text: string) => text.trimEnd().replace(/[\s,][^\s,]*$/, "");
    expect(await everywhere([...CSVS, ...LISTS], cut)).toMatchInlineSnapshot(`
      {
        "affectnet csv": [
          "refused: training.csv, line 3: 8 cells. Expected 9. The file may be cut off: download it again.",
        ],
        "emotionet categories": [
          "refused: cat.csv, line 3: 17 cells. Expected 18. The file may be cut off: download it again.",
        ],
        "expw list": [
          "refused: label/label.lst, line 2: 7 fields. Expected 8, separated by blanks. The file may be cut off: download it again.",
        ],
        "fer2013 csv": [
          "refused: fer2013.csv, line 4: 2 cells. Expected 3. The file may be cut off: download it again.",
        ],
        "ferplus fer2013new.csv": [
          "refused: fer2013new.csv, line 3: 11 cells. Expected 12. The file may be cut off: download it again.",
        ],
        "ferplus label.csv": [
          "refused: FER2013Train/label.csv, line 2: 11 cells. Expected 12. The file may be cut off: download it again.",
        ],
        "list csv": [
          "refused: list.csv, line 3: 6 cells. Expected 7. The file may be cut off: download it again.",
        ],
        "rafdb Kaggle csv": [
          "refused: train_labels.csv, line 3: 1 cell. Expected 2. The file may be cut off: download it again.",
        ],
        "rafdb list": [
          "refused: EmoLabel/list_patition_label.txt, line 3: 1 field. Expected 2, separated by blanks. The file may be cut off: download it again.",
        ],
      }
    `);
  });

  test("a row that is too long", async () => {
    expect(await everywhere(CSVS, (text) => text.replace(/\n$/, ",1,2\n"))).toMatchInlineSnapshot(`
      {
        "affectnet csv": [
          "refused: training.csv, line 3: 11 cells. Expected 9. Quote cells that hold the separator.",
        ],
        "emotionet categories": [
          "refused: cat.csv, line 3: 20 cells. Expected 18. Quote cells that hold the separator.",
        ],
        "fer2013 csv": [
          "refused: fer2013.csv, line 4: 5 cells. Expected 3. Quote cells that hold the separator.",
        ],
        "ferplus fer2013new.csv": [
          "refused: fer2013new.csv, line 3: 14 cells. Expected 12. Quote cells that hold the separator.",
        ],
        "ferplus label.csv": [
          "refused: FER2013Train/label.csv, line 2: 14 cells. Expected 12. Quote cells that hold the separator.",
        ],
        "list csv": [
          "refused: list.csv, line 3: 9 cells. Expected 7. Quote cells that hold the separator.",
        ],
        "rafdb Kaggle csv": [
          "refused: train_labels.csv, line 3: 4 cells. Expected 2. Quote cells that hold the separator.",
        ],
      }
    `);
  });

  test("another header", async () => {
    const headed = [
      "fer2013 csv",
      "ferplus fer2013new.csv",
      "affectnet csv",
      "affwild2 txt",
      "emotionet categories",
      "list csv",
    ];
    expect(await everywhere(headed, (text) => text.replace(/^[^\n]*/, "foo,bar"))).toMatchInlineSnapshot(`
      {
        "affectnet csv": [
          "refused: affectnet: 3 files, 2 of them images, first "Images/1/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.jpg", under "<root>" does not fit the form "lists-2017": training.csv has the columns foo, bar; "subDirectory_filePath", "face_x", "face_y", "face_width", "face_height", "facial_landmarks", "expression", "valence", "arousal" are missing. Expected the form lists-2017 ("fer datasets affectnet" shows what they look like). Pass the folder that contains it.",
        ],
        "affwild2 txt": [
          "refused: affwild2: 6 files, 4 of them images, first "EXPR/Train_Set/1-30-1280x720.txt", under "<root>" does not fit the form "8-class": there are crops, and no Train_Set or Validation_Set of label files that begin with "Neutral,Anger,Disgust,Fear,Happiness,Sadness,Surprise,Other". Expected the form 8-class ("fer datasets affwild2" shows what they look like). Pass the folder that contains it.",
        ],
        "emotionet categories": [
          "refused: emotionet: 3 files, 2 of them images, first "N_1/N_1_1.jpg", under "<root>" does not fit the form "categories": cat.csv has the columns foo, bar; "angrily_disgusted", "angrily_surprised", "angry", "appalled", "awed", "disgusted", "fearful", "fearfully_angry", "fearfully_surprised", "happily_disgusted", "happily_surprised", "happy", "sad", "sadly_angry", "sadly_disgusted", "surprised" are missing. Expected the form categories ("fer datasets emotionet" shows what they look like). Pass the folder that contains it.",
        ],
        "fer2013 csv": [
          "refused: fer2013: 1 file, 0 of them images, first "fer2013.csv", under "<root>" does not fit the form "csv": fer2013.csv has the columns foo, bar; "emotion", "pixels", "Usage" are missing. Expected the form csv ("fer datasets fer2013" shows what they look like). Pass the folder that contains it.",
        ],
        "ferplus fer2013new.csv": [
          "refused: ferplus: 2 files, 0 of them images, first "fer2013.csv", under "<root>" does not fit the form "fer2013new": fer2013.csv has the columns emotion, pixels, Usage; "Image name", "neutral", "happiness", "surprise", "sadness", "anger", "disgust", "fear", "contempt", "unknown", "NF" are missing. Expected the form fer2013new ("fer datasets ferplus" shows what they look like). Pass the folder that contains it.",
        ],
        "list csv": [
          "refused: list: 3 files, 2 of them images, first "a/1.png", under "<root>" does not fit the form "csv": list.csv has the columns foo, bar; "path", "label" are missing (--path and --label say what they are called). Expected the form csv ("fer datasets list" shows what they look like). Pass the folder that contains it.",
        ],
      }
    `);
  });

  test("two headers", async () => {
    const twice = (text: string) => text + text.slice(0, text.indexOf("\n") + 1);
    const headed = [
      "fer2013 csv",
      "ferplus fer2013new.csv",
      "rafdb Kaggle csv",
      "affectnet csv",
      "affwild2 txt",
      "emotionet categories",
      "list csv",
    ];
    expect(await everywhere(headed, twice)).toMatchInlineSnapshot(`
      {
        "affectnet csv": [
          "refused: training.csv, line 4: the header once more. Expected one header, on top. The file seems to be two files joined: pass the owner's own.",
        ],
        "affwild2 txt": [
          "refused: EXPR/Train_Set/1-30-1280x720.txt, line 5: "Neutral,Anger,Disgust,Fear,Happiness,Sad...". Expected an integer from -1 to 7, as the header has 8 classes.",
        ],
        "emotionet categories": [
          "refused: cat.csv, line 4: the header once more. Expected one header, on top. The file seems to be two files joined: pass the owner's own.",
        ],
        "fer2013 csv": [
          "refused: fer2013.csv, line 5: the header once more. Expected one header, on top. The file seems to be two files joined: pass the owner's own.",
        ],
        "ferplus fer2013new.csv": [
          "refused: fer2013new.csv, line 4: the header once more. Expected one header, on top. The file seems to be two files joined: pass the owner's own.",
        ],
        "list csv": [
          "refused: list.csv, line 4: the header once more. Expected one header, on top. The file seems to be two files joined: pass the owner's own.",
        ],
        "rafdb Kaggle csv": [
          "refused: train_labels.csv, line 4: the header once more. Expected one header, on top. The file seems to be two files joined: pass the owner's own.",
        ],
      }
    `);
  });

  test("NULL, NaN and text where a number belongs", async () => {
    expect({
      "affectnet box": await spoiled("affectnet csv", (text) => text.replace(",4,4,10,10,", ",NULL,NULL,NULL,NULL,")),
      "affectnet NaN": await spoiled("affectnet csv", (text) => text.replace(",4,4,10,10,", ",4,NaN,10,10,")),
      "affectnet valence": await spoiled("affectnet csv", (text) => text.replace(",0.5,0.25", ",NaN,-2")),
      "expw box": await spoiled("expw list", (text) => text.replace(" 28 113 ", " NaN 113 ")),
      "list box": await spoiled("list csv", (text) => text.replace(",1,2,3,4,", ",1,NaN,3,4,")),
      pixels: await spoiled("fer2013 csv", (text) => text.replace("0 1 2", "0 NaN 2")),
      votes: await spoiled("ferplus label.csv", (text) => text.replace(",9,0,0", ",NULL,0,0")),
      frame: await spoiled("affwild2 txt", (text) => text.replace("\n4\n", "\nNaN\n")),
      units: await spoiled("emotionet action units", (text) => text.replace("\t0\t", "\tNaN\t")),
    }).toMatchInlineSnapshot(`
      {
        "affectnet NaN": [
          "1 samples",
          "bad-box: training.csv:2 (box "4,NaN,10,10" is not four numbers)",
        ],
        "affectnet box": [
          "1 samples",
          "bad-box: training.csv:2 (box "NULL,NULL,NULL,NULL" is not four numbers)",
        ],
        "affectnet valence": [
          "2 samples",
        ],
        "expw box": [
          "1 samples",
          "bad-box: label/label.lst:1 (box "NaN 113 226 141" is not four integers)",
        ],
        "frame": [
          "refused: EXPR/Train_Set/1-30-1280x720.txt, line 3: "NaN". Expected an integer from -1 to 7, as the header has 8 classes.",
        ],
        "list box": [
          "1 samples",
          "bad-box: list.csv:2 (box "1 NaN 3 4" is not four numbers)",
        ],
        "pixels": [
          "2 samples",
          "undecodable: fer2013.csv:2 ("N" among the pixels (value 2))",
        ],
        "units": [
          "refused: dataFile_0001.txt:1: AU 1 is "NaN". Expected 1, 0 or 999. Use the file as the owner ships it.",
        ],
        "votes": [
          "refused: FER2013Train/label.csv:1: the row of votes is "NULL,0,0,0,0,0,0,0,0,1". Expected ten numbers of votes. Use the file as the owner ships it.",
        ],
      }
    `);
  });

  test("negative, empty and outside boxes", async () => {
    expect({
      "affectnet negative": await spoiled("affectnet csv", (text) => text.replace(",4,4,10,10,", ",4,4,-10,10,")),
      "affectnet empty": await spoiled("affectnet csv", (text) => text.replace(",4,4,10,10,", ",4,4,0,0,")),
      "expw negative": await spoiled("expw list", (text) => text.replace(" 28 113 226 141 ", " 226 113 113 28 ")),
      "list empty": await spoiled("list csv", (text) => text.replace(",1,2,3,4,", ",1,2,0,4,")),
    }).toMatchInlineSnapshot(`
      {
        "affectnet empty": [
          "1 samples",
          "bad-box: training.csv:2 (box of 0 x 0 is empty)",
        ],
        "affectnet negative": [
          "1 samples",
          "bad-box: training.csv:2 (box of -10 x 10 is empty)",
        ],
        "expw negative": [
          "1 samples",
          "bad-box: label/label.lst:1 (top 226, left 113, right 113, bottom 28 is empty)",
        ],
        "list empty": [
          "1 samples",
          "bad-box: list.csv:2 (box of 0 x 4 is empty)",
        ],
      }
    `);
  });

  test("unknown codes", async () => {
    expect({
      fer2013: await spoiled("fer2013 csv", (text) => text.replace("\n6,", "\n7,")),
      rafdb: await spoiled("rafdb list", (text) => text.replace(" 7\n", " 0\n")),
      kaggle: await spoiled("rafdb Kaggle csv", (text) => text.replace(",7\n", ",9\n")),
      expw: await spoiled("expw list", (text) => text.replace(" 0\n", " 9\n")),
      affectnet: await spoiled("affectnet csv", (text) => text.replace(",7,-0.5", ",12,-0.5")),
      affwild2: await spoiled("affwild2 txt", (text) => text.replace("\n4\n", "\n8\n")),
      list: await spoiled("list csv", (text) => text.replace(",happy,", ",joyful,")),
    }).toMatchInlineSnapshot(`
      {
        "affectnet": [
          "refused: training.csv:3: the expression is "12". Expected a code from 0 to 10. Use the file as the owner ships it.",
        ],
        "affwild2": [
          "refused: EXPR/Train_Set/1-30-1280x720.txt, line 3: "8". Expected an integer from -1 to 7, as the header has 8 classes.",
        ],
        "expw": [
          "refused: label/label.lst:1: the expression label is "9". Expected a code from 0 to 6. Use the file as the owner ships it.",
        ],
        "fer2013": [
          "refused: fer2013.csv:3: emotion is "7". Expected 0 to 6. Use the file as the owner ships it.",
        ],
        "kaggle": [
          "refused: train_labels.csv:3: the label is "9". Expected a code from 1 to 7. Use the file as the owner ships it.",
        ],
        "list": [
          "refused: list.csv:2: the label is "joyful". Expected the name of an expression. Say what labels mean with --map, e.g. --map 0=anger,1=disgust.",
        ],
        "rafdb": [
          "refused: EmoLabel/list_patition_label.txt:2: the label is "0". Expected a code from 1 to 7. Use the file as the owner ships it.",
        ],
      }
    `);
  });

  test("a row that comes twice", async () => {
    const twice = (text: string) => text + text.trimEnd().split("\n").at(-1)! + "\n";
    const names = [
      "ferplus label.csv",
      "expw list",
      "affectnet csv",
      "emotionet categories",
      "emotionet action units",
      "list csv",
    ];
    expect(await everywhere(names, twice)).toMatchInlineSnapshot(`
      {
        "affectnet csv": [
          "2 samples",
          "invalid: training.csv:4 ("Images/2/bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb.jpg" has a row already)",
        ],
        "emotionet action units": [
          "2 samples",
          "invalid: dataFile_0001.txt:3 ("N_1_2.jpg" has a row already)",
        ],
        "emotionet categories": [
          "2 samples",
          "invalid: cat.csv:4 ("N_1/N_1_2.jpg" has a row already)",
        ],
        "expw list": [
          "2 samples",
          "invalid: label/label.lst:3 (face 3 of "image/origin/happy_b_2.jpg" has a row already)",
        ],
        "ferplus label.csv": [
          "2 samples",
          "invalid: FER2013Train/label.csv:3 ("FER2013Train/fer0000001.png" has a row already)",
        ],
        "list csv": [
          "2 samples",
          "invalid: list.csv:4 ("a/2.png" has a row already)",
        ],
      }
    `);
  });

  test("lines of 1 MB", async () => {
    const long = "x".repeat(1 << 20);
    const outcomes = await everywhere(
      TEXTS.map(({ name }) => name),
      (text) => `${text}${long}\n`,
    );
    for (const [name, lines] of Object.entries(outcomes)) {
      expect([name, lines.join("\n").length < 4000]).toEqual([name, true]);
      const [first, second] = isOfOneItem(of(name)) ? ["0 samples", /^invalid: /] : [/^refused: /, /^/];
      expect([name, lines[0], lines[1] ?? ""]).toEqual([
        name,
        expect.stringMatching(first!),
        expect.stringMatching(second!),
      ]);
    }
  });

  test("Windows paths, paths that lead out, other cases, names beyond ASCII", async () => {
    const list = (name: string, files: Tree) =>
      outcome(of("list csv"), { "list.csv": `path,label\n"${name}",happy\n`, ...files });
    const file: Tree = { "a/Bild (1)[x].png": "x", "b/Zoë 表情.PNG": "x" };
    expect({
      windows: await list("a\\Bild (1)[x].png", file),
      drive: await list("C:\\faces\\a\\1.png", file),
      parent: await list("../a/Bild (1)[x].png", file),
      "parent inside": await list("a/../../a/1.png", file),
      absolute: await list("/etc/hostname", file),
      "other case": await list("A/BILD (1)[X].PNG", file),
      "composed accent": await list("b/Zoe\u0308 表情.png", file),
      empty: await list("", file),
    }).toMatchInlineSnapshot(`
      {
        "absolute": [
          "0 samples",
          "missing-file: list.csv:2 ("/etc/hostname" leads out of the dataset's folder)",
          "unlabelled: a/Bild (1)[x].png (present, but no row names it)",
          "unlabelled: b/Zoë 表情.PNG (present, but no row names it)",
        ],
        "composed accent": [
          "1 samples",
          "unlabelled: a/Bild (1)[x].png (present, but no row names it)",
        ],
        "drive": [
          "0 samples",
          "missing-file: list.csv:2 ("C:\\faces\\a\\1.png" leads out of the dataset's folder)",
          "unlabelled: a/Bild (1)[x].png (present, but no row names it)",
          "unlabelled: b/Zoë 表情.PNG (present, but no row names it)",
        ],
        "empty": [
          "0 samples",
          "missing-file: list.csv:2 (the row names no file)",
          "unlabelled: a/Bild (1)[x].png (present, but no row names it)",
          "unlabelled: b/Zoë 表情.PNG (present, but no row names it)",
        ],
        "other case": [
          "1 samples",
          "unlabelled: b/Zoë 表情.PNG (present, but no row names it)",
        ],
        "parent": [
          "0 samples",
          "missing-file: list.csv:2 ("../a/Bild (1)[x].png" leads out of the dataset's folder)",
          "unlabelled: a/Bild (1)[x].png (present, but no row names it)",
          "unlabelled: b/Zoë 表情.PNG (present, but no row names it)",
        ],
        "parent inside": [
          "0 samples",
          "missing-file: list.csv:2 ("a/../../a/1.png" leads out of the dataset's folder)",
          "unlabelled: a/Bild (1)[x].png (present, but no row names it)",
          "unlabelled: b/Zoë 表情.PNG (present, but no row names it)",
        ],
        "windows": [
          "1 samples",
          "unlabelled: b/Zoë 表情.PNG (present, but no row names it)",
        ],
      }
    `);
  });
});

describe("a folder that changes while it is read", () => {
  test.each(ANNOTATED)(
    "$name: an annotation file that has gone is a clean error",
    async ({ adapter, form, options = {}, file, ...dataset }) => {
      const root = writeTree(temporaryFolder(), treeOf({ adapter, form, options, file, ...dataset }));
      const folder = await Folder.open(root);
      rmSync(path.join(root, file));
      const read = async () => {
        for await (const item of adapters[adapter]!.read(folder, { options, form })) expect(item).toBeDefined();
      };
      await expect(read()).rejects.toThrow(FerError);
      await expect(read()).rejects.toThrow(`${file}: the file cannot be read (ENOENT)`);
    },
  );

  test("sfew2 and YOLO copies report a picture that has gone and read on", async () => {
    const face = png(1, 143, 181, 3);
    const trees: [string, Tree, string][] = [
      [
        "sfew2",
        { "Train/Happy/A_000000001_00000001.png": face, "Train/Sad/B_000000002_00000001.png": face },
        "Train/Sad/B_000000002_00000001.png",
      ],
      [
        "affectnet",
        {
          "data.yaml": "names: [Anger]",
          "train/images/a.png": face,
          "train/images/b.png": face,
          "train/labels/a.txt": "0 0.5 0.5 1 1",
          "train/labels/b.txt": "0 0.5 0.5 1 1",
        },
        "train/images/b.png",
      ],
    ];
    const lines: string[] = [];
    for (const [adapter, tree, gone] of trees) {
      const folder = await Folder.open(writeTree(temporaryFolder(), tree));
      rmSync(folder.absolute(gone));
      for await (const item of adapters[adapter]!.read(folder))
        lines.push("reason" in item ? `${item.reason}: ${item.detail}` : item.id);
    }
    expect(lines).toMatchInlineSnapshot(`
      [
        "A_000000001_00000001",
        "undecodable: Train/Sad/B_000000002_00000001.png: the file cannot be read (ENOENT). Expected a readable file. Check that the path is right.",
        "a",
        "undecodable: train/images/b.png: the file cannot be read (ENOENT). Expected a readable file. Check that the path is right.",
      ]
    `);
  });
});

test("no adapter takes another dataset for its own, but where the files themselves fit both", async () => {
  const taken: string[] = [];
  for (const dataset of ANNOTATED) {
    const folder = await Folder.open(writeTree(temporaryFolder(), treeOf(dataset)));
    for (const adapter of Object.values(adapters)) {
      if (adapter.name === dataset.adapter) continue;
      const form = await adapter.detect(folder).then(
        (detected) => detected.form.name,
        (error: unknown) => (error instanceof FerError ? undefined : Promise.reject(error as Error)),
      );
      if (form !== undefined) taken.push(`${dataset.name} by ${adapter.name} as ${form}`);
    }
  }
  expect(taken).toMatchInlineSnapshot(`
    [
      "ferplus fer2013new.csv by fer2013 as csv",
      "rafdb Kaggle csv by fer2013 as folders",
    ]
  `);
});
