import { FerError, OptionsError } from "@fer/core";
import { carried, revived } from "@fer/core/carried-error";
import { describe, expect, it } from "vitest";

describe("an error on its way", () => {
  const sent = (error: unknown): Error => revived(structuredClone(carried(error)));

  it("keeps class, code, message, stack and context", () => {
    const error = new OptionsError({ code: "BAD", subject: "port", found: "received -1", context: { port: -1 } });
    const arrived = sent(error) as OptionsError;
    expect(arrived).toBeInstanceOf(OptionsError);
    expect([arrived.name, arrived.code, arrived.message, arrived.stack, arrived.context]).toEqual([
      "OptionsError",
      "BAD",
      error.message,
      error.stack,
      { port: -1 },
    ]);
  });

  it("leaves out a context that cannot be sent", () => {
    const error = new FerError({ code: "BAD", subject: "a", found: "b", context: { take: () => 1 } });
    expect((sent(error) as FerError).context).toEqual({});
  });

  it("of any other kind keeps its name, message and stack", () => {
    const error = new RangeError("too long");
    const arrived = sent(error);
    expect(arrived).not.toBeInstanceOf(FerError);
    expect([arrived.name, arrived.message, arrived.stack]).toEqual(["RangeError", "too long", error.stack]);
    expect(sent("a word").message).toBe("a word");
  });
});
