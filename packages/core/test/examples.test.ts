/** The examples of docstrings and README run and print what they promise. */
import { join } from "node:path";
import { encodeNpyHeader } from "@fer/core";
import { Manifest } from "@fer/core/artifact";
import { manifestName, partFiles } from "@fer/core/set";
import { writeFileSync } from "node:fs";
import { testExamples } from "../../../test/examples.ts";
import { tinySet } from "../../fer-model/test/tiny-set.ts";

testExamples(join(import.meta.dirname, ".."), {
  async prepare() {
    for (const name of ["mix", "ckplus"]) {
      (await tinySet("features", { name, size: 48 })).close();
      const files = [
        `${name}.json`,
        ...(["train", "test"] as const).flatMap((part) => Object.values(partFiles({ folder: "", name }, part))),
      ];
      await Manifest.write("features", { name: manifestName(name), artifact: "set", identity: {}, files });
    }
    (await tinySet("features", { name: "ckplus-10", size: 48, perGroup: 3, folds: 10 })).close();
    writeFileSync("0_exp.npy", Buffer.concat([encodeNpyHeader("uint8", []), Uint8Array.of(3)]));
  },
});
