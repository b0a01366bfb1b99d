import { existsSync, mkdirSync, readdirSync, rmSync } from "node:fs";
import path from "node:path";
import { extract } from "@fer/dataset-extractors";
import { afterEach, describe, expect, test } from "vitest";
import { openArchive } from "../../dist/formats/archive.js";
import { tar, tarGz, zip } from "../fixtures/archives.js";
import { png } from "../fixtures/images.js";
import { digests, nextFileTime, temporaryFolder, writeTree, type Tree } from "../fixtures/tree.js";

const faces: Tree = { "faces/happy/a.png": png(1), "faces/sad/b.png": png(2), "faces/notes.txt": "" };

/** A folder with `from` and a cache of its own. */
function places(tree: Tree): string {
  const dir = temporaryFolder();
  process.env.FER_CACHE = path.join(dir, "cache");
  mkdirSync(path.join(dir, "from"));
  writeTree(path.join(dir, "from"), tree);
  return dir;
}

afterEach(() => {
  delete process.env.FER_CACHE;
});

const run = (dir: string, from: string, to = "to", adapter = "folders") =>
  extract({ adapter, from: path.join(dir, from), to: path.join(dir, to), workers: 1 });

const refusal = (tree: Tree) => {
  const dir = places(tree);
  return openArchive(path.join(dir, "from", Object.keys(tree)[0]!)).then(
    () => "nothing was refused",
    (error: Error) => {
      expect(readdirSync(path.join(dir, "cache/archives"))).toEqual([]);
      return error.message;
    },
  );
};

