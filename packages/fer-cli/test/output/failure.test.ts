import { expect, it } from "vitest";
import { failureOf } from "../../dist/output/failure.js";

it("says in words what the system refuses, and where", () => {
  const refused = (code: string, path?: string) => {
    const error = Object.assign(new Error(`${code}: x`), { code, ...(path === undefined ? {} : { path }) });
    return failureOf(error, { usage: "usage" });
  };
  expect(
    [refused("ENOSPC", "/data/a.png"), refused("EROFS"), refused("EACCES", "/proc/x"), refused("EEXIST", "file")].map(
      ({ text }) => text,
    ),
  ).toMatchInlineSnapshot(`
    [
      "error: /data/a.png: the disk is full (ENOSPC). Choose another folder, or free or unlock this one, and repeat the command.",
      "error: the file system is read-only (EROFS). Choose another folder, or free or unlock this one, and repeat the command.",
      "error: /proc/x: permission is missing (EACCES). Choose another folder, or free or unlock this one, and repeat the command.",
      "error: file: a file of that name is in the way (EEXIST). Choose another folder, or free or unlock this one, and repeat the command.",
    ]
  `);
  expect(refused("ENOSPC", "/a").json).toMatchObject({ error: { name: "SystemError", code: "ENOSPC" } });
  expect(refused("ENOSPC").exitCode).toBe(1);
});

it("takes any other error for a bug, with its stack", () => {
  const { text, json } = failureOf(new TypeError("x is not a function"), { usage: "usage" });
  expect(text).toMatch(/^error: this looks like a bug of fer\. TypeError: x is not a function\n +at /);
  expect(json).toEqual({ error: { name: "TypeError", code: "UNEXPECTED", message: "x is not a function" } });
});
