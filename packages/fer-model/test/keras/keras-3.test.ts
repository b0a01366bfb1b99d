/**
 * Files of Keras 3. `keras3/` was written by Keras 3.15.1 on JAX: `model.save("m.h5")`, `model.save("m.keras")`, an input
 * (float32 `[3, 48, 48, 1]`) and what the model predicts for it (`[3, 7]`). A sweep over all kinds of layers is in
 * `consumers/keras.test.ts`.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { FormatError, keyedRandom } from "@fer/core";
import { tf } from "@fer/tfjs-graph";
import type { LayersModel, Tensor } from "@tensorflow/tfjs";
import type { File as Hdf5File, Group } from "h5wasm";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { fromBufferPromise } from "yauzl";
import { architectures } from "../../dist/architectures/index.js";
import { writeHdf5 } from "../../dist/keras/hdf5.js";
import { kerasArchitecture, loadKerasModel } from "../../dist/keras/index.js";
import { storedZip, type ZipOptions } from "./stored-zip.ts";

const fixtures = join(import.meta.dirname, "keras3");
const folder = mkdtempSync(join(tmpdir(), "fer-keras3-"));
/** What is in `m.keras`. */
const parts: Record<string, Buffer> = {};

beforeAll(async () => {
  await tf.setBackend("cpu");
  const zip = await fromBufferPromise(readFileSync(join(fixtures, "m.keras")));
  for await (const entry of zip.eachEntry()) {
    const chunks: Buffer[] = [];
    for await (const chunk of await zip.openReadStreamPromise(entry)) chunks.push(chunk as Buffer);
    parts[entry.fileName] = Buffer.concat(chunks);
  }
});
afterAll(() => rmSync(folder, { recursive: true }));

const floats = (file: string): Float32Array => new Float32Array(Uint8Array.from(readFileSync(file)).buffer);

/** Largest difference from what Keras predicted. */
function offBy(model: LayersModel): number {
  const y = floats(join(fixtures, "y.bin"));
  return tf.tidy(() => {
    const found = (model.predict(tf.tensor(floats(join(fixtures, "x.bin")), [3, 48, 48, 1])) as Tensor).dataSync();
    return Math.max(...Array.from(y, (value, at) => Math.abs(value - found[at]!)));
  });
}

const write = (name: string, contents: string | Uint8Array): string => {
  const path = join(folder, name);
  writeFileSync(path, contents);
  return path;
};

const failure = async (path: string): Promise<string> =>
  String(
    await loadKerasModel(path).then(
      () => "loaded",
      (error: unknown) => error,
    ),
  ).replaceAll(folder, "<folder>");

describe("predicts what Keras 3 does from", () => {
  test.each(["m.h5", "m.keras"])("%s", async (file) => {
    expect(offBy(await loadKerasModel(join(fixtures, file)))).toBeLessThan(1e-5);
  });

  test("the architecture beside .weights.h5, named by either or by neither ending", async () => {
    write("pair.json", parts["config.json"]!);
    write("pair.weights.h5", parts["model.weights.h5"]!);
    for (const name of ["pair", "pair.json", "pair.weights.h5"]) {
      expect(offBy(await loadKerasModel(join(folder, name)))).toBeLessThan(1e-5);
    }
  });

  test("files that are called otherwise than what is in them", async () => {
    expect(offBy(await loadKerasModel(write("zip.h5", readFileSync(join(fixtures, "m.keras")))))).toBeLessThan(1e-5);
    expect(offBy(await loadKerasModel(write("hdf5.keras", readFileSync(join(fixtures, "m.h5")))))).toBeLessThan(1e-5);
    expect(offBy(await loadKerasModel(join(folder, "zip")))).toBeLessThan(1e-5);
  });
});

/** The fixture's architecture, with a change. */
function changed(
  change: (config: { layers: { class_name: string; config: Record<string, unknown> }[] }) => void,
): string {
  const json = JSON.parse(parts["config.json"]!.toString());
  change(json.config);
  return JSON.stringify(json);
}

/** An archive of the fixture with other parts. */
const archive = (name: string, others: Record<string, string | Uint8Array>, options?: ZipOptions): string =>
  write(name, storedZip(Object.entries({ ...parts, ...others }), options));

interface Hostile {
  config: {
    layers: { class_name: string; config: Record<string, unknown>; inbound_nodes?: unknown }[];
    output_layers?: unknown;
  };
}

/** Lists within lists, too deep for what writes JSON. */
const DEEP = "[".repeat(20_000) + "]".repeat(20_000);

