/** Copies of AffectNet with one index csv, `phase,img_path,label` or `number,exp,val,aro`, in AffectNet's codes. */
import { safeId } from "../../adapter.js";
import type { Form } from "../../adapter.js";
import { splitOf } from "../../readers/class-folders.js";
import { csvRecords, csvRows, headedTables } from "../../files/csv.js";
import type { Folder } from "../../tree/folder.js";
import { unlistedImages } from "../../readers/unlisted.js";
import { affect, readCode } from "./codes.js";
import { npy2021 } from "./npy-2021.js";
import type { AffectNetOptions } from "./options.js";

const SPLITS = { train: "train", trainset: "train", val: "val", valid: "val", valset: "val", test: "test" } as const;
const BY_PATH = ["phase", "img_path", "label"];
const BY_NUMBER = ["number", "exp", "val", "aro"];

/** The form. */
export const indexCsv: Form<AffectNetOptions> = {
  name: "index-csv",
  tree: "<any>.csv      phase,img_path,label   or   number,exp,val,aro\n<pictures>",
  async detect(folder, options) {
    // beside the .npy of 2021 the csv is only a copy of them
    if ((await npy2021.detect(folder, options)) !== undefined) return undefined;
    return (await tables(folder)).length > 0 ? folder : undefined;
  },
  async *read(folder, _options, tally) {
    const seen = new Set<string>();
    for (const file of await tables(folder)) {
      const optional = [...BY_PATH, ...BY_NUMBER];
      for await (const { line, values } of csvRecords(csvRows(folder.lines(file), { file }), {
        file,
        required: [],
        optional,
      })) {
        tally.rows();
        const source = `${file}:${line}`;
        const dir = file.split("/").slice(0, -1).join("/");
        const name = values.img_path || `${values.number!.trim()}.jpg`;
        const code = values.label || values.exp!;
        const { path, problem } = folder.find(name, dir);
        if (path !== undefined) seen.add(path);
        const expression = readCode(code, source);
        if (typeof expression !== "string") yield expression;
        else if (path === undefined) yield { source, reason: "missing-file", detail: problem };
        else {
          const split = splitOf([...path.split("/"), values.phase ?? ""], SPLITS) ?? "all";
          const [valence, arousal] = [affect(values.val), affect(values.aro)];
          const id = safeId(path.replace(/\.[^./]*$/, ""));
          yield { id, image: { file: path }, expression, split, source, rawLabel: code, valence, arousal };
        }
      }
    }
    yield* unlistedImages(folder, "", seen);
  },
};

const tables = async (folder: Folder) => [
  ...(await headedTables(folder, BY_PATH)),
  ...(await headedTables(folder, BY_NUMBER)),
];
