/**
 * RAF-DB by the owner's list: `train_00001.jpg 5`. "patition" is the owner's spelling. The aligned picture of a row is
 * `train_00001_aligned.jpg`; originals are cut by the owner's box. Basic and compound lists have the same name.
 */
import { z } from "zod";
import type { ExpectedInput, Form, SampleInput, SkippedInput, Tally } from "../../adapter.js";
import { DatasetError, EXPRESSIONS } from "@fer/core";
import { type Folder, base, stem } from "../../tree/folder.js";
import { listRows } from "../../files/list-file.js";
import { unknownCode } from "../../readers/codes.js";
import { unlistedImages } from "../../readers/unlisted.js";
import type { Split } from "@fer/core/image-folder";
import { readBox, readLandmarks } from "./annotations.js";
import { BASIC, BASIC_TOTALS, COMPOUND, COMPOUND_TOTALS } from "./constants.js";

const LIST = /^list_par?tition_label\.txt$/i;
const ROWS = { basic: 15_339, compound: 3954 };
const NAME = /^(train|test)_\d+\.\w+$/i;

export const RafDbOptions = z.strictObject({
  images: z
    .enum(["aligned", "original"])
    .default("aligned")
    .describe("Which pictures to take: aligned (100x100 faces), or original (photos, cut by the owner's box)"),
  compound: z
    .enum(["refuse", "main"])
    .default("refuse")
    .describe(
      "What the compound set becomes: refused, since its classes are none of the eight; or main, the second word of each (sadly fearful: fear), with half a vote for either",
    ),
});
export type RafDbOptions = z.infer<typeof RafDbOptions>;

/** Basic and compound lists. */
export const rafdbLists: readonly Form<RafDbOptions>[] = [
  listForm("basic", BASIC_TOTALS, "basic"),
  listForm("compound", COMPOUND_TOTALS, "compound"),
];

function listForm(name: string, expected: ExpectedInput[], tree: string): Form<RafDbOptions> {
  return {
    name,
    tree: `${tree}/EmoLabel/list_patition_label.txt\n${tree}/Image/aligned/train_00001_aligned.jpg, test_0001_aligned.jpg\n${tree}/Image/original/train_00001.jpg      with Annotation/boundingbox/train_00001_boundingbox.txt`,
    expected,
    groupSpace: name === "basic" ? "rafdb" : "rafdb-compound",
    detect: async (folder) => (await findList(folder, name))?.place,
    async *read(folder, options, tally) {
      if (name === "compound" && options.compound === "refuse") throw noClasses(folder);
      const { list } = (await findList(folder, name))!;
      yield* readList(folder, list, name === "basic", options, tally);
    },
  };
}

/** The list of this kind, and the folder that holds it together with the images. */
async function findList(folder: Folder, kind: string): Promise<{ list: string; place: Folder } | undefined> {
  for (const list of folder.findFiles(LIST)) {
    const codes = (await folder.text(list))
      .trimEnd()
      .split(/\r?\n/)
      .map((row) => Number(row.split(/\s+/).at(-1)));
    const isCompound =
      codes.length === ROWS.compound || (codes.length !== ROWS.basic && codes.some((code) => code > 7));
    if (isCompound !== (kind === "compound")) continue;
    let dir = list.includes("/") ? list.slice(0, list.lastIndexOf("/")) : "";
    while (dir !== "" && folder.images(dir).length === 0)
      dir = dir.includes("/") ? dir.slice(0, dir.lastIndexOf("/")) : "";
    return { list: dir === "" ? list : list.slice(dir.length + 1), place: folder.at(dir) };
  }
  return undefined;
}

async function* readList(
  folder: Folder,
  list: string,
  isBasic: boolean,
  { images }: RafDbOptions,
  tally: Tally,
): AsyncGenerator<SampleInput | SkippedInput> {
  const dir = imageFolder(folder, images);
  const seen = new Set<string>();
  for await (const { line, name, fields } of listRows(folder.lines(list), {
    file: list,
    fields: 1,
  })) {
    tally.rows();
    const source = `${list}:${line}`;
    const code = fields[0]!;
    const split = NAME.exec(name)?.[1]?.toLowerCase() as Split | undefined;
    if (split === undefined) throw unknownCode(source, "the name", name, "train_<number>.jpg or test_<number>.jpg");
    const wanted = images === "aligned" ? name.replace(/(\.\w+)$/, "_aligned$1") : name;
    const { path: file, problem } = folder.find(wanted, dir);
    const twice = file !== undefined && seen.has(file);
    if (file !== undefined) seen.add(file);
    if (!/^\d+$/.test(code) || Number(code) < 1 || Number(code) > (isBasic ? 7 : 11)) {
      throw unknownCode(source, "the label", code, isBasic ? "a code from 1 to 7" : "a code from 1 to 11");
    }
    if (file === undefined) yield { source, reason: "missing-file", detail: problem };
    else if (twice) yield { source, reason: "invalid", detail: `"${name}" has a row already` };
    else {
      const id = stem(name);
      const meaning = isBasic ? { expression: BASIC[Number(code)]! } : compoundOf(Number(code));
      const sample = { id, image: { file }, ...meaning, split, source, rawLabel: code };
      const box = images === "original" ? await readBox(folder, id) : null;
      if (typeof box === "string") yield { source, reason: "bad-box", detail: box };
      else if (images === "aligned") yield sample;
      else yield { ...sample, box, landmarks: await readLandmarks(folder, id) };
    }
  }
  yield* unlistedImages(folder, dir, seen);
}

/** The expression that a compound one is named after, and half a vote for each of the two. */
function compoundOf(code: number): Pick<SampleInput, "expression" | "votes"> {
  const [manner, expression] = COMPOUND[code]!;
  return { expression, votes: EXPRESSIONS.map((each) => (each === expression || each === manner ? 0.5 : 0)) };
}

const noClasses = (folder: Folder): DatasetError =>
  new DatasetError({
    code: "COMPOUND_CLASSES",
    subject: "rafdb",
    found: `"${folder.root}" is the compound set: eleven classes such as "happily surprised"`,
    expected: "the basic set, whose seven classes are those of this toolkit",
    fix: 'Take the basic set, or set the option "compound" to "main" (--compound main): the second word of each class, with half a vote for either',
  });

/** The folder of the wanted pictures: `aligned` and `original` by name, wherever it lies. */
function imageFolder(folder: Folder, kind: "aligned" | "original"): string {
  const holds = (dir: string) =>
    folder.images(dir).some((file) => /_aligned\.\w+$/i.test(file) === (kind === "aligned"));
  const [dir] = folder.findFolders((path) => base(path).toLowerCase() === kind && holds(path));
  if (dir !== undefined) return dir;
  if (holds("")) return "";
  throw new DatasetError({
    code: "NO_IMAGES",
    subject: "rafdb",
    found: `no ${kind} picture under "${folder.root}"`,
    expected: kind === "aligned" ? "Image/aligned/train_00001_aligned.jpg ..." : "Image/original/train_00001.jpg ...",
    fix: `Unpack Image/${kind}.zip, or set the option "images" to "${kind === "aligned" ? "original" : "aligned"}"`,
  });
}
