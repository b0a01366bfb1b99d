import path from "node:path";
import { Folder } from "@fer/dataset-extractors/readers";
import { describe, expect, test } from "vitest";
import { temporaryFolder, writeTree, type Tree } from "../fixtures/tree.js";

const open = async (tree: Tree) => Folder.open(writeTree(temporaryFolder(), tree));

describe("Folder", () => {
  test("lists files by code unit, whatever order they were made in", async () => {
    const folder = await open({ "b/x.png": "", "a-b/x.png": "", "a/x.png": "", "B.txt": "", "ä.txt": "" });
    expect(folder.files).toEqual(["B.txt", "a-b/x.png", "a/x.png", "b/x.png", "ä.txt"]);
    expect(folder.folders).toEqual(["a", "a-b", "b"]);
    expect(folder.images()).toEqual(["a-b/x.png", "a/x.png", "b/x.png"]);
  });

  test("leaves out what file managers and archivers leave behind, and lists archives apart", async () => {
    const folder = await open({
      "a/.DS_Store": "",
      "a/Thumbs.db": "",
      "a/desktop.ini": "",
      "__MACOSX/a/x.png": "",
      "a/._x.png": "",
      "a/x.png": "",
      "parts/origin.7z.001": "",
      "a.tar.gz": "",
    });
    expect(folder.files).toEqual(["a/x.png"]);
    expect(folder.archives).toEqual(["a.tar.gz", "parts/origin.7z.001"]);
  });

  test("leaves out image folders that this tool wrote", async () => {
    const output = { "out/dataset.json": "{}", "out/skipped.jsonl": "", "out/all/happy/a.png": "" };
    const folder = await open({ ...output, "happy/a.png": "", "mine/dataset.json": "{}" });
    expect(folder.files).toEqual(["happy/a.png", "mine/dataset.json"]);
  });

  test("finds a listed name exactly, then without case, then by its base name", async () => {
    const folder = await open({
      "Images/A.png": "",
      "Images/sub/c.png": "",
      "a.png": "",
      "Images/caf\u0065\u0301.png": "",
    });
    expect(folder.find("Images/A.png").path).toBe("Images/A.png");
    expect(folder.find("images/a.PNG").path).toBe("Images/A.png");
    expect(folder.find("Images\\sub\\c.png").path).toBe("Images/sub/c.png");
    expect(folder.find("./c.png").path).toBe("Images/sub/c.png");
    expect(folder.find("A.png", { in: "Images" }).path).toBe("Images/A.png");
    expect(folder.find("caf\u00e9.png").path).toBe("Images/caf\u0065\u0301.png");
  });

  test("says why a listed name has no file, and never chooses between two", async () => {
    const folder = await open({ "x/a.png": "", "y/a.png": "" });
    expect(["a.png", "b.png", "../x/a.png", "/etc/passwd", "C:\\a.png", "  "].map((name) => folder.find(name).problem))
      .toMatchInlineSnapshot(`
      [
        ""a.png" fits 2 files: x/a.png, y/a.png",
        ""b.png" is not in the folder",
        ""../x/a.png" leads out of the dataset's folder",
        ""/etc/passwd" leads out of the dataset's folder",
        ""C:\\a.png" leads out of the dataset's folder",
        "the row names no file",
      ]
    `);
  });

  test("views a folder below with paths relative to it", async () => {
    const folder = await open({ "set/train/a.png": "", "set/labels.csv": "", "settings.txt": "", "set.zip": "" });
    const view = folder.at("set");
    expect(view.files).toEqual(["labels.csv", "train/a.png"]);
    expect(view.children()).toEqual(["train"]);
    expect(view.filesIn()).toEqual(["labels.csv"]);
    expect(view.at("train").prefix).toBe("set/train");
    expect(view.absolute("train/a.png")).toBe(path.join(folder.root, "set/train/a.png"));
  });

  test("finds the folders that look like something, the shallowest first", async () => {
    const folder = await open({ "z/EmoLabel/list.txt": "", "a/b/EmoLabel/list.txt": "" });
    expect(folder.findFolders((dir) => dir.endsWith("EmoLabel"))).toEqual(["z/EmoLabel", "a/b/EmoLabel"]);
    expect(folder.findFiles("list.txt")).toEqual(["z/EmoLabel/list.txt", "a/b/EmoLabel/list.txt"]);
  });

  test("reads text without its byte order mark, and takes a single file for a folder of one", async () => {
    const root = writeTree(temporaryFolder(), { "a.txt": "\uFEFFone\r\ntwo", "b.txt": "" });
    const folder = await Folder.open(path.join(root, "a.txt"));
    expect(folder.files).toEqual(["a.txt"]);
    expect(await folder.text("a.txt")).toBe("one\r\ntwo");
    expect(await folder.firstLine("a.txt")).toBe("one");
    const lines: string[] = [];
    for await (const { text } of folder.lines("a.txt")) lines.push(text);
    expect(lines).toEqual(["one", "two"]);
  });

  test("shows mounted folders at their place", async () => {
    const folder = await open({ "labels.txt": "" });
    const other = await open({ "x/a.png": "picture" });
    const mounted = folder.mount([{ at: "images", folder: other }]);
    expect(mounted.files).toEqual(["images/x/a.png", "labels.txt"]);
    expect(mounted.at("images/x").absolute("a.png")).toBe(path.join(other.root, "x/a.png"));
    expect(await mounted.text("images/x/a.png")).toBe("picture");
  });
});
