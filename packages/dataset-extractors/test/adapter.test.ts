import { defineAdapter } from "@fer/dataset-extractors";
import { Folder, safeId } from "@fer/dataset-extractors/readers";
import type { Form } from "@fer/dataset-extractors";
import { expect, test } from "vitest";
import { z } from "zod";
import { png } from "./fixtures/images.js";
import { temporaryFolder, writeTree } from "./fixtures/tree.js";

const form = (name: string, fits = true): Form => ({
  name,
  tree: "*.png",
  detect: (folder) => (fits ? folder : undefined),
  async *read() {
    yield { id: "a", image: { file: "a.png" }, expression: "happy", source: "a.png" };
  },
});

const define = (forms: Form[], more: object = {}) =>
  defineAdapter({
    name: "toy",
    title: "Toy",
    citation: "none",
    licence: "none",
    homepage: "none",
    access: "none",
    imageKind: "crop",
    groupKind: "none",
    groupSpace: "toy",
    splits: ["all"],
    verified: "synthetic only",
    options: z.strictObject({ level: z.number().default(1).describe("a number") }),
    forms,
    ...more,
  });

const folder = () => Folder.open(writeTree(temporaryFolder(), { "a.png": png(1) }));
const hidden = (error: Error, root: string) => error.message.replaceAll(root, "<root>");

test("a malformed definition is refused by what is wrong with it", () => {
  expect(() =>
    define([form("a"), form("a")], { name: "My Toy", groupKind: "person" }),
  ).toThrowErrorMatchingInlineSnapshot(
    `[OptionsError: adapter "My Toy": name: received "My Toy". Expected must match pattern /^[a-z0-9]+(-[a-z0-9]+)*$/. groupKind: received "person" (expected one of subject, clip, video, photo, none). forms: received [{"name":"a","tree":"*.png"},{"name":"a","tree":"*.png"}] (expected form names must differ).]`,
  );
});

test("two forms that fit are both named, and one has to be chosen", async () => {
  const adapter = define([form("a"), form("b"), form("c", false)]);
  const tree = await folder();
  const message = await adapter.detect(tree).catch((error: Error) => hidden(error, tree.root));
  expect(message).toMatchInlineSnapshot(
    `"toy: "<root>" fits several forms: a, b. Expected one. Say which with --form a or --form b."`,
  );
  expect((await adapter.detect(tree, { form: "b" })).form.name).toBe("b");
});

test("a named form that does not fit is refused", async () => {
  const tree = await folder();
  const message = await define([form("a"), form("c", false)])
    .detect(tree, { form: "c" })
    .catch((error: Error) => hidden(error, tree.root));
  expect(message).toMatchInlineSnapshot(
    `"toy: 1 file, 1 of them images, first "a.png", under "<root>" does not fit the form "c". Expected the form c ("fer datasets toy" shows what they look like). Pass the folder that contains it."`,
  );
});

test("items come parsed, with every key", async () => {
  const items: unknown[] = [];
  for await (const item of define([form("a")]).read(await folder())) items.push(item);
  expect(items).toMatchInlineSnapshot(`
    [
      {
        "actionUnits": null,
        "arousal": null,
        "box": null,
        "expression": "happy",
        "frame": null,
        "id": "a",
        "image": {
          "file": "a.png",
        },
        "landmarks": null,
        "rawLabel": null,
        "source": "a.png",
        "split": "all",
        "subject": null,
        "valence": null,
        "votes": null,
      },
    ]
  `);
});

test("wrong options are named beside the known ones", async () => {
  const tree = await folder();
  await expect(
    define([form("a")]).detect(tree, { options: { levle: 2, level: "x" } }),
  ).rejects.toThrowErrorMatchingInlineSnapshot(
    `[OptionsError: toy options: level: received "x". Expected a number. Unknown option "levle". Did you mean "level"?]`,
  );
});

test("a safe id has no separator, no hidden file and nothing that Windows forbids", () => {
  expect(["a/b\\c", ".hidden", 'x:y*?"<>|', "tab\there"].map(safeId)).toEqual([
    "a__b__c",
    "_hidden",
    "x_y______",
    "tab_here",
  ]);
});
