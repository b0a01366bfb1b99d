import { OptionsError, parseOptions } from "@fer/core";
import { expect, it } from "vitest";
import { z } from "zod";

const Options = z.strictObject({
  epochs: z.number().int().positive().default(60),
  optimizer: z.strictObject({ name: z.enum(["adam", "sgd"]) }).default({ name: "adam" }),
});

const failure = (input: unknown, nameOf?: (key: string) => string): OptionsError => {
  try {
    parseOptions(Options, input, { subject: "trainer options", ...(nameOf === undefined ? {} : { nameOf }) });
  } catch (error) {
    return error as OptionsError;
  }
  throw new Error("the options were accepted");
};

it("fills in defaults", () => {
  expect(parseOptions(Options, {}, { subject: "trainer options" })).toEqual({
    epochs: 60,
    optimizer: { name: "adam" },
  });
});

it("names every bad key, and the nearest one for an unknown key", () => {
  const error = failure({ epoch: 3, optimizer: { name: "adagrad" } });
  expect(error).toBeInstanceOf(OptionsError);
  expect(error.code).toBe("INVALID_OPTIONS");
  expect(error.message).toMatchInlineSnapshot(
    `"trainer options: optimizer.name: Invalid option: expected one of "adam"|"sgd"; no option is called "epoch". Expected the options epochs, optimizer. Did you mean "epochs"?"`,
  );
});

it("calls keys as the user wrote them", () => {
  expect(failure({ epoch: 3 }, (key) => `--${key}`).message).toMatchInlineSnapshot(
    `"trainer options: no option is called "--epoch". Expected the options --epochs, --optimizer. Did you mean "--epochs"?"`,
  );
});
