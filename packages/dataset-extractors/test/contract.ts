/**
 * The suite that every adapter passes, on a fixture built by code that states the layout. An adapter's own test file
 * adds what is peculiar to it: the traps of section 8 of its format description.
 */
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import path from "node:path";
import { isDeepStrictEqual } from "node:util";
import { extract } from "@fer/dataset-extractors";
import { Folder, isImageName } from "@fer/dataset-extractors/readers";
import type { DatasetAdapter } from "@fer/dataset-extractors";
import { MetadataRow, SkippedRow } from "@fer/core/image-folder";
import { describe, expect, test } from "vitest";
import { digests, nextFileTime, temporaryFolder, writeTree, type Tree } from "./fixtures/tree.js";

/** A faithful small copy of one form, and what must come out of it. */
export interface AdapterFixture {
  /** What this fixture shows; the form's name where there is no more to say. */
  name: string;
  /** The form that must be detected. */
  form: string;
  tree: Tree | (() => Tree | Promise<Tree>);
  /** Options of the adapter. */
  options?: Record<string, unknown>;
  /** Whether the form has to be named because another one fits too. */
  nameForm?: boolean;
  /** `split -> expression -> n`. */
  counts: Record<string, Record<string, number>>;
  /** `reason -> n`; every skip that must come out. */
  skipped: Record<string, number>;
  /** Files that say what their absence says as well. */
  quiet?: readonly string[];
  /** Checks that this fixture cannot meet, each with the reason. */
  except?: readonly { check: Check; reason: string }[];
}

/** Checks that a dataset's own nature can forbid. */
type Check = "groups stay in one split" | "a row twice is one more item";

