/** Inputs of real users on which data was lost or labels were wrong without a word, and their like. */
import { mkdirSync, symlinkSync } from "node:fs";
import path from "node:path";
import { extract } from "@fer/dataset-extractors";
import { FerError } from "@fer/core";
import { MetadataRow } from "@fer/core/image-folder";
import sharp from "sharp";
import { describe, expect, test } from "vitest";
import { jsonLines } from "./contract.js";
import { jpeg, picture, png } from "./fixtures/images.js";
import { temporaryFolder, writeTree, type Tree } from "./fixtures/tree.js";

const OWNERS = ["surprise", "fear", "disgust", "happy", "sad", "anger", "neutral"];
const CLASSES = ["neutral", "angry", "disgust", "fear", "happy", "sad", "surprise"];

interface Outcome {
  counts: Record<string, Record<string, number>>;
  skipped: Record<string, number>;
  warnings: string[];
  rows: MetadataRow[];
  skips: string[];
}

/** What comes out of a tree, or the message that refuses it. */
async function outcome(adapter: string, tree: Tree | string, options: Record<string, unknown> = {}): Promise<Outcome> {
  const from = typeof tree === "string" ? tree : writeTree(temporaryFolder(), tree);
  const to = path.join(temporaryFolder(), "to");
  const { info } = await extract({ adapter, from, to, workers: 1, decoder: "sharp", options });
  const { counts, skipped, warnings } = info;
  const rows = Object.keys(counts).flatMap((split) =>
    jsonLines(path.join(to, split, "metadata.jsonl")).map((row) => MetadataRow.parse(row)),
  );
  const skips = jsonLines(path.join(to, "skipped.jsonl")).map((row) => {
    const { reason, source, detail } = row as Record<string, string>;
    return `${reason}: ${source} (${detail})`;
  });
  return { counts, skipped, warnings, rows, skips: skips.sort() };
}

async function refusal(adapter: string, tree: Tree | string, options: Record<string, unknown> = {}): Promise<string> {
  const from = typeof tree === "string" ? tree : writeTree(temporaryFolder(), tree);
  const error = await outcome(adapter, from, options).catch((cause: unknown) => cause);
  if (!(error instanceof FerError)) throw error instanceof Error ? error : new Error("nothing was refused");
  return error.message.replaceAll(from, "<root>");
}

