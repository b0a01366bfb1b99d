/** The life cycle of an artifact: kept, refused, resumed, published. What several processes do is in `processes.test.ts`. */
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readdir, readFile, realpath, rename, rm, stat, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build, type BuildOptions, type Workplace } from "@fer/core/artifact";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

let root: string;
beforeEach(async () => {
  root = await realpath(await mkdtemp(join(tmpdir(), "fer-build-")));
});
afterEach(() => rm(root, { recursive: true, force: true }));

const at = (path: string): string => join(root, path);

/** An artifact of one number: `answer.json` holds its identity and `data/number.txt` the number. */
const answer = (number: number, more: Partial<BuildOptions> = {}): BuildOptions => ({
  subject: "answer",
  to: at("out"),
  description: "answer.json",
  identity: { options: { number } },
  read: async (folder) => {
    const text = await readFile(join(folder, "answer.json"), "utf8").catch(() => null);
    return text === null ? null : { identity: JSON.parse(text) };
  },
  ...more,
});

const write =
  (number: number) =>
  async ({ tree }: Workplace): Promise<number> => {
    await mkdir(join(tree, "data"), { recursive: true });
    await writeFile(join(tree, "data", "number.txt"), String(number));
    await writeFile(join(tree, "answer.json"), JSON.stringify({ options: { number } }));
    return number;
  };

const message = async (run: Promise<unknown>): Promise<string> => {
  const error = await run.then(
    () => new Error("it was accepted"),
    (reason: unknown) => reason as Error,
  );
  return error.message.replaceAll(root, "<root>");
};

const read = (path: string): Promise<string> => readFile(at(path), "utf8");
/** The folder of unfinished work. */
const workOf = async (): Promise<string> => {
  const names = await readdir(at(".out.partial"));
  expect(names).toHaveLength(1);
  return join(at(".out.partial"), names[0]!);
};
const number = (): Promise<string> => read("out/data/number.txt");

