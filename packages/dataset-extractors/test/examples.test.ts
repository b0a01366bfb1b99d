/** The examples of docstrings and README run and print what they promise. */
import { join } from "node:path";
import { testExamples } from "../../../test/examples.ts";
import { png } from "./fixtures/images.js";
import { writeTree } from "./fixtures/tree.js";

testExamples(join(import.meta.dirname, ".."), {
  prepare: (folder) =>
    writeTree(folder, {
      "my-faces/happy/1.png": png(1),
      "my-faces/happy/2.png": png(2),
      "my-faces/sad/1.png": png(3),
      "my-faces/sad/2.png": "",
      "named-faces/ann_happy_1.png": png(4),
      "named-faces/bob_sad_1.png": png(5),
      "named-faces/bob_unhappy_1.png": png(6),
      "emotionet-lists/urls.csv": "https://example.org/face.jpg\n",
    }),
  first: ["extract.ts"],
});
