import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { renderFindings } from "../../dist/commands/doctor.js";
import { emptyFolder, fer } from "../fixtures/fer.ts";

test("the page names what is missing, then what to do", () => {
  const text = renderFindings([
    { what: "Node", health: "ok", found: "v24.1.0 on linux x64" },
    { what: "videos", health: "missing", found: "there is no ffmpeg in PATH", fix: "Install ffmpeg" },
    { what: "cache", health: "bad", found: "/x: EACCES", fix: "Set FER_CACHE" },
  ]);
  expect(text).toMatchInlineSnapshot(`
    "    what    found
    ok  Node    v24.1.0 on linux x64
    -   videos  there is no ffmpeg in PATH
    NO  cache   /x: EACCES

    what to do:
      videos: Install ffmpeg
      cache: Set FER_CACHE"
  `);
});

test("fer doctor looks at this machine, and ends with 1 where the cache cannot be written", async () => {
  const folder = emptyFolder();
  const { stdout, code } = await fer(folder, "doctor", "--json");
  const findings = JSON.parse(stdout) as { what: string; health: string; found: string }[];
  expect(findings.find(({ what }) => what === "Node")).toMatchObject({
    health: "ok",
    found: `${process.version} on ${process.platform} ${process.arch}`,
  });
  expect(findings.find(({ what }) => what === "engine wasm")).toMatchObject({ health: "ok" });
  expect(code).toBe(findings.some(({ health }) => health === "bad") ? 1 : 0);

  writeFileSync(join(folder, "file"), "");
  const before = process.env["FER_CACHE"];
  process.env["FER_CACHE"] = join(folder, "file", "cache");
  const broken = await fer(folder, "doctor");
  if (before === undefined) delete process.env["FER_CACHE"];
  else process.env["FER_CACHE"] = before;
  expect(broken.code).toBe(1);
  expect(broken.stdout).toMatch(/NO {2}cache +<folder>\/file\/cache: ENOTDIR/);
  expect(broken.stdout).toContain("cache: Set FER_CACHE to a folder of yours with more room");
});