describe("build", () => {
  it("makes, then keeps, and leaves nothing beside it", async () => {
    expect(await build(answer(1), write(1))).toEqual({ status: "made", folder: at("out"), value: 1 });
    expect(await build(answer(1), write(2))).toEqual({ status: "kept", folder: at("out") });
    expect(await number()).toBe("1");
    expect(await readdir(root)).toEqual(["out"]);
  });

  it("refuses another one with the differences, and replaces it when told to", async () => {
    await build(answer(1), write(1));
    expect(await message(build(answer(2), write(2)))).toMatchInlineSnapshot(
      `"answer: "<root>/out" was made otherwise: number 1 there, 2 asked for. Expected the same options and data. Choose another --to, or pass --overwrite (overwrite: true) to replace it; nothing was changed."`,
    );
    expect(await number()).toBe("1");
    expect((await build(answer(2, { overwrite: true }), write(2))).status).toBe("made");
    expect(await number()).toBe("2");
    expect(await readdir(root)).toEqual(["out"]);
  });

  it("makes again what is outdated", async () => {
    await build(answer(1), write(1));
    await build(answer(2, { isOutdated: ([first]) => first!.key === "options.number" }), write(2));
    expect(await number()).toBe("2");
    await build(answer(2, { isCurrent: async () => false }), write(3));
    expect(await number()).toBe("3");
  });

  it("refuses what it has not made, also with overwrite", async () => {
    await mkdir(at("out"));
    await writeFile(at("out/thesis.txt"), "years of work");
    expect(await message(build(answer(1, { overwrite: true }), write(1)))).toMatchInlineSnapshot(
      `"answer: "<root>/out" holds "thesis.txt" and not what answer writes. Expected a new or empty folder, or an earlier output. Choose another --to; nothing was changed."`,
    );
    expect(await read("out/thesis.txt")).toBe("years of work");
    expect(await readdir(root)).toEqual(["out"]);
  });

  it("says why what is there cannot be kept", async () => {
    await build(answer(1), write(1));
    const existing = { identity: { options: { number: 1 } }, problem: "data/number.txt is missing" };
    expect(await message(build(answer(1, { read: async () => existing }), write(1)))).toMatchInlineSnapshot(
      `"answer: "<root>/out" cannot be kept: data/number.txt is missing. Expected a whole output of this version, or a new target. Choose another --to, or pass --overwrite (overwrite: true) to make it again; nothing was changed."`,
    );
  });

  describe("after a failure", () => {
    const fails = async ({ tree, scratch }: Workplace): Promise<never> => {
      await writeFile(join(tree, "half.txt"), "half");
      await writeFile(join(scratch, "state.txt"), "epoch 3");
      throw new Error("the power went");
    };

    it("goes on with unfinished work of the same identity", async () => {
      expect(await message(build(answer(1, { resume: true }), fails))).toBe("the power went");
      expect(existsSync(at("out"))).toBe(false);
      const seen: string[] = [];
      const built = await build(answer(1, { resume: true }), async (place) => {
        seen.push(
          await readFile(join(place.tree, "half.txt"), "utf8"),
          await readFile(join(place.scratch, "state.txt"), "utf8"),
        );
        await rm(join(place.tree, "half.txt"));
        return write(1)(place);
      });
      expect(built.status).toBe("resumed");
      expect(seen).toEqual(["half", "epoch 3"]);
      expect(await readdir(root)).toEqual(["out"]);
    });

    it("never deletes unfinished work of another identity, unless told to", async () => {
      await message(build(answer(1, { resume: true }), fails));
      expect(await message(build(answer(2, { resume: true }), write(2)))).toMatchInlineSnapshot(
        `"answer: "<root>/.out.partial" holds unfinished work of other options: number 1 there, 2 asked for. Expected the same options, which go on with it. Pass the same options, choose another --to, or pass --overwrite (overwrite: true) to discard that work."`,
      );
      expect(await readFile(join(await workOf(), "scratch/state.txt"), "utf8")).toBe("epoch 3");
      expect((await build(answer(2, { resume: true, overwrite: true }), write(2))).status).toBe("made");
      expect(await number()).toBe("2");
    });

    it("keeps it beside a finished artifact of other options", async () => {
      await build(answer(1), write(1));
      await message(build(answer(2, { resume: true, overwrite: true }), fails));
      expect((await build(answer(1), write(1))).status).toBe("kept");
      expect(await readFile(join(await workOf(), "scratch/state.txt"), "utf8")).toBe("epoch 3");
    });

    it("leaves nothing where work cannot be resumed, or is of no use", async () => {
      await message(build(answer(1), fails));
      expect(await readdir(root)).toEqual([]);
      await message(build(answer(1, { resume: true, keepsAfter: () => false }), fails));
      expect(await readdir(root)).toEqual([]);
    });

    it("keeps the old artifact whole", async () => {
      await build(answer(1), write(1));
      await message(build(answer(2, { overwrite: true }), fails));
      expect(await number()).toBe("1");
    });
  });

  describe("targets", () => {
    it("fills an empty folder that is there, without replacing it", async () => {
      await mkdir(at("out"), { mode: 0o750 });
      const { ino } = await stat(at("out"));
      await build(answer(1), write(1));
      expect((await stat(at("out"))).ino).toBe(ino);
      expect(await number()).toBe("1");
    });

    it("writes to where a symbolic link points, also to nothing yet", async () => {
      await mkdir(at("disk"));
      await symlink(at("disk"), at("out"));
      await build(answer(1), write(1));
      expect(await read("disk/data/number.txt")).toBe("1");
      await symlink(at("disk2/later"), at("out2"));
      await build(answer(1, { to: at("out2") }), write(1));
      expect(await read("disk2/later/data/number.txt")).toBe("1");
      expect(await realpath(at("out2"))).toBe(at("disk2/later"));
    });

    it("writes into the current folder", async () => {
      await mkdir(at("here"));
      const before = process.cwd();
      process.chdir(at("here"));
      try {
        await build(answer(1, { to: "." }), write(1));
        expect(process.cwd()).toBe(at("here"));
        expect(await readdir(".")).toEqual(["answer.json", "data"]);
      } finally {
        process.chdir(before);
      }
    });

    it("makes the folders above", async () => {
      await build(answer(1, { to: at("a/b/c") }), write(1));
      expect(await read("a/b/c/data/number.txt")).toBe("1");
    });

    it("says what is in the way", async () => {
      await writeFile(at("file"), "");
      expect(await message(build(answer(1, { to: at("file/out") }), write(1)))).toMatchInlineSnapshot(
        `"answer: "<root>/file/out" cannot be written: a part of the path is a file, not a folder (ENOTDIR). Expected a folder that can be written. Choose another --to, or change its permissions."`,
      );
      expect(await message(build(answer(1, { to: at("file") }), write(1)))).toMatchInlineSnapshot(
        `"answer: "<root>/file" cannot be written: a part of the path is a file, not a folder (ENOTDIR). Expected a folder that can be written. Choose another --to, or change its permissions."`,
      );
    });

    it("puts files of several names into one folder, and touches only its own", async () => {
      const named = (name: string, number: number, more: Partial<BuildOptions> = {}): BuildOptions =>
        answer(number, {
          name,
          description: `${name}.json`,
          read: async (folder) => {
            const text = await readFile(join(folder, `${name}.json`), "utf8").catch(() => null);
            return text === null ? null : { identity: JSON.parse(text) };
          },
          ...more,
        });
      const files =
        (name: string, number: number, part = "train") =>
        async ({ tree }: Workplace): Promise<void> => {
          await writeFile(join(tree, `${name}_${part}.txt`), String(number));
          await writeFile(join(tree, `${name}.json`), JSON.stringify({ options: { number } }));
        };
      await build(named("a", 1), files("a", 1, "test"));
      await build(named("ab", 2), files("ab", 2));
      await build(named("a", 3, { overwrite: true }), files("a", 3));
      expect(await readdir(at("out"))).toEqual(["a.json", "a_train.txt", "ab.json", "ab_train.txt"]);
      expect(await read("out/a_train.txt")).toBe("3");
      expect(await read("out/ab_train.txt")).toBe("2");
    });
  });

  it("ends a publication that was cut off", async () => {
    await build(answer(1), write(1));
    // as a process leaves it that is killed between two renames: the old description is aside, the new one not there yet
    await build(answer(2, { to: at("other") }), write(2));
    const work = at(".out.partial/work-of-the-dead");
    await mkdir(join(work, "tree"), { recursive: true });
    await mkdir(join(work, "old"), { recursive: true });
    await rename(at("out/answer.json"), join(work, "old/answer.json"));
    await rename(at("out/data"), join(work, "old/data"));
    await rename(at("other/data"), at("out/data"));
    await rename(at("other/answer.json"), join(work, "tree/answer.json"));
    await writeFile(
      join(work, "ready.json"),
      JSON.stringify({ replaced: ["answer.json", "data"], entries: ["data", "answer.json"] }),
    );
    expect((await build(answer(2), write(9))).status).toBe("kept");
    expect(await number()).toBe("2");
    expect((await readdir(root)).sort()).toEqual(["other", "out"]);
  });
});
