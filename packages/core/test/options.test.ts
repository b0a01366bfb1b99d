import { OptionsError, parseOptions } from "@fer/core";
import type { OptionsSubject } from "@fer/core";
import { expect, it } from "vitest";
import { z } from "zod";

const Options = z.strictObject({
  epochs: z.number().int().positive().default(60),
  rate: z.number().min(0).lt(1).nullable().default(null),
  workers: z.union([z.number().int(), z.literal("auto")]).optional(),
  classes: z.array(z.enum(["happy", "sad"])).optional(),
  optimizer: z
    .discriminatedUnion("name", [
      z.strictObject({ name: z.literal("sgd"), momentum: z.number().default(0.9) }),
      z.strictObject({ name: z.literal("adam"), beta1: z.number().default(0.9) }),
    ])
    .default({ name: "adam", beta1: 0.9 }),
  to: z.string().min(1),
});

const failure = (input: object, about: Partial<OptionsSubject> = {}): OptionsError => {
  try {
    parseOptions({ to: "runs", ...input }, { schema: Options, subject: "trainer options", ...about });
  } catch (error) {
    return error as OptionsError;
  }
  throw new Error("the options were accepted");
};

it("fills in defaults", () => {
  expect(parseOptions({ to: "runs" }, { schema: Options, subject: "trainer options" })).toEqual({
    epochs: 60,
    rate: null,
    optimizer: { name: "adam", beta1: 0.9 },
    to: "runs",
  });
});

it("is one error with one code, and holds what zod said", () => {
  const error = failure({ epochs: "many" });
  expect(error).toBeInstanceOf(OptionsError);
  expect(error.code).toBe("INVALID_OPTIONS");
  expect(error.context["issues"]).toMatchObject([{ code: "invalid_type", path: ["epochs"] }]);
});

it("says what it is and what it may be, for every kind of value", () => {
  const circle: Record<string, unknown> = {};
  circle["self"] = circle;
  const messages = [
    { epochs: 1.5 },
    { epochs: "many" },
    { rate: 1.5 },
    { rate: -1 },
    { workers: "all" },
    { classes: ["happy", "glad"] },
    { classes: () => 1 },
    { classes: circle },
    { classes: "x".repeat(200) },
    { optimizer: { name: "adm" } },
    { optimizer: {} },
    { to: "" },
    { to: undefined },
  ].map((input) => failure(input).message);
  expect(messages.join("\n")).toMatchInlineSnapshot(`
    "trainer options: epochs: received 1.5. Expected a whole number.
    trainer options: epochs: received "many". Expected a number.
    trainer options: rate: received 1.5. Expected less than 1.
    trainer options: rate: received -1. Expected at least 0.
    trainer options: workers: received "all". Expected a number, or auto.
    trainer options: classes.1: received "glad". Expected one of happy, sad. Did you mean "sad"?
    trainer options: classes: received a function. Expected a list.
    trainer options: classes: received [object Object]. Expected a list.
    trainer options: classes: received "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx... Expected a list.
    trainer options: optimizer.name: received "adm". Expected one of sgd, adam. Did you mean "adam"?
    trainer options: optimizer.name: is missing. Expected one of sgd, adam.
    trainer options: to: received "". Expected at least 1 character.
    trainer options: to: is missing. Expected text."
  `);
});

it("offers the nearest name for an unknown option, where it stands, or else all that there are", () => {
  const messages = [{ epoch: 3 }, { x: 3 }, { optimizer: { name: "adam", beta: 1 } }].map(
    (input) => failure(input).message,
  );
  expect(messages.join("\n")).toMatchInlineSnapshot(`
    "trainer options: unknown option "epoch". Did you mean "epochs"?
    trainer options: unknown option "x". Expected one of epochs, rate, workers, classes, optimizer, to.
    trainer options: optimizer: unknown option "beta". Did you mean "beta1"?"
  `);
});

it("names everything that is wrong at once", () => {
  expect(failure({ epochs: 0, optimizer: { name: "adagrad" }, epoch: 3 }).message).toMatchInlineSnapshot(
    `"trainer options: epochs: received 0. Expected more than 0. optimizer.name: received "adagrad" (expected one of sgd, adam). Unknown option "epoch". Did you mean "epochs"?"`,
  );
});

it("calls options as the user wrote them", () => {
  const nameOf = (path: readonly string[], value: unknown): string =>
    path.length === 0 ? "fer train" : `--${path.join("-")}${value === undefined ? " <value>" : ""}`;
  expect(failure({ epochs: 0, to: undefined, epoch: 1 }, { nameOf }).message).toMatchInlineSnapshot(
    `"--epochs: received 0. Expected more than 0. --to <value>: is missing (expected text). fer train: unknown option "epoch". Did you mean "epochs"?"`,
  );
});
