/**
 * RAF-DB by the owner's list: `train_00001.jpg 5`. "patition" is the owner's spelling. The aligned picture of a row is
 * `train_00001_aligned.jpg`; originals are cut by the owner's box. Basic and compound lists have the same name.
 */
import type { Form, Misfit } from "../../definition.js";
import type { ExpectedInput, SampleInput, SkippedInput } from "../../items.js";
import { DatasetError, EXPRESSIONS } from "@fer/core";
import { listTable } from "../../files/list-file.js";
import { meaningOf, unknownCode } from "../../readers/codes.js";
import { listed } from "../../readers/listed.js";
import type { Folder } from "../../tree/folder.js";
import { fileName, fileStem, folderOf } from "../../tree/names.js";
import type { Split } from "@fer/core/image-folder";
import { readBox, readLandmarks } from "./annotations.js";
import { BASIC_TOTALS, COMPOUND, COMPOUND_TOTALS, basicClass } from "./constants.js";
import type { RafDbOptions } from "./options.js";

const LIST = /^list_par?tition_label\.txt$/i;
const ROWS = { basic: 15_339, compound: 3954 };
const NAME = /^(train|test)_\d+\.\w+$/i;
type Kind = keyof typeof ROWS;
const isAligned = (file: string) => /_aligned\.\w+$/i.test(file);

/** Basic and compound lists. */
export const rafdbLists: readonly Form<RafDbOptions>[] = [
  listForm("basic", BASIC_TOTALS),
  listForm("compound", COMPOUND_TOTALS),
];

function listForm(name: Kind, expected: ExpectedInput[]): Form<RafDbOptions> {
  return {
    name,
    tree: `${name}/EmoLabel/list_patition_label.txt\n${name}/Image/aligned/train_00001_aligned.jpg, test_0001_aligned.jpg\n${name}/Image/original/train_00001.jpg      with Annotation/boundingbox/train_00001_boundingbox.txt`,
    expected,
    groupSpace: name === "basic" ? "rafdb" : "rafdb-compound",
    async detect(folder) {
      const found = await findList(folder, name);
      return "list" in found ? found.place : found;
    },
    async *read(folder, { images, compound }) {
      if (name === "compound" && compound === "refuse") throw noClasses(folder);
      const found = await findList(folder, name);
      if (!("list" in found)) return;
      yield* listed(folder, {
        in: imageFolder(folder, images),
        rows: () => listTable(folder, { file: found.list, fields: 1 }),
        picture: (row) => (images === "aligned" ? row.name.replace(/(\.\w+)$/, "_aligned$1") : row.name),
        async read({ name: picture, fields: [code = ""], source }, file) {
          const split = NAME.exec(picture)?.[1]?.toLowerCase() as Split | undefined;
          if (split === undefined)
            throw unknownCode({
              source,
              what: "the name",
              found: picture,
              expected: "train_<number>.jpg or test_<number>.jpg",
            });
          const label = name === "basic" ? basicLabel(code, source) : compoundLabel(code, source);
          if ("reason" in label) return label;
          const id = fileStem(picture);
          const sample = { id, ...label, split, rawLabel: code };
          if (images === "aligned" || file === undefined) return sample;
          const box = await readBox(folder, id);
          if (typeof box === "string") return { reason: "bad-box", detail: box };
          return { ...sample, box, landmarks: await readLandmarks(folder, id) };
        },
      });
      const [other] = folder.findFolders(
        (path) => fileName(path).toLowerCase() === (images === "aligned" ? "original" : "aligned"),
      );
      const detail = `of the pictures, the ${images} ones are read (--images)`;
      if (other !== undefined) yield { source: other, reason: "not-chosen", detail };
      else
        for (const source of folder.images())
          if (isAligned(source) !== (images === "aligned")) yield { source, reason: "not-chosen", detail };
    },
  };
}

type Label = Pick<SampleInput, "expression" | "votes">;

function basicLabel(cell: string, source: string): Label | Omit<SkippedInput, "source"> {
  const meaning = meaningOf({ source, what: "the label", cell, table: basicClass, expected: "a code from 1 to 7" });
  return typeof meaning === "string" ? { expression: meaning } : meaning;
}

/** The expression that a compound one is named after, and half a vote for each of the two. */
function compoundLabel(cell: string, source: string): Label | Omit<SkippedInput, "source"> {
  const table = (code: string) => (Object.hasOwn(COMPOUND, code) ? COMPOUND[code]![1] : undefined);
  const meaning = meaningOf({ source, what: "the label", cell, table, expected: "a code from 1 to 11" });
  if (typeof meaning !== "string") return meaning;
  const [manner, expression] = COMPOUND[cell.trim()]!;
  return { expression, votes: EXPRESSIONS.map((each) => (each === expression || each === manner ? 0.5 : 0)) };
}

/** The list of this kind, and the folder that holds it together with the images. */
async function findList(folder: Folder, kind: Kind): Promise<{ list: string; place: Folder } | Misfit> {
  const look = folder.peek();
  const lists = look.findFiles(LIST);
  for (const list of lists) {
    const codes = (await look.text(list))
      .trimEnd()
      .split(/\r?\n/)
      .map((row) => Number(row.split(/\s+/).at(-1)));
    const isNamed = /(^|[^a-z])compound([^a-z]|$)/i.test(`${fileName(folder.root)}/${folderOf(list)}`);
    const isCompound =
      codes.length === ROWS.compound || (codes.length !== ROWS.basic && (isNamed || codes.some((code) => code > 7)));
    if (isCompound !== (kind === "compound")) continue;
    let dir = folderOf(list);
    while (dir !== "" && folder.images(dir).length === 0) dir = folderOf(dir);
    return { list: dir === "" ? list : list.slice(dir.length + 1), place: folder.at(dir) };
  }
  if (lists.length > 0) return { misses: `"${lists[0]}" is the list of the other set`, near: 0.4 };
  return { misses: "there is no EmoLabel/list_patition_label.txt", near: 0.1 };
}

const noClasses = (folder: Folder): DatasetError =>
  new DatasetError({
    code: "COMPOUND_CLASSES",
    subject: "rafdb",
    found: `"${folder.root}" is the compound set: eleven classes such as "happily surprised"`,
    expected: "the basic set, whose seven classes are those of this toolkit",
    fix: "Take the basic set, or pass --compound main: the second word of each class, with half a vote for either",
  });

/** The folder of the wanted pictures: `aligned` and `original` by name, wherever it lies. */
function imageFolder(folder: Folder, kind: RafDbOptions["images"]): string {
  const holds = (dir: string) => folder.images(dir).some((file) => isAligned(file) === (kind === "aligned"));
  const [dir] = folder.findFolders((path) => fileName(path).toLowerCase() === kind && holds(path));
  if (dir !== undefined) return dir;
  if (holds("")) return "";
  throw new DatasetError({
    code: "NO_IMAGES",
    subject: "rafdb",
    found: `no ${kind} picture under "${folder.root}"`,
    expected: kind === "aligned" ? "Image/aligned/train_00001_aligned.jpg ..." : "Image/original/train_00001.jpg ...",
    fix: `Unpack Image/${kind}.zip, or pass --images ${kind === "aligned" ? "original" : "aligned"}`,
  });
}
