import { describe, expect, it } from "vitest";
import { renderArchitectures } from "../../dist/commands/architectures.js";

describe("the table of fer architectures", () => {
  const row = { title: "A net", source: "someone", minimumSize: 8 };
  const rows = [
    { ...row, name: "resnet", net: { width: 16 }, parameters: 693_719, multiplyAdds: 56_955_776 },
    { ...row, name: "vgg", minimumSize: 16, net: {}, parameters: null, multiplyAdds: null },
  ] as const;

  it("says what each costs, and how large images must be where they are too small", () => {
    expect(renderArchitectures(rows)).toMatchInlineSnapshot(`
      "architecture  parameters     multiply-adds  net
      resnet        693,719        57.0 M         width=16
      vgg           needs 16 x 16  -

        resnet: A net [someone]
        vgg: A net [someone]"
    `);
  });

  it("has a column an engine that was measured", () => {
    const measured = [{ ...rows[0], imagesPerSecond: { onnx: 190.6, wasm: 3.456 } }, rows[1]];
    expect(renderArchitectures(measured)).toMatchInlineSnapshot(`
      "architecture  parameters     multiply-adds  images/s onnx  images/s wasm  net
      resnet        693,719        57.0 M                   191           3.46  width=16
      vgg           needs 16 x 16  -                          -              -

        resnet: A net [someone]
        vgg: A net [someone]"
    `);
  });
});
