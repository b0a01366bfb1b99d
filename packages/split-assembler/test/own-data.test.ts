/** Own pictures in two folders, from extraction to set: whether "p1" of the one is "p1" of the other is said, not guessed. */
import { cpSync } from "node:fs";
import { extract } from "@fer/dataset-extractors";
import { Assembler } from "@fer/split-assembler";
import { describe, expect, it } from "vitest";
import { testFolder } from "./fixtures/folder.ts";
import { balancedImages, writeImageFolder } from "./fixtures/image-folder.ts";

const folder = testFolder();
/** Pictures in class folders, `p<k>_<name>.png`, of five people each; other pixels in each place. */
const pictures = (...place: string[]): string => {
  const images = balancedImages({ prefix: `${place.join("-")}-` }).map((image, i) =>
    Object.assign(image, { id: `p${i % 5}_${image.id}` }),
  );
  cpSync(`${writeImageFolder(folder.at("made", ...place), images)}/all`, folder.at(...place), { recursive: true });
  return folder.at(...place);
};
let made = 0;
const extracted = async (from: string, groupSpace?: string): Promise<string> => {
  const to = folder.at(`images-${(made += 1)}`);
  const options = { subjectPattern: String.raw`(p\d)_`, ...(groupSpace === undefined ? {} : { groupSpace }) };
  await extract({ adapter: "folders", from, to, options, workers: 1 });
  return to;
};
const groupsOf = async (...folders: string[]): Promise<string[]> => {
  const name = `set-${(made += 1)}`;
  const set = await new Assembler({ name, to: folder.at("sets"), split: "subject", near: false }).assemble(folders);
  const groups = new Set<string>();
  for (const part of set.parts) for (const group of await set.part(part).groups()) groups.add(group!);
  expect(set.info.leaks.groups).toBe(0);
  set.close();
  return [...groups].sort();
};

describe("people of own data", () => {
  const five = (space: string) => [0, 1, 2, 3, 4].map((k) => `${space}/p${k}`);

  it("of folders with two names are ten", async () => {
    const folders = [await extracted(pictures("office")), await extracted(pictures("home"))];
    expect(await groupsOf(...folders)).toEqual([...five("own/home"), ...five("own/office")]);
  });

  it("of two folders with one name must be told apart, or be said to be the same", async () => {
    const [a, b] = [pictures("a", "faces"), pictures("b", "faces")];
    const refused = await groupsOf(await extracted(a), await extracted(b)).catch((error: Error) => error.message);
    expect(refused).toMatch(
      /nothing says whether they show the same people\. Expected a group space of its own for each/,
    );
    expect(await groupsOf(await extracted(a, "summer"), await extracted(b, "winter"))).toEqual([
      ...five("summer"),
      ...five("winter"),
    ]);
    expect(await groupsOf(await extracted(a, "staff"), await extracted(b, "staff"))).toEqual(five("staff"));
  });
});