describe("wrong labels", () => {
  test("rafdb-zero-based: class folders 0 to 6 are refused, and read where a map says what they are", async () => {
    const tree: Tree = {};
    for (const [split, name] of [
      ["train", "train_0000"],
      ["test", "test_000"],
    ])
      for (let label = 0; label < 7; label++)
        for (const k of [0, 1])
          tree[`${split}/${label}/${name}${2 * label + k}_aligned.jpg`] = await jpeg(label, 20, 20);
    expect(await refusal("rafdb", tree)).toMatchInlineSnapshot(
      `"rafdb: "<root>" has classes numbered 0, 1, 2, 3, 4, 5, 6. Expected the owner's codes 1 to 7: these are numbered otherwise, and every label could be wrong. Say what they mean with --map 0=...,1=...,2=...,3=...,4=...,5=...,6=...; the owner's are 1=surprise,2=fear,3=disgust,4=happy,5=sad,6=anger,7=neutral."`,
    );
    const map = Object.fromEntries(OWNERS.map((name, code) => [code, name]));
    const { counts, rows } = await outcome("rafdb", tree, { map });
    expect(Object.values(counts.train!)).toEqual([2, 2, 2, 2, 2, 2, 2]);
    expect(rows.find(({ raw_label }) => raw_label === "0")?.expression).toBe("surprise");
  });

  test("two-copies: a dataset that lies there twice is refused, and both places are named", async () => {
    const copy = (dir: string): Tree => {
      const tree: Tree = {};
      for (const [c, name] of CLASSES.entries())
        for (const [split, usage] of [
          ["train", "Training"],
          ["test", c % 2 ? "PublicTest" : "PrivateTest"],
        ])
          tree[`${dir}${split}/${name}/${usage}_${c}.png`] = png(c);
      return tree;
    };
    expect(await refusal("fer2013", { ...copy("archive/"), ...copy("archive (1)/") })).toMatchInlineSnapshot(
      `"fer2013: "<root>" holds the dataset twice: in "archive" and in "archive (1)". Expected one copy, since every picture would be there twice. Pass one of them: --from "<root>/archive (1)"."`,
    );
    expect(await refusal("fer2013", { ...copy("x/fer/archive/"), ...copy("x/again/"), "x/readme.txt": "a" })).toMatch(
      /holds the dataset twice: in "x\/again" and in "x\/fer"/,
    );
    expect(await refusal("fer2013", { ...copy(""), ...copy("backup/") })).toMatch(
      /twice: in "<root>" itself and in "backup"/,
    );
    expect((await outcome("fer2013", copy("archive/"))).counts.train).toBeDefined();
  });

  test("two copies in other datasets are refused as well", async () => {
    const twice = (tree: Tree): Tree =>
      Object.fromEntries(
        ["a", "b (1)"].flatMap((dir) => Object.entries(tree).map(([file, bytes]) => [`${dir}/${file}`, bytes])),
      );
    const pixels = Array.from({ length: 2304 }, () => 7).join(" ");
    const trees: [string, Tree, Record<string, unknown>?][] = [
      ["fer2013", { "fer2013.csv": `emotion,pixels,Usage\n3,${pixels},Training` }],
      [
        "rafdb",
        { "EmoLabel/list_patition_label.txt": "train_00001.jpg 4", "Image/aligned/train_00001_aligned.jpg": png(1) },
      ],
      ["expw", { "label.lst": "a_1.jpg 0 1 1 9 9 9.5 3", "Images/a_1.jpg": png(1, 20, 20) }],
      ["jaffe", { "KA.AN1.39.png": png(1), "KA.HA1.29.png": png(2) }],
      ["ckplus", { "happy/S010_004_00000017.png": png(1), "anger/S011_004_00000017.png": png(2) }],
      ["affectnet", { "train_set/images/1.jpg": png(1), "train_set/annotations/1_exp.npy": "" }],
      ["afew", { "Train_AFEW/Happy/000000001.avi": "", "Train_AFEW/Faces/000000001/1.jpg": png(1) }],
      ["sfew2", { "Train_Aligned_Faces/Sad/A_000000001_00000001.png": png(1, 143, 181, 3) }],
      ["folders", { "happy/1.png": png(1), "sad/2.png": png(2) }],
    ];
    const messages: Record<string, string> = {};
    for (const [adapter, tree] of trees) messages[adapter] = (await refusal(adapter, twice(tree))).split(". ")[0]!;
    expect(new Set(Object.values(messages).map((text) => text.replace(/^\w+: /, "")))).toEqual(
      new Set(['"<root>" holds the dataset twice: in "a" and in "b (1)"']),
    );
  });

  test("folders of several people are no copies, though their files have the same names", async () => {
    const { counts } = await outcome("folders", {
      "ann/happy/1.png": png(1),
      "ann/sad/1.png": png(2),
      "bob/happy/1.png": png(3),
      "bob/sad/1.png": png(4),
    });
    expect(counts).toEqual({ all: { happy: 2, sad: 2 } });
  });

  test("a listed picture is never taken from another folder than the listed one", async () => {
    const { counts, skips } = await outcome("list", {
      "val/1.png": png(1),
      "val/2.png": png(2),
      "list.csv": "path,label\ntrain/1.png,happy\nval/2.png,sad",
    });
    expect(counts).toEqual({ all: { sad: 1 } });
    expect(skips).toMatchInlineSnapshot(`
      [
        "missing-file: list.csv:2 ("train/1.png" is not in the folder (of that name there is only "val/1.png"))",
        "unlabelled: val/1.png (present, but no row names it)",
      ]
    `);
    expect(
      await refusal("list", { "1.png": png(1), "list.csv": "path,label\ntrain/1.png,happy\nval/1.png,sad" }),
    ).toMatchInlineSnapshot(
      `"list.csv:3: "train/1.png" and "val/1.png" are both listed, and only "1.png" is there. Expected a file for each listed name. Put the pictures into the folders that the list names."`,
    );
  });
});

