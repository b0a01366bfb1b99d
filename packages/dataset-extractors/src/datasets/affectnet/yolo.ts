/**
 * Copies of AffectNet in the layout of YOLO: a text file beside each picture with rows `class cx cy w h` in parts of
 * the picture's size. The class names are in `data.yaml`; their order is the copier's, not AffectNet's.
 */
import type { Form, SampleInput, SkippedInput, Tally } from "../../adapter.js";
import { expressionNamed, type Expression } from "@fer/core";
import { splitOf } from "../../readers/class-folders.js";
import { type Folder, base, stem } from "../../tree/folder.js";
import { pictureHeader } from "../../readers/picture-header.js";
import { decimal } from "../../files/cells.js";
import { unknownCode } from "../../readers/codes.js";
import type { AffectNetOptions } from "./options.js";

const SPLITS = { train: "train", valid: "val", val: "val", test: "test" } as const;

/** The form. */
export const yolo: Form<AffectNetOptions> = {
  name: "yolo",
  tree: "data.yaml\n{train,valid,test}/images/<name>.jpg\n{train,valid,test}/labels/<name>.txt      rows: class cx cy w h",
  detect: (folder) => {
    const [file] = folder.findFiles(/^data\.ya?ml$/i);
    return file !== undefined && folder.files.some((path) => /(^|\/)labels\/[^/]+\.txt$/.test(path))
      ? folder
      : undefined;
  },
  async *read(folder, _options, tally) {
    const [yaml] = folder.findFiles(/^data\.ya?ml$/i);
    const classes = yamlNames(await folder.text(yaml!));
    for (const file of folder.images()) {
      if (/(^|\/)images\/[^/]+$/.test(file)) yield* readImage(folder, file, classes, yaml!, tally);
    }
  },
};

async function* readImage(
  folder: Folder,
  file: string,
  classes: readonly string[],
  yaml: string,
  tally: Tally,
): AsyncGenerator<SampleInput | SkippedInput> {
  const dirs = file.split("/").slice(0, -2);
  const labels = [...dirs, "labels", `${stem(file)}.txt`].join("/");
  const rows = folder.has(labels) ? (await folder.text(labels)).split(/\r?\n/).filter((row) => row.trim() !== "") : [];
  if (rows.length === 0) {
    yield { source: file, reason: "unlabelled", detail: "no row of labels belongs to it", listed: false };
    return;
  }
  const header = await pictureHeader(folder, file);
  for (const [index, row] of rows.entries()) {
    tally.rows();
    const source = `${labels}:${index + 1}`;
    const [code, ...cells] = row.trim().split(/\s+/);
    const name = /^\d+$/.test(code!) ? classes[Number(code)] : undefined;
    const expression: Expression | undefined = expressionNamed(name ?? "");
    if (expression === undefined)
      throw unknownCode(source, "the class", code!, `a class of ${yaml}: ${classes.join(", ")}`);
    const [cx, cy, w, h] = cells.map(decimal);
    if (typeof header === "string") yield { source, reason: "undecodable", detail: header };
    else if (cx === undefined || cy === undefined || w === undefined || h === undefined || w <= 0 || h <= 0) {
      yield { source, reason: "bad-box", detail: `box "${cells.join(" ")}" is not four numbers with a size` };
    } else {
      const turned = header.orientation >= 5;
      const [width, height] = turned ? [header.height, header.width] : [header.width, header.height];
      yield {
        id: rows.length === 1 ? stem(file) : `${stem(file)}_${index}`,
        image: { file },
        expression,
        split: splitOf(dirs, SPLITS) ?? "all",
        group: rows.length === 1 ? null : base(file),
        box: { x: (cx - w / 2) * width, y: (cy - h / 2) * height, width: w * width, height: h * height },
        source,
        rawLabel: name!,
      };
    }
  }
}

/** The `names` of a YOLO data file by number: `[a, b]`, a list of `- a`, or `0: a`. */
function yamlNames(text: string): string[] {
  const clean = (name: string) => name.trim().replace(/^['"]|['"]$/g, "");
  const inline = /^names:\s*\[([^\]]*)\]/m.exec(text)?.[1];
  if (inline !== undefined) return inline.split(",").map(clean);
  const block = /^names:[ \t]*\r?\n((?:[ \t]*(?:-|\d+:)[^\n]*\n?)+)/m.exec(text)?.[1] ?? "";
  const names: string[] = [];
  for (const [, key, name] of block.matchAll(/^[ \t]*(?:-|(\d{1,3}):)([^\n]*)/gm))
    names[Number(key ?? names.length)] = clean(name!);
  return names;
}
