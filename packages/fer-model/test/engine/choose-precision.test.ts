import { engines, type EngineStatus } from "@fer/model";
import { describe, expect, test } from "vitest";
import { choosePrecision } from "../../dist/engine/choose-precision.js";

const tensorflow = { name: "tensorflow", available: true } as const;
const fast: EngineStatus = {
  ...tensorflow,
  precisions: ["float32", "bfloat16"],
  bfloat16: "the processor has avx512_bf16",
};
const slow: EngineStatus = {
  ...tensorflow,
  precisions: ["float32"],
  bfloat16: "the processor has none of avx512_bf16, amx_bf16, avx_ne_convert: about twenty times as slow as float32",
};
const wasm: EngineStatus = { name: "wasm", available: true };

describe("the precision of a step", () => {
  test("auto is bfloat16 where that is fast, else float32, and says why", () => {
    expect(choosePrecision(fast, "auto")).toEqual({
      precision: "bfloat16",
      reason: "bfloat16: the processor has avx512_bf16",
    });
    expect(choosePrecision(slow, "auto")).toEqual({ precision: "float32", reason: `bfloat16: ${slow.bfloat16}` });
    expect(choosePrecision(wasm, "auto").precision).toBe("float32");
  });

  test("is the one asked for where the engine is good at it", () => {
    expect(choosePrecision(fast, "bfloat16")).toEqual({ precision: "bfloat16", reason: "asked for" });
    for (const status of [fast, slow, wasm]) expect(choosePrecision(status, "float32").precision).toBe("float32");
  });

  test("bfloat16 is refused where it would be slow, or is not there", () => {
    expect(() => choosePrecision(slow, "bfloat16")).toThrowErrorMatchingInlineSnapshot(
      `[EngineError: engine tensorflow: bfloat16: the processor has none of avx512_bf16, amx_bf16, avx_ne_convert: about twenty times as slow as float32. Expected the engine tensorflow, on a processor or GPU that computes bfloat16 at least as fast as float32. Leave precision out.]`,
    );
    expect(() => choosePrecision(wasm, "bfloat16")).toThrowErrorMatchingInlineSnapshot(
      `[EngineError: engine wasm: bfloat16: the engine has float32 only. Expected the engine tensorflow, on a processor or GPU that computes bfloat16 at least as fast as float32. Leave precision out.]`,
    );
  });
});

const here = await Promise.all(Object.values(engines).map((engine) => engine.probe()));

test.each(here.filter(({ available }) => available))("$name lists what it can compute in", (status) => {
  expect(status.precisions).toContain("float32");
  expect(status.bfloat16 ?? "processor").toMatch(/processor|measured/);
});