describe("lost data", () => {
  test("other-pictures: pictures of every extension are read where they can be, and listed where they cannot", async () => {
    const heic = Buffer.concat([Buffer.from("\0\0\0\u0018ftypheic\0\0\0\0mif1heic", "latin1"), Buffer.alloc(64)]);
    const jp2 = Buffer.from("0000000c6a5020200d0a870a00000014667479706a703220000000006a703220", "hex");
    const raw = picture(3, 60, 60, 3);
    const image = () => sharp(raw.data, { raw: { width: 60, height: 60, channels: 3 } });
    const { counts, skips } = await outcome("folders", {
      "happy/a.png": png(1, 60, 60),
      "happy/b.jpg": await jpeg(2, 60, 60),
      "happy/c.jpe": await jpeg(3, 60, 60),
      "happy/d.jfif": await jpeg(4, 60, 60),
      "happy/e.webp": await image().webp().toBuffer(),
      "happy/f.tif": await image().tiff({ compression: "none" }).toBuffer(),
      "happy/g.heic": heic,
      "happy/h.jp2": jp2,
      "happy/notes.txt": "a note",
      "sad/i.png": png(9, 60, 60),
    });
    expect(counts).toEqual({ all: { happy: 6, sad: 1 } });
    expect(skips.map((line) => line.replace(/ \(.*/, ""))).toEqual([
      "undecodable: happy/g.heic",
      "undecodable: happy/h.jp2",
      "unread: happy/notes.txt",
    ]);
  });

  test("corner-columns: a box as two corners is cut", async () => {
    const tree = (header: string, box: string): Tree => ({
      ...Object.fromEntries([0, 1].map((i) => [`images/f_${i}.png`, png(i, 60, 60, 3)])),
      "list.csv": [header, ...[0, 1].map((i) => `images/f_${i}.png,happy,${box}`)].join("\n"),
    });
    const boxes = async (header: string, box: string, options = {}) =>
      (await outcome("list", tree(header, box), options)).rows.map((row) => row.box);
    const box = { x: 5, y: 6, width: 40, height: 38 };
    for (const names of [
      "x1,y1,x2,y2",
      "xmin,ymin,xmax,ymax",
      "left,top,right,bottom",
      "bbox_x1,bbox_y1,bbox_x2,bbox_y2",
      "Face_X1,Face_Y1,Face_X2,Face_Y2",
      "x_min,y_min,x_max,y_max",
      "x,y,x2,y2",
      "startX,startY,endX,endY",
      "upper_left_x,upper_left_y,lower_right_x,lower_right_y",
      "face_box_left,face_box_top,face_box_right,face_box_bottom",
      "tlx,tly,brx,bry",
      "x_left,y_top,x_right,y_bottom",
    ])
      expect([names, await boxes(`path,label,${names}`, "5,6,45,44")]).toEqual([names, [box, box]]);
    for (const names of ["x,y,w,h", "left,top,width,height", "face_x,face_y,face_width,face_height"])
      expect([names, await boxes(`path,label,${names}`, "5,6,40,38")]).toEqual([names, [box, box]]);
    expect(await boxes("path,label,a,b,c,d", "5,6,45,44", { box: "corners:a,b,c,d" })).toEqual([box, box]);
    expect(await boxes("path,label,x1,y1,x2,y2", "5,6,45,44", { box: "none" })).toEqual([null, null]);
    expect(await boxes("path,label,bbox", '"[5, 6, 40, 38]"', { box: "size:bbox" })).toEqual([box, box]);
    expect(await boxes("path,label,bbox", "5 6 45 44", { box: "corners:bbox" })).toEqual([box, box]);
    // the size of the picture is no box
    expect(await boxes("path,label,width,height", "60,60")).toEqual([null, null]);
    expect([
      await refusal("list", tree("path,label,cx,cy,w,h", "5,6,45,44")),
      await refusal("list", tree("path,label,bbox", '"[5, 6, 45, 44]"')),
      await refusal("list", tree("path,label,a,b,c,d", "5,6,45,44"), { box: "size:a,b,c,e" }),
    ]).toMatchInlineSnapshot(`
      [
        "list.csv: "cx", "cy" look like a face box, but it is not clear which number is which. Expected x, y, width, height, or x1, y1, x2, y2 (or xmin, ymin, xmax, ymax; left, top, right, bottom). Name them with --box size:<x>,<y>,<width>,<height> or --box corners:<left>,<top>,<right>,<bottom>; a column that holds all four with --box size:<column> or --box corners:<column>; --box none if they are not a box.",
        "list.csv: "bbox" looks like a face box, but it is not clear which number is which. Expected x, y, width, height, or x1, y1, x2, y2 (or xmin, ymin, xmax, ymax; left, top, right, bottom). Name them with --box size:<x>,<y>,<width>,<height> or --box corners:<left>,<top>,<right>,<bottom>; a column that holds all four with --box size:<column> or --box corners:<column>; --box none if they are not a box.",
        "list.csv: it has no column "e". Expected the columns of --box among a, b, c, d. Correct --box.",
      ]
    `);
    const jsonl = (line: string): Tree => ({ "a.png": png(1, 60, 60), "l.jsonl": line });
    const corners = await outcome("list", jsonl('{"path": "a.png", "label": "happy", "corners": [5, 6, 45, 44]}'));
    expect(corners.rows[0]?.box).toEqual(box);
    expect(await refusal("list", jsonl('{"path": "a.png", "label": "happy", "bbox": [5, 6, 45, 44]}'))).toMatch(
      /"bbox"/,
    );
  });

  test("long-path: a picture deep down gets a shorter id, the same each time", async () => {
    const deep = Array.from({ length: 7 }, (_, i) => `folder-with-quite-a-long-name-0${i}`).join("/");
    const tree = {
      [`${deep}/happy/one.png`]: png(7),
      [`${deep}/sad/one.png`]: png(8),
      [`${deep}/sad/zwei.png`]: png(9),
    };
    const ids = (await outcome("folders", tree)).rows.map(({ id }) => id);
    expect(ids).toHaveLength(3);
    expect(new Set(ids).size).toBe(3);
    expect(ids.every((id) => id.length <= 160 && /^[0-9a-f]{12}_.*(happy__one|sad__one|sad__zwei)$/.test(id))).toBe(
      true,
    );
    expect((await outcome("folders", { ...tree, "neutral/x.png": png(1) })).rows.map(({ id }) => id)).toEqual(
      expect.arrayContaining(ids),
    );
  });

  test("ids that only case tells apart do not end the extraction", async () => {
    const { rows } = await outcome("folders", { "happy/a.png": png(1), "happy/A.png": png(2), "Happy/a.png": png(3) });
    const ids = rows.map(({ id }) => id.toLowerCase());
    expect(new Set(ids).size).toBe(3);
  });

  test.skipIf(process.platform === "win32")("a part that is a link is read, wherever it leads", async () => {
    const dir = temporaryFolder();
    const from = path.join(dir, "from");
    writeTree(dir, {
      "elsewhere/happy/1.png": png(1),
      "elsewhere/sad/2.png": png(2),
      "from/pool/part/happy/3.png": png(3),
      "from/pool/part/sad/4.png": png(4),
    });
    symlinkSync(path.join(dir, "elsewhere"), path.join(from, "train"));
    symlinkSync("pool/part", path.join(from, "test"));
    symlinkSync("..", path.join(from, "pool/up"));
    mkdirSync(path.join(from, "empty"));
    const { counts, skips } = await outcome("folders", from);
    expect(counts).toEqual({ train: { happy: 1, sad: 1 }, test: { happy: 1, sad: 1 } });
    expect(skips).toMatchInlineSnapshot(`
      [
        "unread: pool/part (read as "test", a link to it)",
        "unread: pool/up (a link to a folder that it lies in)",
      ]
    `);
  });

  test("what a dataset does not read is listed: files, packed files, folders of them", async () => {
    const { skips, counts } = await outcome("folders", {
      "happy/a.png": png(1),
      "docs/paper.pdf": "x",
      "docs/more/notes.txt": "x",
      "happy/labels.csv": "x",
      "faces.7z": "x",
      "labels.csv.gz": "x",
      "rest.tar.xz": "x",
    });
    expect(counts).toEqual({ all: { happy: 1 } });
    expect(skips).toMatchInlineSnapshot(`
      [
        "unread: docs (2 files that this form does not read (.pdf, .txt))",
        "unread: faces.7z (it is packed; to read it, unpack it first (7z x faces.7z))",
        "unread: happy/labels.csv (a file that this form does not read)",
        "unread: labels.csv.gz (it is packed; to read it, unpack it first (gunzip -k labels.csv.gz))",
        "unread: rest.tar.xz (it is packed; to read it, unpack it first (tar xf rest.tar.xz))",
      ]
    `);
  });
});

describe("said where it was not", () => {
  test("class folders that are not understood are named with the nearest class", async () => {
    const { warnings, skips } = await outcome("folders", {
      "happy/a.png": png(1),
      "Suprise/b.png": png(2),
      "0_neutral/c.png": png(3),
      "misc/d.png": png(4),
      "test/e.png": png(5),
    });
    expect({ warnings, skips }).toMatchInlineSnapshot(`
      {
        "skips": [
          "unlabelled: 0_neutral/c.png (no folder above it names a class ("0_neutral" is near "neutral"))",
          "unlabelled: Suprise/b.png (no folder above it names a class ("Suprise" is near "surprise"))",
          "unlabelled: misc/d.png (no folder above it names a class)",
          "unlabelled: test/e.png (no folder above it names a class)",
        ],
        "warnings": [
          "the folder "0_neutral" (1 picture) is not named after a class; did you mean "neutral"?",
          "the folder "Suprise" (1 picture) is not named after a class; did you mean "surprise"?",
          "the folder "misc" (1 picture) is not named after a class",
        ],
      }
    `);
    expect(await refusal("folders", { "Suprise/b.png": png(2), "0_neutral/c.png": png(3) })).toMatchInlineSnapshot(
      `"folders: 2 files, 2 of them images, first "0_neutral/c.png", under "<root>" fits no known form; the nearest is "class-folders": no folder is named after a class; pictures lie in "0_neutral" (did you mean "neutral"?), "Suprise" (did you mean "surprise"?). Expected the form class-folders ("fer datasets folders" shows what they look like). Rename the folders, or say what they mean with --map 0_neutral=neutral,Suprise=surprise."`,
    );
  });

  test("a folder that is no form of a dataset is compared with the nearest", async () => {
    const rafdb = { "labels.csv": "image,lable\ntrain_00001_aligned.jpg,4", "train_00001_aligned.jpg": png(1) };
    const pixels = { "fer.csv": "emotion,pixel,Usage\n1,2,Training" };
    expect([
      await refusal("rafdb", rafdb),
      await refusal("fer2013", pixels),
      await refusal("list", { "my.csv": "file,emotion\na.png,happy", "a.png": png(1) }),
      await refusal("affwild2", { "cropped_aligned/1/00001.jpg": png(1) }),
      await refusal("folders", { "data.tar.xz": "x" }),
      await refusal("folders", { "part.7z.001": "x", "readme.txt": "x" }),
    ]).toMatchInlineSnapshot(`
      [
        "rafdb: 2 files, 1 of them images, first "labels.csv", under "<root>" fits no known form; the nearest is "label-csv": labels.csv has the columns image, lable; "label" is missing. Expected the form basic, compound, class-folders, label-csv or index-csv ("fer datasets rafdb" shows what they look like). Pass the folder that contains it.",
        "fer2013: 1 file, 0 of them images, first "fer.csv", under "<root>" fits no known form; the nearest is "csv": fer.csv has the columns emotion, pixel, Usage; "pixels" is missing. Expected the form csv, train-csv, folders, merged-test or reshuffled ("fer datasets fer2013" shows what they look like). Pass the folder that contains it.",
        "list: 2 files, 1 of them images, first "a.png", under "<root>" fits no known form; the nearest is "csv": my.csv has the columns file, emotion; "path", "label" are missing (--path and --label say what they are called). Expected the form csv or jsonl ("fer datasets list" shows what they look like). Pass the folder that contains it.",
        "affwild2: 1 file, 1 of them images, first "cropped_aligned/1/00001.jpg", under "<root>" fits no known form; the nearest is "8-class": there are crops, and no Train_Set or Validation_Set of label files that begin with "Neutral,Anger,Disgust,Fear,Happiness,Sadness,Surprise,Other". Expected the form 8-class or 7-class ("fer datasets affwild2" shows what they look like). Pass the folder that contains it.",
        "folders: only archives ("data.tar.xz") under "<root>" fits no known form. Expected the form class-folders ("fer datasets folders" shows what they look like). "data.tar.xz" is packed: unpack it first (tar xf data.tar.xz).",
        "folders: 1 file, 0 of them images, first "readme.txt", under "<root>" fits no known form. Expected the form class-folders ("fer datasets folders" shows what they look like). "part.7z.001" is packed: unpack it first (7z x part.7z.001).",
      ]
    `);
    const dir = writeTree(temporaryFolder(), { "faces.rar": "x" });
    expect((await refusal("folders", path.join(dir, "faces.rar"))).replaceAll(dir, "<dir>")).toMatchInlineSnapshot(
      `"folders: only archives ("faces.rar") under "<dir>" fits no known form. Expected the form class-folders ("fer datasets folders" shows what they look like). "faces.rar" is packed: unpack it first (7z x faces.rar)."`,
    );
  });

  test("whole photos in class folders are refused, and taken where they are said to be photos or faces", async () => {
    const photos = Object.fromEntries(
      await Promise.all(
        Array.from({ length: 9 }, async (_, i) => [`happy/${i}.jpg`, await jpeg(i, i % 2 ? 320 : 240, 240)]),
      ),
    ) as Tree;
    const wide = Object.fromEntries(
      await Promise.all(Array.from({ length: 9 }, async (_, i) => [`happy/${i}.jpg`, await jpeg(i, 320, 240)])),
    ) as Tree;
    expect(await refusal("folders", wide)).toMatchInlineSnapshot(
      `"folders: 9 of 9 pictures looked at have the size or shape of a whole photo, not of a cut-out face ("happy/0.jpg" has 320x240 pixels). Expected faces that are cut out already, or word that they are not. Say what they are: --image-kind photo for whole photos (cut the faces out later), --image-kind crop if they are faces all the same."`,
    );
    expect((await outcome("folders", wide, { imageKind: "crop" })).warnings).toEqual([]);
    expect((await outcome("folders", wide, { imageKind: "photo" })).counts.all?.happy).toBe(9);
    expect((await outcome("folders", photos)).warnings).toMatchInlineSnapshot(`
      [
        "4 of 9 pictures looked at have the size or shape of a whole photo, not of a cut-out face ("happy/1.jpg" has 320x240 pixels); if they are photos, say so with --image-kind photo",
      ]
    `);
    const faces = Object.fromEntries(
      [48, 100, 224, 256, 600].flatMap((side, i) => [
        [`happy/${side}.png`, png(i, side, side)],
        [`sad/${side}.png`, png(i, side, Math.round(side * 1.3))],
      ]),
    );
    expect((await outcome("folders", faces)).warnings).toEqual([]);
    const list = {
      ...wide,
      "list.csv": ["path,label", ...Object.keys(wide).map((file) => `${file},happy`)].join("\n"),
    };
    expect(await refusal("list", list)).toMatch(/whole photo/);
    const boxes = ["path,label,x1,y1,x2,y2", ...Object.keys(wide).map((file) => `${file},happy,10,10,90,90`)].join(
      "\n",
    );
    expect((await outcome("list", { ...wide, "list.csv": boxes })).counts.all?.happy).toBe(9);
  });
});
