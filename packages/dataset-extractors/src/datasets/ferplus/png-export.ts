/**
 * The png export of the authors' code: `FER2013Train`, `FER2013Valid` and `FER2013Test` with `fer<7 digits>.png`, and in
 * each a `label.csv` without header. Exports without `label.csv` are joined to `fer2013new.csv` by name; of a name that
 * occurs twice, the later row overwrote the picture of the earlier one. The numbers of the names are the authors': an
 * export that counts the rows of `fer2013.csv` has other pictures under them, and is refused.
 */
import { DatasetError } from "@fer/core";
import type { Form } from "../../definition.js";
import { csvTable } from "../../files/csv.js";
import { listed } from "../../readers/listed.js";
import { splitOf } from "../../readers/splits.js";
import type { Folder } from "../../tree/folder.js";
import { fileName, fileStem, folderOf } from "../../tree/names.js";
import type { Split } from "@fer/core/image-folder";
import { joined, splitOfUsage, voteRows, voteTable } from "./joined.js";
import { VOTES, VOTE_TOTALS, labelled, type FerPlusOptions } from "./votes.js";

const PARTS = { fer2013train: "train", fer2013valid: "val", fer2013test: "test" } as const satisfies Record<
  string,
  Split
>;
const COLUMNS = ["name", "box", ...VOTES] as const;
const PICTURE = /^fer\d{7}\.\w+$/i;

/** Pictures with a `label.csv` beside them. */
export const labelCsv: Form<FerPlusOptions> = {
  name: "label-csv",
  tree: "FER2013Train/label.csv, fer0000000.png ...\nFER2013Valid/label.csv, ...\nFER2013Test/label.csv, ...",
  expected: ({ rule }) => (rule === "majority" ? VOTE_TOTALS["label-csv"] : []),
  detect(folder) {
    if (labelFiles(folder).length > 0) return folder;
    const [file] = folder.findFiles("label.csv");
    if (file === undefined) return undefined;
    return {
      misses: `"${file}" has no pictures beside it, or does not lie in FER2013Train, FER2013Valid or FER2013Test`,
      near: 0.5,
    };
  },
  async *read(folder, options) {
    const rule = voteRule(options);
    for (const { file, dir, split } of labelFiles(folder)) {
      yield* listed(folder, {
        in: dir,
        rows: () => csvTable(folder, { file, required: COLUMNS, positional: COLUMNS }),
        picture: ({ name }) => name,
        read(row) {
          const label = labelled(row, { source: row.source, rule });
          return "reason" in label ? label : { ...label, split };
        },
      });
    }
  },
};

/** Pictures by name, where there is neither a `label.csv` nor `fer2013.csv`. */
export const pngNames: Form<FerPlusOptions> = {
  name: "png-names",
  tree: "fer2013new.csv\nFER2013Train/fer0000000.png ...      no label.csv",
  async detect(folder, options) {
    if (labelFiles(folder).length > 0 || !folder.images().some((file) => PICTURE.test(fileName(file))))
      return undefined;
    if ((await joined.detect(folder, options)) === folder) return undefined;
    if ((await voteTable(folder)) !== undefined) return folder;
    return { misses: "there are pictures fer<number>.png, and no fer2013new.csv with their votes", near: 0.6 };
  },
  async *read(folder, options) {
    const rule = voteRule(options);
    const votes = (await voteTable(folder))!;
    const last = new Map<string, string>();
    for await (const row of voteRows(folder, votes)) last.set(row["Image name"].trim(), row.source);
    checkNames(folder, { votes, names: last });
    yield* listed(folder, {
      rows: () => voteRows(folder, votes),
      byName: true,
      picture(row) {
        const name = row["Image name"].trim();
        const later = last.get(name);
        const line = later?.slice(later.lastIndexOf(":") + 1);
        return later === row.source || name === "" ? name : { problem: `row ${line} overwrote "${name}"` };
      },
      read(row, file) {
        const split = splitOfUsage(row.Usage, row.source);
        const label = labelled(row, { source: row.source, rule });
        if ("reason" in label) return label;
        const part = file === undefined ? undefined : splitOf(folderOf(file).split("/"), PARTS);
        if (part !== undefined && part !== split)
          return { reason: "invalid", detail: `its Usage is "${row.Usage.trim()}", but the picture is "${file}"` };
        return { ...label, split };
      },
    });
  },
};

/** The rule of files that have votes and not the classes of FER2013. */
function voteRule({ rule }: FerPlusOptions) {
  if (rule !== "fer2013") return rule;
  throw new DatasetError({
    code: "NO_OWNER_CLASSES",
    subject: "ferplus --rule fer2013",
    found: "pictures of FER+'s export, which do not say what FER2013 calls them",
    expected: "fer2013.csv beside fer2013new.csv",
    fix: "Pass the folder of these two files, or make the class of the votes: --rule majority",
  });
}

/** Every picture of the authors' export has a row; one that counts the rows of fer2013.csv has others as well. */
function checkNames(folder: Folder, { votes, names }: { votes: string; names: ReadonlyMap<string, unknown> }): void {
  const stems = new Set([...names.keys()].map((name) => fileStem(name).toLowerCase()));
  const pictures = folder.images().filter((file) => PICTURE.test(fileName(file)));
  const strangers = pictures.filter((file) => !stems.has(fileStem(file).toLowerCase()));
  if (strangers.length === 0) return;
  throw new DatasetError({
    code: "OTHER_NUMBERING",
    subject: "ferplus",
    found: `${strangers.length} of ${pictures.length} pictures, "${strangers[0]}" the first, have names that ${votes} does not have`,
    expected:
      "pictures under the authors' names: the number in a name is not that of the row in fer2013.csv, and counts otherwise",
    fix: "Pass fer2013.csv with fer2013new.csv, or the export of the authors' code; remove pictures that are not part of it",
  });
}

/** `label.csv` files with pictures beside them, in the order train, valid, test. */
function labelFiles(folder: Folder): { file: string; dir: string; split: Split }[] {
  const files = folder.findFiles("label.csv").map((file) => ({ file, dir: folderOf(file) }));
  return Object.entries(PARTS).flatMap(([name, split]) =>
    files
      // the folder that was passed may itself be a part
      .filter(({ dir }) => fileName(dir === "" ? folder.root.replaceAll("\\", "/") : dir).toLowerCase() === name)
      .filter(({ dir }) => folder.images(dir).length > 0)
      .map(({ file, dir }) => ({ file, dir, split })),
  );
}
