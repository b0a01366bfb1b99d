/** What must agree: the files of `src/datasets`, the record, and the tests. */
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { adapters } from "@fer/dataset-extractors";
import { describe, expect, test } from "vitest";
import { z } from "zod";

const here = path.dirname(fileURLToPath(import.meta.url));
const names = Object.keys(adapters);

describe("the record of adapters", () => {
  test("has an entry for every file of src/datasets and no other, under its own name", () => {
    const files = readdirSync(path.join(here, "../src/datasets")).filter(
      (file) => file.endsWith(".ts") && file !== "index.ts",
    );
    expect(files.map((file) => file.replace(/\.ts$/, ""))).toEqual(names.toSorted());
    expect(Object.values(adapters).map(({ name }) => name)).toEqual(names);
  });

  test("keeps the names of the first release, which users' commands and configs hold", () => {
    const kept =
      "afew affectnet affwild2 ckplus emotionet expw fer2013 ferplus rafdb rafd sfew2 jaffe kdef folders list";
    expect(names).toEqual(expect.arrayContaining(kept.split(" ")));
  });

  test.each(names)("%s runs the contract suite on every form", (name) => {
    const text = readFileSync(path.join(here, "datasets", `${name}.test.ts`), "utf8");
    expect(text).toContain("testAdapter(");
    const missing = adapters[name]!.forms.map((form) => form.name).filter((form) => !text.includes(`form: "${form}"`));
    expect(missing).toEqual([]);
  });

  test.each(names)("%s describes every option, and gives it a default or leaves it out", (name) => {
    const { options } = adapters[name]!;
    const { properties = {} } = z.toJSONSchema(options, { io: "input" });
    const undescribed = Object.entries(properties).filter(
      ([, schema]) => !(schema as { description?: string }).description,
    );
    expect(undescribed).toEqual([]);
    expect(options.safeParse({}).success).toBe(true);
    expect(options.safeParse({ "no such option": 1 }).success).toBe(false);
  });
});
