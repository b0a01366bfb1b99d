import { bfloat16Speed, type TensorFlowRuntime } from "@fer/tfjs-graph";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { processorFlags } from "../../dist/tensorflow/bfloat16-speed.js";
import { tensorFlow } from "../engines.ts";

const cpu = { device: "CPU" } as TensorFlowRuntime;
const speed = (...flags: string[]) => bfloat16Speed(cpu, new Set(["sse4_2", "avx2", ...flags]));

describe("bfloat16 by the processor's flags", () => {
  test.each(["avx512_bf16", "amx_bf16", "avx_ne_convert"])("is fast with %s", async (flag) => {
    expect(await speed("avx512f", flag)).toEqual({ isFast: true, reason: `the processor has ${flag}` });
  });

  test("is emulated on AVX-512 alone, and slower still without", async () => {
    expect(await speed("avx512f")).toEqual({
      isFast: false,
      reason: "the processor has none of avx512_bf16, amx_bf16, avx_ne_convert: about twice as slow as float32",
    });
    expect((await speed()).reason).toMatch(/: about twenty times as slow as float32$/);
  });

  test.skipIf(tensorFlow === null)("is measured where nothing tells", async () => {
    const found = await bfloat16Speed(tensorFlow!, null);
    expect(found.reason).toMatch(/^measured on a convolution: \d+\.\d times as (fast|slow) as float32$/);
  });
});

describe("flags of the processor", () => {
  const folder = mkdtempSync(join(tmpdir(), "fer-flags-"));
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  test("are read as Linux lists them", () => {
    const file = join(folder, "cpuinfo");
    writeFileSync(file, "processor\t: 0\nflags\t\t: fpu avx2 avx512_bf16\nbugs\t\t:\nprocessor\t: 1\n");
    expect([...processorFlags(file)!]).toEqual(["fpu", "avx2", "avx512_bf16"]);
  });

  test("are unknown where there is no list", () => {
    expect(processorFlags(join(folder, "nothing"))).toBeNull();
  });
});