describe("refuses", () => {
  test("Python code, and says how to bring the layer along", async () => {
    const json = changed(({ layers }) => {
      layers[3] = {
        class_name: "Lambda",
        config: { name: "twice", function: { class_name: "__lambda__", config: { value: "4wEA" } } },
      };
    });
    expect(await failure(archive("lambda.keras", { "config.json": json }))).toMatchInlineSnapshot(
      `"FormatError: lambda.keras: the layer "twice" (Lambda): Python code, which is never executed. Expected layers and settings that TensorFlow.js has. Write it as a tf.layers.Layer with \`static className = "Lambda"\`, and pass that to tf.serialization.registerClass before loading; or replace it in the model."`,
    );
  });

  test("a class of one's own until it is registered", async () => {
    const json = changed(({ layers }) => {
      Object.assign(layers[3]!, { class_name: "Warm", module: null, registered_name: "faces>Warm" });
      layers[3]!.config = { name: "warm", trainable: true };
    });
    const path = archive("own.keras", { "config.json": json });
    expect(await failure(path)).toMatchInlineSnapshot(
      `"FormatError: own.keras: the layer "warm" (Warm): TensorFlow.js does not have it. Expected layers and settings that TensorFlow.js has. Write it as a tf.layers.Layer with \`static className = "Warm"\`, and pass that to tf.serialization.registerClass before loading; or replace it in the model."`,
    );
    class Warm extends tf.layers.Layer {
      static className = "Warm";
      override computeOutputShape(shape: number[]): number[] {
        return shape;
      }
      override call(inputs: Tensor | Tensor[]): Tensor {
        return tf.relu([inputs].flat()[0]!);
      }
    }
    tf.serialization.registerClass(Warm as never);
    expect(offBy(await loadKerasModel(path))).toBeLessThan(1e-5);
  });

  test("a setting that TensorFlow.js would pass over", async () => {
    const json = changed(({ layers }) => Object.assign(layers[1]!.config, { groups: 2 }));
    expect(await failure(archive("groups.keras", { "config.json": json }))).toMatchInlineSnapshot(
      `"FormatError: groups.keras: the layer "conv2d" (Conv2D): it has groups=2, which TensorFlow.js does not have. Expected layers and settings that TensorFlow.js has. Replace it in the model, and save that again."`,
    );
  });

  test("an activation that means something else", async () => {
    const json = changed(({ layers }) => Object.assign(layers[7]!.config, { activation: "hard_sigmoid" }));
    expect(await failure(archive("sigmoid.keras", { "config.json": json }))).toMatchInlineSnapshot(
      `"FormatError: sigmoid.keras: the layer "activation" (Activation): it has the activation hard_sigmoid, which TensorFlow.js computes as Keras 2 did. Expected layers and settings that TensorFlow.js has. Write the activation as a layer of its own, or replace it, and save the model again."`,
    );
  });

  test("quantized weights", async () => {
    const json = changed(({ layers }) =>
      Object.assign(layers.at(-1)!.config, {
        dtype: {
          class_name: "QuantizedDTypePolicy",
          config: { mode: "int8", source_name: "float32", name: "int8_from_float32" },
        },
      }),
    );
    expect(await failure(archive("int8.keras", { "config.json": json }))).toMatchInlineSnapshot(
      `"FormatError: int8.keras: the layer "dense" (Dense): it is quantized (int8_from_float32). Expected layers and settings that TensorFlow.js has. Save the model as it was before it was quantized."`,
    );
  });

  test("a model of a class of its own", async () => {
    const json = JSON.stringify({ module: "faces", class_name: "FaceNet", config: {}, registered_name: "FaceNet" });
    expect(await failure(archive("class.keras", { "config.json": json }))).toMatchInlineSnapshot(
      `"FormatError: class.keras: a model of the class "FaceNet". Expected the architecture of a Sequential or functional model, as Keras writes it with \`model.to_json()\`. A class of one's own is Python code; build the model with the functional API."`,
    );
  });

  test("a Sequential model that was never built", async () => {
    const json = changed(({ layers, ...config }) => {
      layers.shift();
      delete (layers[0] as { build_config?: unknown }).build_config;
      delete (config as { build_input_shape?: unknown }).build_input_shape;
    });
    const bare = JSON.parse(json);
    delete bare.config.build_input_shape;
    expect(await failure(archive("bare.keras", { "config.json": JSON.stringify(bare) }))).toMatchInlineSnapshot(
      `"FormatError: bare.keras: a Sequential model that does not say the shape of its input. Expected one that was built. Begin the model with keras.Input(shape=(height, width, channels)), and save it again."`,
    );
  });

  test("a graph whose layer takes from nowhere, which tfjs would wait for without end", async () => {
    const json = JSON.parse(kerasArchitecture(architectures["fer-resnet9"].build()).json);
    json.config.layers[3].inbound_nodes = [[["nowhere", 0, 0, {}]]];
    write("graph.json", JSON.stringify(json));
    write("graph.h5", await writeHdf5(() => 0));
    expect(await failure(join(folder, "graph.json"))).toMatchInlineSnapshot(
      `"FormatError: graph.json: the layer "activation" that takes from "nowhere" what that never gives. Expected layers that are connected from the inputs to the outputs. Save the model again."`,
    );
  });

  test("weights that do not fit, by layer and shapes", async () => {
    const more = changed(({ layers }) => Object.assign(layers.at(-1)!.config, { units: 8 }));
    expect(await failure(archive("units.keras", { "config.json": more }))).toMatchInlineSnapshot(
      `"FormatError: units.keras: shape [6, 7] of "layers/dense/vars/0". Expected [6, 8] for "dense/kernel" of layer "dense". Pass the architecture that was saved with these weights."`,
    );
    const bias = changed(({ layers }) => Object.assign(layers[1]!.config, { use_bias: true }));
    expect(await failure(archive("bias.keras", { "config.json": bias }))).toMatchInlineSnapshot(
      `"FormatError: bias.keras: 1 weights in layer "conv2d". Expected 2 for layer "conv2d". Pass the architecture that was saved with these weights."`,
    );
    const missing = changed(({ layers }) => layers.splice(-1, 1));
    expect(await failure(archive("missing.keras", { "config.json": missing }))).toMatchInlineSnapshot(
      `"FormatError: missing.keras: weights under "layers/dense". Expected weights of the layers of the architecture. Pass the architecture that was saved with these weights; those of a class of one's own have names in a .h5."`,
    );
  });

  test("archives that Keras would not write", async () => {
    expect(await failure(archive("up.keras", { "../../up.txt": "" }))).toMatchInlineSnapshot(
      `"FormatError: up.keras: an entry that leads out of it (invalid relative path: ../../up.txt). Expected an archive as model.save("name.keras") writes it. Save the model again."`,
    );
    expect(await failure(archive("root.keras", { "/etc/up.txt": "" }))).toMatchInlineSnapshot(
      `"FormatError: root.keras: an entry that leads out of it (absolute path: /etc/up.txt). Expected an archive as model.save("name.keras") writes it. Save the model again."`,
    );
    const twice = storedZip([...Object.entries(parts), ["config.json", "{}"]]);
    expect(await failure(write("twice.keras", twice))).toMatchInlineSnapshot(
      `"FormatError: twice.keras: the entry "config.json" twice. Expected an archive as model.save("name.keras") writes it. Save the model again."`,
    );
    const other = storedZip([["readme.txt", "no model"]]);
    expect(await failure(write("other.keras", other))).toMatchInlineSnapshot(
      `"FormatError: other.keras: a zip archive without config.json. Expected config.json, metadata.json, model.weights.h5, as model.save("name.keras") writes them."`,
    );
    expect(await failure(archive("locked.keras", {}, { flags: 1 }))).toMatchInlineSnapshot(
      `"FormatError: locked.keras: "metadata.json" locked by a password. Expected an archive as model.save("name.keras") writes it. Save the model again."`,
    );
    expect(await failure(archive("bomb.keras", {}, { claimedSize: 2 ** 32 - 2 }))).toMatchInlineSnapshot(
      `"FormatError: bomb.keras: "metadata.json" of 4294967294 bytes. Expected an archive as model.save("name.keras") writes it. Save the model again."`,
    );
    const flipped = storedZip(Object.entries(parts));
    flipped[flipped.indexOf(parts["config.json"]!) + 100]! ^= 1;
    expect(await failure(write("flipped.keras", flipped))).toMatchInlineSnapshot(
      `"FormatError: flipped.keras: a damaged archive of 35460 bytes (the checksum of "config.json" is wrong). Expected a whole .keras file. Copy or train it again."`,
    );
    const whole = readFileSync(join(fixtures, "m.keras"));
    expect(await failure(write("cut.keras", whole.subarray(0, 20_000)))).toMatchInlineSnapshot(
      `"FormatError: cut.keras: a damaged archive of 20000 bytes (End of central directory record signature not found. Either not a zip file, or file is truncated.). Expected a whole .keras file. Copy or train it again."`,
    );
  });

  /** Weights of the fixture's first layer, written by `fill`. */
  async function withWeights(name: string, fill: (vars: Group, file: Hdf5File) => number): Promise<string> {
    const bytes = await writeHdf5((file) => {
      const vars = file.create_group("layers").create_group("conv2d").create_group("vars");
      return fill(vars, file);
    });
    write(
      `${name}.json`,
      changed(({ layers }) => layers.splice(2)),
    );
    return write(`${name}.weights.h5`, bytes);
  }

  test("weights that lie in another file", async () => {
    const link = await withWeights("link", (_, file) => {
      file.create_external_link("/etc/passwd", "/kernel", "layers/conv2d/vars/0");
      return 0;
    });
    expect(await failure(link)).toMatchInlineSnapshot(
      `"FormatError: link.weights.h5: "0", a link into another file ("/etc/passwd"). Expected a file that holds its weights itself. Other files are not opened on its behalf; save the model again in one file."`,
    );
  });

  test("weights of integers", async () => {
    const integers = await withWeights("integers", (vars) => {
      vars.create_dataset({ name: "0", data: new Int32Array(36), shape: [3, 3, 1, 4], dtype: "<i" });
      return 1;
    });
    expect(await failure(integers)).toMatchInlineSnapshot(
      `"FormatError: integers.weights.h5: "/layers/conv2d/vars/0" of the type <i. Expected weights of float32, float64 or bfloat16. Save the model in float32."`,
    );
  });

  test("HDF5 files of another kind", async () => {
    write("kind.json", parts["config.json"]!);
    const kind = write("kind.weights.h5", await writeHdf5((file) => (file.create_group("images"), 0)));
    expect(await failure(kind)).toMatchInlineSnapshot(
      `"FormatError: kind.weights.h5: an HDF5 file without the attribute layer_names and without layers (groups: images). Expected weights as Keras 2 or 3 saves them. Save them in Keras with \`model.save_weights("name.weights.h5")\`."`,
    );
  });

  test("a folder", async () => {
    expect(await failure(folder)).toMatchInlineSnapshot(
      `"FormatError: <folder>: a folder. Expected a Keras model: one file of a whole model (.h5, .keras), or architecture .json beside weights .h5. Of a run, pass its best.h5; a SavedModel has to be saved as .keras or .h5."`,
    );
  });

  test.each([
    ["nodes that are text", (json: Hostile) => (json.config.layers[3]!.inbound_nodes = "conv2d")],
    ["nodes of another form", (json: Hostile) => (json.config.layers[3]!.inbound_nodes = [{ args: "conv2d" }])],
    [
      "a layer that takes from itself",
      (json: Hostile) => (json.config.layers[1]!.inbound_nodes = [[["conv2d", 0, 0]]]),
    ],
    ["ends that are numbers", (json: Hostile) => (json.config.output_layers = [1, 2, 3])],
    ["no ends", (json: Hostile) => delete json.config.output_layers],
    ["classes of JavaScript", (json: Hostile) => (json.config.layers[2]!.class_name = "constructor")],
    ["a nested model without layers", (json: Hostile) => (json.config.layers[2]!.class_name = "Functional")],
    ["settings without end", (json: Hostile) => (json.config.layers[1]!.config["deep"] = "@deep")],
    ["a negative size", (json: Hostile) => (json.config.layers[1]!.config["filters"] = -4)],
  ])("an architecture with %s", async (_, change) => {
    const json = JSON.parse(kerasArchitecture(architectures["fer-resnet9"].build()).json) as Hostile;
    change(json);
    write("hostile.json", JSON.stringify(json).replace('"@deep"', DEEP));
    write("hostile.h5", await writeHdf5(() => 0));
    const error = await loadKerasModel(join(folder, "hostile.json")).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(FormatError);
    expect(String(error).length).toBeLessThan(500);
  });

  test("damaged bytes wherever they are, or loads what is still whole", async () => {
    const random = keyedRandom(1, "damage");
    const others: unknown[] = [];
    for (const name of ["m.h5", "m.keras"]) {
      const whole = readFileSync(join(fixtures, name));
      for (let round = 0; round < 40; round++) {
        const bytes = Buffer.from(whole);
        for (let flip = 0; flip < 4; flip++) bytes[Math.floor(random() * bytes.length)] = Math.floor(random() * 256);
        await loadKerasModel(write(`damaged-${name}`, bytes)).then(
          (model) => model.dispose(),
          (error: unknown) => error instanceof FormatError || others.push(error),
        );
      }
    }
    expect(others).toEqual([]);
    expect(offBy(await loadKerasModel(join(fixtures, "m.h5")))).toBeLessThan(1e-5);
  }, 180_000);
});
