import { mkdtemp, readFile, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { filesBelow, Manifest } from "@fer/core/artifact";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "fer-manifest-"));
  await writeFile(join(root, "a.txt"), "first");
  await writeFile(join(root, "b.txt"), "second");
  await Manifest.write(root, { artifact: "test", identity: { seed: 1 }, files: await filesBelow(root) });
});
afterEach(() => rm(root, { recursive: true, force: true }));

const open = async (): Promise<Manifest> => (await Manifest.read(root))!;
const message = async (run: () => Promise<unknown>): Promise<string> => {
  const error = await run().then(
    () => new Error("nothing was noticed"),
    (reason: unknown) => reason as Error,
  );
  return error.message.replaceAll(root, "<root>");
};

describe("a manifest", () => {
  it("knows the files, and finds nothing wrong with them", async () => {
    const manifest = await open();
    expect(manifest.files).toEqual(["a.txt", "b.txt"]);
    expect(manifest.identity).toEqual({ seed: 1 });
    await manifest.verify();
    expect(String(await manifest.readFile("a.txt"))).toBe("first");
  });

  it.each([
    ["emptied", "it has 0 bytes instead of 5", () => truncate(join(root, "a.txt"), 0)],
    ["truncated", "it has 3 bytes instead of 5", () => truncate(join(root, "a.txt"), 3)],
    ["flipped", "its content has changed since it was written", () => writeFile(join(root, "a.txt"), "fIrst")],
    ["removed", "it is missing", () => rm(join(root, "a.txt"))],
    [
      "swapped with another",
      "its content has changed since it was written",
      () => writeFile(join(root, "a.txt"), "other"),
    ],
  ])("notices a file that was %s", async (_what, found, damage) => {
    await damage();
    const expected = `<root>/a.txt: ${found}. Expected the file as it was written. Restore it or make the artifact again; if you changed it on purpose, run fer inspect <artifact> --accept.`;
    expect(await (await open()).damages()).toMatchObject([{ file: "a.txt", found }]);
    expect(await message(async () => (await open()).verify())).toBe(expected);
    expect(await message(async () => (await open()).readFile("a.txt"))).toBe(expected);
  });

  it("notices what was done to itself", async () => {
    const path = join(root, "manifest.json");
    const text = await readFile(path, "utf8");
    await writeFile(path, text.replace('"seed": 1', '"seed": 2'));
    expect(await message(open)).toMatchInlineSnapshot(
      `"<root>/manifest.json: its content has changed since it was written. Expected the file as it was written. Restore it or make the artifact again; if you changed it on purpose, run fer inspect <artifact> --accept."`,
    );
    await writeFile(path, "");
    expect(await message(open)).toMatchInlineSnapshot(
      `"<root>/manifest.json: it is empty. Expected the file as it was written. Restore it or make the artifact again; if you changed it on purpose, run fer inspect <artifact> --accept."`,
    );
    await rm(path);
    expect(await Manifest.read(root)).toBeNull();
  });

  it("takes down a change that was meant", async () => {
    await writeFile(join(root, "a.txt"), "edited");
    await writeFile(join(root, "c.txt"), "third");
    await (await open()).update({ changed: ["a.txt", "c.txt"], removed: ["b.txt"], accepted: ["a.txt"] });
    const manifest = await open();
    expect(manifest.files).toEqual(["a.txt", "c.txt"]);
    expect(manifest.accepted).toEqual(["a.txt"]);
    await manifest.verify();
  });
});