/** Registers the contract suite of an adapter. */
export function testAdapter(adapter: DatasetAdapter, ...fixtures: AdapterFixture[]): void {
  describe.each(fixtures)(`${adapter.name}, $name`, (fixture) => {
    const { options = {}, form } = fixture;
    const wanted = fixture.nameForm === true ? form : undefined;
    const build = async (dir: string, reversed = false) => {
      const tree = typeof fixture.tree === "function" ? await fixture.tree() : fixture.tree;
      const entries = Object.entries(tree);
      return writeTree(dir, Object.fromEntries(reversed ? entries.toReversed() : entries));
    };
    const items = async (root: string) => {
      const read: Item[] = [];
      for await (const item of adapter.read(root, { options, form: wanted })) read.push(item);
      return read;
    };
    const excepted = (check: Check) => fixture.except?.find((exception) => exception.check === check);
    const inWords = (check: Check) => {
      const exception = excepted(check);
      return exception === undefined ? "" : ` (excepted: ${exception.reason})`;
    };
    const run = (from: string, to: string) =>
      extract({ from, to, options, workers: 1, ...(wanted === undefined ? {} : { form: wanted }) }, { adapter });

    test(`detects the form "${form}"`, async () => {
      const root = await build(temporaryFolder());
      const detected = await adapter.detect(await Folder.open(root), { options, form: wanted });
      expect(detected.form.name).toBe(form);
    });

    test("extracts the stated counts by split, class and reason", async () => {
      const dir = temporaryFolder();
      const root = await build(path.join(dir, "from"));
      const { info, folder } = await run(root, path.join(dir, "to"));
      expect({ counts: info.counts, skipped: info.skipped }).toEqual({
        counts: fixture.counts,
        skipped: fixture.skipped,
      });
      const rows = Object.keys(info.counts).flatMap((split) =>
        jsonLines(path.join(folder, split, "metadata.jsonl")).map((line) => ({ split, row: MetadataRow.parse(line) })),
      );
      expect(rows).toHaveLength(info.total);
      for (const { split, row } of rows) {
        expect(existsSync(path.join(folder, split, row.file_name))).toBe(true);
        expect(row.file_name.startsWith(`${row.expression}/${row.id}.`)).toBe(true);
      }
      const skips = jsonLines(path.join(folder, "skipped.jsonl")).map((line) => SkippedRow.parse(line));
      expect(skips).toHaveLength(Object.values(fixture.skipped).reduce((a, b) => a + b, 0));
      for (const skip of skips) expect(skip.detail ?? skip.reason).not.toBe("");
    });

    test("accounts for every file: a picture is a sample or a skip, any other file is a skip or tells something", async () => {
      const root = await build(temporaryFolder());
      const read = await items(root);
      const silent = filesOf(root).filter((file) => !isNamed(file, read));
      expect(silent.filter(isImageName)).toEqual([]);
      for (const file of silent.filter((each) => !fixture.quiet?.includes(each))) {
        // without it, something else must come out, or nothing
        const without = await build(temporaryFolder());
        rmSync(path.join(without, file));
        const other = await items(without).catch((error: unknown) => String(error));
        expect([file, other]).not.toEqual([file, read]);
      }
    });

    test("gives ids that are unique and stable, whatever the order of the directory listing", async () => {
      const first = await items(await build(temporaryFolder()));
      const second = await items(await build(temporaryFolder(), true));
      expect(second).toEqual(first);
      const keys = first.flatMap((item) => ("id" in item ? [`${item.split}/${item.id.toLowerCase()}`] : []));
      expect(new Set(keys).size).toBe(keys.length);
    });

    test.skipIf(excepted("a row twice is one more item"))(
      `makes one more item of a row that comes twice, and never ends${inWords("a row twice is one more item")}`,
      async () => {
        const once = await items(await build(temporaryFolder()));
        const lists = new Set(once.flatMap(({ source }) => /^(.*):\d+$/.exec(source)?.[1] ?? []));
        for (const list of lists) {
          if (list.endsWith(".xlsx")) continue;
          const root = await build(temporaryFolder());
          const { folder } = await adapter.detect(await Folder.open(root), { options, form: wanted });
          const file = folder.absolute(list);
          const text = readFileSync(file, "utf8").trimEnd();
          writeFileSync(file, `${text}\n${text.split("\n").at(-1)}\n`);
          const twice = await items(root);
          expect([list, twice.length]).toEqual([list, once.length + 1]);
          expect(once.filter((item) => !twice.some((other) => isDeepStrictEqual(other, item)))).toEqual([]);
        }
      },
    );

    test.skipIf(excepted("groups stay in one split"))(
      `keeps a group in one split${inWords("groups stay in one split")}`,
      async () => {
        const read = await items(await build(temporaryFolder()));
        const splits = new Map<string, string>();
        for (const item of read) {
          if (!("id" in item)) continue;
          const group = item.group === undefined ? item.subject : item.group;
          if (group === null) continue;
          expect([group, splits.get(group) ?? item.split]).toEqual([group, item.split]);
          splits.set(group, item.split);
        }
        expect(read.length).toBeGreaterThan(0);
      },
    );

    test("writes nothing outside the output, and nothing at all the second time", async () => {
      const dir = temporaryFolder();
      const root = await build(path.join(dir, "from"));
      const source = digests(root);
      const to = path.join(dir, "to");
      await nextFileTime();
      expect((await run(root, to)).status).toBe("written");
      expect(readdirSync(dir).sort()).toEqual(["from", "to"]);
      expect(digests(root)).toEqual(source);
      const before = { files: digests(to), time: statSync(path.join(to, "dataset.json")).mtimeMs };
      expect((await run(root, to)).status).toBe("unchanged");
      expect({ files: digests(to), time: statSync(path.join(to, "dataset.json")).mtimeMs }).toEqual(before);
    });

    test("never reads an earlier output that lies in the source", async () => {
      const dir = temporaryFolder();
      const root = await build(path.join(dir, "from"));
      const before = await items(root);
      await run(root, path.join(dir, "to"));
      mkdirSync(path.join(root, "zz-output"));
      cpSync(path.join(dir, "to"), path.join(root, "zz-output"), { recursive: true });
      expect(await items(root)).toEqual(before);
    });
  });
}

type Item = Awaited<ReturnType<ReturnType<DatasetAdapter["read"]>["next"]>>["value"];

/** Files below a folder but for what file managers leave behind. */
function filesOf(root: string): string[] {
  return (readdirSync(root, { recursive: true }) as string[])
    .map((file) => file.replaceAll("\\", "/"))
    .filter((file) => statSync(path.join(root, file)).isFile())
    .filter((file) => !/(^|\/)(\.DS_Store|Thumbs\.db|desktop\.ini|\._[^/]*)$|(^|\/)__MACOSX\//.test(file));
}

/** Whether a file is the picture or the source of an item, or lies below a folder that is one. */
function isNamed(file: string, items: readonly Item[]): boolean {
  return items.some((item) => {
    const { source } = item;
    if ("image" in item && "file" in item.image && file.endsWith(item.image.file)) return true;
    if ("reason" in item && item.file !== undefined && file.endsWith(item.file)) return true;
    const place = source.replace(/^(\.\.\/)+/, "");
    return file.endsWith(place) || file.includes(`${place}/`);
  });
}

/** Parsed lines of a .jsonl file. */
export function jsonLines(file: string): unknown[] {
  return readFileSync(file, "utf8")
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as unknown);
}