describe("archives", () => {
  test.each(["faces.zip", "faces.tar", "faces.tar.gz", "faces.tgz"])(
    "%s gives the bytes that its folder gives",
    async (name) => {
      const pack = name.endsWith("zip") ? zip : name.endsWith("tar") ? tar : tarGz;
      const dir = places({
        [`packed/${name}`]: pack(faces),
        ...Object.fromEntries(Object.entries(faces).map(([k, v]) => [`plain/faces/${k}`, v])),
      });
      const { info } = await run(dir, `from/packed/${name}`);
      await run(dir, "from/plain/faces", "plain");
      expect(info.counts).toEqual({ all: { happy: 1, sad: 1 } });
      expect(digests(path.join(dir, "to"))).toEqual(digests(path.join(dir, "plain")));
      expect(readdirSync(path.join(dir, "from/packed"))).toEqual([name]);
    },
  );

  test("with content that is not what was packed are refused", async () => {
    const bytes = zip(faces);
    const entry = bytes.indexOf(Buffer.from("PK\u0001\u0002", "latin1"));
    bytes[entry + 16]! ^= 1;
    expect(await refusal({ "faces.zip": bytes })).toMatchInlineSnapshot(
      `"faces.zip: it cannot be unpacked (the checksum of "faces/happy/a.png" is wrong). Expected a whole zip, tar or tar.gz archive. Download it again."`,
    );
  });

  test("are unpacked once", async () => {
    const dir = places({ "faces.zip": zip(faces) });
    await openArchive(path.join(dir, "from/faces.zip"));
    const before = readdirSync(path.join(dir, "cache/archives"));
    const { root } = await openArchive(path.join(dir, "from/faces.zip"));
    expect(readdirSync(path.join(dir, "cache/archives"))).toEqual(before);
    expect(path.relative(dir, root)).toBe(path.join("cache/archives", before[0]!, "content"));
    await nextFileTime();
    expect((await run(dir, "from/faces.zip")).status).toBe("written");
    expect((await run(dir, "from/faces.zip")).status).toBe("unchanged");
  });

  test("that were left half unpacked are unpacked again", async () => {
    const dir = places({ "faces.zip": zip(faces) });
    const { root } = await openArchive(path.join(dir, "from/faces.zip"));
    const home = path.dirname(root);
    // as a killed process leaves it: content without the mark of completeness
    rmSync(path.join(home, "complete"));
    rmSync(path.join(root, "faces/happy"), { recursive: true });
    expect((await openArchive(path.join(dir, "from/faces.zip"))).images()).toEqual([
      "faces/happy/a.png",
      "faces/sad/b.png",
    ]);
  });

  test("in an archive, and several in a folder, are read as the folders they hold", async () => {
    const sequence = "S005/001/S005_001_00000002";
    const dir = places({
      "Images.zip": zip({ "inner.tar.gz": tarGz({ [`cohn-kanade-images/${sequence}.png`]: png(3) }) }),
      "Emotion_labels.zip": zip({ [`Emotion/${sequence}_emotion.txt`]: "   5.0000000e+00\n" }),
    });
    const { info } = await run(dir, "from", "to", "ckplus");
    expect(info).toMatchObject({ form: "official", counts: { all: { happy: 1 } } });
  });

  test("with entries that lead out are refused, and write nothing outside", async () => {
    expect(await refusal({ "a.zip": zip({ "../evil.txt": "x" }) })).toMatchInlineSnapshot(
      `"a.zip: an entry leads out of it (invalid relative path: ../evil.txt). Expected an archive of plain files and folders. If you trust it, unpack it yourself and pass the folder."`,
    );
    expect(await refusal({ "a.tar": tar({ "b/../../evil.txt": "x" }) })).toMatchInlineSnapshot(
      `"a.tar: the entry "b/../../evil.txt" leads out of it. Expected an archive of plain files and folders. If you trust it, unpack it yourself and pass the folder."`,
    );
    expect(await refusal({ "a.tar": tar({ "/tmp/fer-evil.txt": "x" }) })).toMatchInlineSnapshot(
      `"a.tar: the entry "/tmp/fer-evil.txt" leads out of it. Expected an archive of plain files and folders. If you trust it, unpack it yourself and pass the folder."`,
    );
    expect(existsSync("/tmp/fer-evil.txt")).toBe(false);
  });

  test("with links are refused", async () => {
    expect(await refusal({ "a.zip": zip({ link: "/etc/passwd" }, { mode: 0o120777 }) })).toMatchInlineSnapshot(
      `"a.zip: "link" is a link. Expected an archive of plain files and folders. If you trust it, unpack it yourself and pass the folder."`,
    );
    expect(await refusal({ "a.tar.gz": tarGz({ link: "/etc/passwd" }, "2") })).toMatchInlineSnapshot(
      `"a.tar.gz: "link" is a SymbolicLink, not a file. Expected an archive of plain files and folders. If you trust it, unpack it yourself and pass the folder."`,
    );
  });

  test("with a password are refused by name", async () => {
    expect(await refusal({ "a.zip": zip({ "a.png": png(1) }, { flags: 1 }) })).toMatchInlineSnapshot(
      `"a.zip: "a.png" is locked by a password. Expected an archive of plain files and folders. If you trust it, unpack it yourself and pass the folder."`,
    );
  });

  test("that are bombs are refused before they go off", async () => {
    const zeros = Buffer.alloc(70 << 20);
    expect(await refusal({ "bomb.zip": zip({ "zeros.csv": zeros }) })).toMatchInlineSnapshot(
      `"bomb.zip: its content is more than 100 times as large as itself. Expected an archive of plain files and folders. If you trust it, unpack it yourself and pass the folder."`,
    );
    expect(await refusal({ "bomb.tgz": tarGz({ "zeros.csv": zeros }) })).toMatchInlineSnapshot(
      `"bomb.tgz: its content is more than 100 times as large as itself. Expected an archive of plain files and folders. If you trust it, unpack it yourself and pass the folder."`,
    );
    const nested = (depth: number): Buffer => zip({ [`${depth}.zip`]: depth === 0 ? zip(faces) : nested(depth - 1) });
    expect(await refusal({ "deep.zip": nested(3) })).toMatchInlineSnapshot(
      `"2.zip: archives in archives, more than 3 deep. Expected an archive of plain files and folders. If you trust it, unpack it yourself and pass the folder."`,
    );
  });

  test("that are cut off or something else are refused", async () => {
    const whole = zip(faces);
    expect(await refusal({ "cut.zip": whole.subarray(0, whole.length - 40) })).toMatchInlineSnapshot(
      `"cut.zip: it cannot be unpacked (End of central directory record signature not found. Either not a zip file, or file is truncated.). Expected a whole zip, tar or tar.gz archive. Download it again."`,
    );
    expect(await refusal({ "cut.tgz": tarGz(faces).subarray(0, 200) })).toMatchInlineSnapshot(
      `"cut.tgz: it cannot be unpacked (zlib: unexpected end of file). Expected a whole zip, tar or tar.gz archive. Download it again."`,
    );
    expect(await refusal({ "page.zip": "<html>Please log in" })).toMatchInlineSnapshot(
      `"page.zip: it cannot be unpacked (End of central directory record signature not found. Either not a zip file, or file is truncated.). Expected a whole zip, tar or tar.gz archive. Download it again."`,
    );
  });
});

describe.skipIf(!process.env.FER_DATA)("the archive of FER2013 (needs FER_DATA)", () => {
  test("gives the owner's totals of its two parts, class by class", { timeout: 300_000 }, async () => {
    const dir = places({});
    const from = path.join(process.env.FER_DATA!, "fer2013-train-and-public.tar.gz");
    const { info } = await extract({ adapter: "fer2013", from, to: path.join(dir, "to") });
    expect(info.verification).toEqual({
      status: "partial",
      details: [
        "train: expected 28,709 images [verified], found the same",
        "val: expected 3,589 images [verified], found the same",
        "test: expected 3,589 images [verified], the split is absent",
      ],
    });
    expect(info).toMatchObject({ total: 32_298, rows: 32_298, skipped: {} });
  });
});
