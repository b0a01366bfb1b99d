import { describe, expect, it } from "vitest";
import { npyNumbers, npyScalar } from "../../dist/npy/npy-scalar.js";
import { npyFile, npyText } from "../../../dataset-extractors/test/fixtures/npy-file.js";

const float = (value: number) => {
  const data = Buffer.alloc(8);
  data.writeDoubleLE(value);
  return data;
};

describe("npyScalar", () => {
  it("reads integers, floats and booleans of every width and byte order", () => {
    expect(npyScalar(npyFile("<i8", "()", Buffer.from([5, 0, 0, 0, 0, 0, 0, 0])), "x")).toBe(5);
    expect(npyScalar(npyFile("|u1", "(1,)", Buffer.from([250])), "x")).toBe(250);
    expect(npyScalar(npyFile("|i1", "()", Buffer.from([250])), "x")).toBe(-6);
    expect(npyScalar(npyFile(">i2", "()", Buffer.from([1, 2])), "x")).toBe(258);
    expect(npyScalar(npyFile(">u8", "()", Buffer.from([0, 0, 0, 0, 0, 0, 1, 0])), "x")).toBe(256);
    expect(npyScalar(npyFile("|b1", "()", Buffer.from([1])), "x")).toBe(1);
    expect(npyScalar(npyFile("<f8", "()", float(-0.65331)), "x")).toBe(-0.65331);
    expect(npyScalar(npyFile("<f4", "()", Buffer.from([0, 0, 0x80, 0xbf])), "x")).toBe(-1);
  });

  it("reads strings of both kinds", () => {
    expect(npyScalar(npyFile("<U1", "()", Buffer.from("7\0\0\0")), "x")).toBe("7");
    expect(npyScalar(npyText("-0.5\0\0\0\0\0"), "x")).toBe("-0.5");
    expect(npyScalar(npyFile("|S4", "(1,)", Buffer.from("12\0\0")), "x")).toBe("12");
  });

  it("reads the wide header of format version 2", () => {
    expect(npyScalar(npyFile("|u1", "()", Buffer.from([3]), 2), "x")).toBe(3);
  });

  it("refuses arrays, pickles, other files and cut-off ones", () => {
    const refusal = (bytes: Buffer) => {
      try {
        return npyScalar(bytes, "0_exp.npy");
      } catch (error) {
        return (error as Error).message;
      }
    };
    expect([
      refusal(npyFile("<i8", "(2,)", Buffer.alloc(16))),
      refusal(npyFile("|O", "()", Buffer.from("80049500", "hex"))),
      refusal(npyFile("<c16", "()", Buffer.alloc(16))),
      refusal(npyFile("<i8", "()", Buffer.alloc(4))),
      refusal(npyFile("<i8", "()", Buffer.alloc(8)).subarray(0, 40)),
      refusal(Buffer.from("")),
      refusal(Buffer.from("<html><body>404</body></html>")),
    ]).toMatchInlineSnapshot(`
      [
        "0_exp.npy: an array of shape (2). Expected a .npy file of numbers or text. Use the file as the owner ships it.",
        "0_exp.npy: values of type "|O". Expected a .npy file of numbers or text. Use the file as the owner ships it.",
        "0_exp.npy: values of type "<c16". Expected a .npy file of numbers or text. Use the file as the owner ships it.",
        "0_exp.npy: a file that is cut off. Expected a .npy file of numbers or text. Use the file as the owner ships it.",
        "0_exp.npy: the file ends within its header. Expected a .npy file of numbers or text. Use the file as the owner ships it.",
        "0_exp.npy: the file does not start as an array does. Expected a .npy file of numbers or text. Use the file as the owner ships it.",
        "0_exp.npy: the file does not start as an array does. Expected a .npy file of numbers or text. Use the file as the owner ships it.",
      ]
    `);
  });
});

describe("npyNumbers", () => {
  const bytes = Buffer.from([1, 2, 3, 4, 5, 6]);
  const refusal = (file: Buffer) => {
    try {
      return npyNumbers(file, "0_lnd.npy");
    } catch (error) {
      return (error as Error).message;
    }
  };

  it("reads numbers and numbers as text, row-major", () => {
    expect(npyNumbers(npyFile("|u1", "(6,)", bytes), "x")).toEqual([1, 2, 3, 4, 5, 6]);
    expect(npyNumbers(npyFile("|u1", "(3, 2)", bytes), "x")).toEqual([1, 2, 3, 4, 5, 6]);
    expect(npyNumbers(npyFile(">i2", "(2, 1)", bytes), "x")).toEqual([258, 772]);
    expect(npyNumbers(npyFile("|S2", "(2,)", Buffer.from("1\0-2")), "x")).toEqual([1, -2]);
    expect(npyNumbers(npyFile("|u1", "(0,)", bytes), "x")).toEqual([]);
  });

  it("refuses what is cut off, no number, a pickle, or laid out by columns", () => {
    const columns = Buffer.from(
      npyFile("|u1", "(3, 2)", bytes).toString("latin1").replace("'fortran_order': False", "'fortran_order': True "),
      "latin1",
    );
    expect(
      [
        npyFile("<f8", "(2,)", bytes),
        npyFile("|S0", "(99999999999,)", bytes),
        npyFile("|S1", "(1,)", Buffer.from("x")),
        npyFile("|O", "(1,)", bytes),
        columns,
      ].map(refusal),
    ).toMatchInlineSnapshot(`
      [
        "0_lnd.npy: a file that is cut off. Expected a .npy file of numbers or text. Use the file as the owner ships it.",
        "0_lnd.npy: a file that is cut off. Expected a .npy file of numbers or text. Use the file as the owner ships it.",
        "0_lnd.npy: the value "x". Expected a .npy file of numbers or text. Use the file as the owner ships it.",
        "0_lnd.npy: values of type "|O". Expected a .npy file of numbers or text. Use the file as the owner ships it.",
        "0_lnd.npy: an array in Fortran order. Expected a .npy file of numbers or text. Use the file as the owner ships it.",
      ]
    `);
  });
});
