import { describe, expect, it } from "vitest";
import { failureOf } from "../../dist/output/failure.js";
import { oneLine, printable } from "../../dist/output/printable.js";
import { table } from "../../dist/output/table.js";

describe("printable", () => {
  it("shows every control character and mark of direction as JSON does, and leaves the rest", () => {
    const controls = [...Array(0xa0).keys()].map((code) => String.fromCharCode(code)).join("");
    // oxlint-disable-next-line no-control-regex -- what must not be left
    expect(printable(controls)).not.toMatch(/[\u0000-\u0008\u000B-\u001F\u007F-\u009F]/);
    expect(printable("a\u001B[2J\u009Bb\u202Ec\u2066")).toBe(String.raw`a\u001b[2J\u009bb\u202ec\u2066`);
    const text = "Zoë 笑顔 😀 👩‍👧 é\n\tx\\u001b";
    expect(printable(text)).toBe(text);
    expect(oneLine(text)).toBe(String.raw`Zoë 笑顔 😀 👩‍👧 é\n\tx\u001b`);
  });

  it("keeps JSON the JSON of the same value", () => {
    const value = { "\u009B": "\u007F\u202E\u001B\n" };
    expect(JSON.parse(printable(JSON.stringify(value)))).toEqual(value);
  });
});

it("a table keeps its lines and columns whatever its cells hold", () => {
  expect(table(["class", "images"], [["happy\n\u001B[1A\u001B[2Ksad", 3]])).toBe(
    ["class                         images", String.raw`happy\n\u001b[1A\u001b[2Ksad       3`].join("\n"),
  );
});

it("a line break in a message does not begin a line of its own", () => {
  const error = Object.assign(new Error("bad name\nerror: trust me"), { name: "GraphError", code: "X" });
  expect(failureOf(error, { usage: "usage" }).text).toBe("error: bad name\n  error: trust me");
});
