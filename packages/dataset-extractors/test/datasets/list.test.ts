import { byCodeUnit } from "@fer/core";
import { adapters } from "@fer/dataset-extractors";
import { describe, expect, test } from "vitest";
import { testAdapter } from "../contract.js";
import { png } from "../fixtures/images.js";
import { itemsOf, refusalOf, skipLines } from "../fixtures/items.js";
import type { Tree } from "../fixtures/tree.js";

const list = adapters.list!;

const pictures: Tree = {
  "a/one.png": png(1, 20, 10),
  "a/two.png": png(2, 20, 10),
  "b/One.PNG": png(3, 20, 10),
  "Zoë.png": png(4, 20, 10),
  "extra.png": png(5, 20, 10),
};
/** Windows paths, another case, two faces of one picture, a label outside of the map, and rows that lead nowhere. */
const CSV = [
  "Path,label,x,y,width,height,subject,split",
  "a\\one.png,Happy,1,2,5,6,p1,train",
  "a/one.png,sad,6,2,5.5,6,p2,train",
  "a/TWO.png,angry,,,,,p3,validation",
  "Zoë.png,neutral,,,,,,test",
  "../../etc/passwd,neutral,,,,,,test",
  "/etc/passwd,neutral,,,,,,test",
  "b/one.png,neutral,1,1,-4,4,,test",
  "b/one.png,neutral,1,,4,NULL,,test",
  "gone.png,fear,,,,,,train",
  "a/two.png,,,,,,,train",
].join("\r\n");

testAdapter(
  list,
  {
    name: "csv",
    form: "csv",
    tree: { ...pictures, "faces.csv": `\uFEFF${CSV}` },
    counts: { train: { happy: 1, sad: 1 }, val: { anger: 1 }, test: { neutral: 1 } },
    skipped: { "missing-file": 3, "bad-box": 2, unlabelled: 2 },
  },
  {
    name: "tsv with a map and own column names",
    form: "csv",
    tree: {
      ...pictures,
      "lists/faces.tsv": "file\tclass\na/one.png\t3\na/two.png\t4\nZoë.png\t9\n",
      "other.csv": "x,y\n1,2\n",
    },
    options: { path: "file", label: "class", map: { 3: "happy", 4: "contempt" } },
    counts: { all: { happy: 1, contempt: 1 } },
    skipped: { other: 1, unlabelled: 2, unread: 1 },
  },
  {
    name: "jsonl",
    form: "jsonl",
    tree: {
      ...pictures,
      "faces.jsonl": [
        '{"path": "a/one.png", "label": "happy", "box": [1, 2, 5, 6], "subject": "p1"}',
        "",
        '{"path": "a/two.png", "label": "fear", "box": {"x": 1, "y": 1, "width": 4, "height": 4}}',
        '{"path": "b/one.png", "label": null}',
        '{"path": "a/two.png", "label": "fear", "box": [1, "NaN", 3, 4]}',
      ].join("\n"),
    },
    counts: { all: { happy: 1, fear: 1 } },
    skipped: { unlabelled: 3, "bad-box": 1 },
  },
);

describe("list", () => {
  test("reads subject, box and split, and tells two faces of a picture apart", async () => {
    const { samples } = await itemsOf(list, { ...pictures, "faces.csv": CSV });
    expect(samples.toSorted((a, b) => byCodeUnit(a.source, b.source))).toMatchObject([
      { id: "a__one", subject: "p1", group: "p1", box: { x: 1, y: 2, width: 5, height: 6 }, split: "train" },
      { id: "a__one~row3", subject: "p2", expression: "sad", box: { x: 6, y: 2, width: 5.5, height: 6 } },
      { id: "a__two", subject: "p3", split: "val", box: null },
      { id: "Zoë", subject: null, group: null, split: "test" },
    ]);
  });

  test("keeps the faces of one picture together where there is no subject", async () => {
    const { samples } = await itemsOf(list, {
      ...pictures,
      "f.csv": "path,label,x,y,width,height\na/one.png,sad,1,1,3,3\na/one.png,happy,5,5,3,3",
    });
    expect(samples.map(({ group }) => group)).toEqual(["a/one.png", "a/one.png"]);
  });

  test("lists what is left out", async () => {
    const { skips } = await itemsOf(list, { ...pictures, "faces.csv": CSV });
    expect(skipLines(skips)).toMatchInlineSnapshot(`
      [
        "bad-box: faces.csv:8 (box of -4 x 4 is empty)",
        "bad-box: faces.csv:9 (box "1  4 NULL" is not four numbers)",
        "missing-file: faces.csv:10 ("gone.png" is not in the folder)",
        "missing-file: faces.csv:6 ("../../etc/passwd" leads out of the dataset's folder)",
        "missing-file: faces.csv:7 ("/etc/passwd" leads out of the dataset's folder)",
        "unlabelled: extra.png (present, but no row names it)",
        "unlabelled: faces.csv:11 (the row has no label)",
      ]
    `);
  });

  test("reports a name that fits two files instead of choosing one", async () => {
    const { skips } = await itemsOf(list, {
      ...pictures,
      "f.csv": "path,label\nsomewhere/one.png,sad\na/one.png,happy",
    });
    expect(skipLines(skips.filter(({ reason }) => reason === "missing-file"))).toMatchInlineSnapshot(`
      [
        "missing-file: f.csv:2 ("somewhere/one.png" is not in the folder (of that name there is only "a/one.png", "b/One.PNG"))",
      ]
    `);
  });

  test("makes an id of a very long path", async () => {
    const name = `${"deep/".repeat(60)}face.png`;
    const { samples } = await itemsOf(list, { [name]: png(1), "f.csv": `path,label\n${name},sad` });
    expect(samples[0]!.id).toHaveLength(153);
  });

  test("refuses labels that nobody explains, an unknown split, and two lists", async () => {
    const rows = (text: string): Tree => ({ ...pictures, "f.csv": text });
    expect([
      await refusalOf(list, rows("path,label\na/one.png,3")),
      await refusalOf(list, rows("path,label,split\na/one.png,sad,dev2")),
      await refusalOf(list, { ...rows("path,label\na/one.png,sad"), "g.csv": "path,label\na/two.png,sad" }),
      await refusalOf(list, { ...pictures, "f.jsonl": '{"path": "a/one.png", "label": "sad"}\n{"path": ' }),
    ]).toMatchInlineSnapshot(`
      [
        "f.csv:2: the label is "3". Expected the name of an expression. Say what labels mean with --map, e.g. --map 0=anger,1=disgust.",
        "f.csv:2: the split is "dev2". Expected train, val or test. Correct the row.",
        "list: 2 lists under "<root>": f.csv, g.csv. Expected one. Say which with --file f.csv.",
        "f.jsonl, line 2: text that is not JSON. Expected a JSON object. The file may be cut off: download it again.",
      ]
    `);
  });
});
