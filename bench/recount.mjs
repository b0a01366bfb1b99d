/**
 * Twins of FER2013, recounted by a Python script that knows nothing of @fer: the public test part and training (of the
 * archive in `FER_DATA`), as they are and after `leaks: "drop-from-train"`; and FER2013 merged with the FER+ that is made
 * of it, which must be seen to be the same pictures.
 */
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { extract } from "@fer/dataset-extractors";
import { Assembler } from "@fer/split-assembler";

export const title = "Twins of FER2013, recounted";
export const peers = "Python, numpy: equal bytes, and correlation of all pixels";

const at = (path) => fileURLToPath(new URL(path, import.meta.url));

export async function run({ log, python }) {
  if (python === undefined) throw new Error("Set FER_PYTHON to a Python with numpy");
  const data = process.env.FER_DATA;
  if (data === undefined) throw new Error("Set FER_DATA to the folder with fer2013-train-and-public.tar.gz");
  const scratch = mkdtempSync(join(process.env.FER_BENCH_SCRATCH ?? tmpdir(), "fer-bench-recount-"));
  try {
    const [owner, images, plus] = ["owner", "images", "plus"].map((name) => join(scratch, name));
    mkdirSync(owner);
    execFileSync("tar", ["xzf", join(data, "fer2013-train-and-public.tar.gz"), "-C", owner]);
    await extract({ adapter: "fer2013", from: owner, to: images, workers: 2 });
    const assemble = async (name, options) => {
      const to = join(scratch, name);
      const set = await new Assembler({ name: "set", split: "official", page: false, to, ...options }).assemble([
        images,
      ]);
      set.close();
      log(`${name}: ${JSON.stringify({ leaks: set.info.leaks, thinned: set.info.thinned })}`);
      return join(to, "set");
    };
    const before = await assemble("before", { near: false });
    const after = await assemble("after", { leaks: "drop-from-train" });
    const found = JSON.parse(
      execFileSync(python, [at("peers/recount_twins.py"), before, after, "test"], { encoding: "utf8" }),
    );
    log(JSON.stringify(found));

    execFileSync(process.execPath, [at("fer2013-tables.mjs"), join(scratch, "tables")], { stdio: "inherit" });
    await extract({ adapter: "ferplus", from: join(scratch, "tables"), to: plus, workers: 2 });
    const options = { name: "both", split: "ratio", near: false };
    const { sharedPictures, leaks } = await new Assembler(options).plan([images, plus]);
    log(JSON.stringify({ sharedPictures, leaks }));

    const row = (name, subject, value, unit) => ({ subject, case: name, value, unit, ratio: null });
    const name = `FER2013, ${found.images.train.toLocaleString("en-US")} + ${found.images.test.toLocaleString("en-US")}`;
    return [
      ...["before", "after"].flatMap((when) => [
        row(`${name}, ${when}`, "tested images with the same pixels in train", found[when].exact, "images"),
        row(`${name}, ${when}`, "with a correlation of at least 0.98 there", found[when].alike, "images"),
      ]),
      row(
        `${name}, after`,
        "the tested part has the same bytes",
        Number(found["tested part has the same bytes"]),
        "of 1",
      ),
      row(`${name}, after`, "train is what it was but for the rows listed", Number(found["train is the rest"]), "of 1"),
      row(`${name}, after`, "rows listed as exact twins", found.listed.exact, "rows"),
      row(`${name}, after`, "rows listed as near ones", found.listed.near, "rows"),
      ...(sharedPictures ?? []).map(({ datasets, pictures, allOf = [] }) =>
        row(
          datasets.join(" and "),
          `pictures in common${allOf.length === 0 ? "" : `, all of ${allOf.join(" and of ")}`}`,
          pictures,
          "pictures",
        ),
      ),
    ];
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}
