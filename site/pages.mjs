/**
 * What the site is made of, in the order of its navigation: texts of the repository, which stay where they are, and pages
 * that are made of schemas and docstrings (`reference/`). A text that is cut has a page for each of its sections.
 */

/**
 * @typedef {object} PageSource
 * @property {string} route file of the page, such as `how-to/serving.md`
 * @property {string} source the text, from the root of the repository
 * @property {string} [text] name in the navigation; the title of the text where it is left out
 * @property {boolean} [cut] a page for each section of the second level: `<route's folder>/<section>.md`
 */

/**
 * @typedef {object} Group
 * @property {string} text
 * @property {PageSource[]} [pages]
 * @property {"config" | "api"} [made] pages of the reference in place of texts
 */

/** @type {{ text: string, link: string, groups: Group[] }[]} */
export const PARTS = [
  {
    text: "Getting started",
    link: "start/",
    groups: [
      {
        text: "Getting started",
        pages: [
          { route: "start/index.md", source: "README.md", text: "What @fer is" },
          { route: "start/tutorial.md", source: "docs/tutorial.md", text: "From faces to a page" },
        ],
      },
    ],
  },
  {
    text: "How to",
    link: "how-to/own-data",
    groups: [
      {
        text: "Data",
        pages: [
          { route: "how-to/own-data.md", source: "docs/own-data.md" },
          { route: "how-to/merging-and-leaks.md", source: "docs/merging-and-leaks.md" },
          { route: "how-to/folds-and-protocols.md", source: "docs/folds-and-protocols.md" },
        ],
      },
      {
        text: "Training",
        pages: [
          { route: "how-to/fine-tune.md", source: "docs/fine-tune.md" },
          { route: "how-to/gpu.md", source: "docs/gpu.md" },
        ],
      },
      {
        text: "Put it to work",
        pages: [
          { route: "how-to/video.md", source: "docs/video.md" },
          { route: "how-to/serving.md", source: "docs/serving.md" },
          { route: "how-to/browser.md", source: "docs/browser.md" },
          { route: "how-to/formats.md", source: "docs/formats.md", text: "Models in and out, and other people's" },
        ],
      },
      { text: "Datasets", pages: [{ route: "datasets/index.md", source: "docs/datasets.md", text: "All", cut: true }] },
    ],
  },
  {
    text: "Reference",
    link: "packages/dataset-extractors",
    groups: [
      {
        text: "Packages",
        pages: [
          { route: "packages/dataset-extractors.md", source: "packages/dataset-extractors/README.md" },
          { route: "packages/split-assembler.md", source: "packages/split-assembler/README.md" },
          { route: "packages/model.md", source: "packages/fer-model/README.md" },
          { route: "packages/recognizer.md", source: "packages/fer-recognizer/README.md" },
          { route: "packages/web.md", source: "packages/fer-web/README.md" },
          { route: "packages/serve.md", source: "packages/fer-serve/README.md" },
          { route: "packages/view.md", source: "packages/fer-view/README.md" },
          { route: "packages/weights.md", source: "packages/fer-weights/README.md" },
          { route: "packages/tfjs-graph.md", source: "packages/tfjs-graph/README.md" },
          { route: "packages/core.md", source: "packages/core/README.md" },
          { route: "packages/cli.md", source: "packages/fer-cli/README.md" },
        ],
      },
      { text: "Commands", pages: [{ route: "commands/index.md", source: "docs/cli.md", text: "All", cut: true }] },
      { text: "Configuration and files", made: "config" },
      { text: "API", made: "api" },
    ],
  },
  {
    text: "Explanation",
    link: "explanation/what-a-number-means",
    groups: [
      {
        text: "Explanation",
        pages: [
          { route: "explanation/what-a-number-means.md", source: "docs/what-a-number-means.md" },
          { route: "explanation/law.md", source: "docs/emotion-recognition-and-the-law.md" },
          { route: "explanation/gallery.md", source: "docs/gallery.md" },
          { route: "explanation/joins-and-codes.md", source: "docs/joins-and-codes.md" },
          { route: "explanation/trained-models.md", source: "examples/models/README.md" },
          { route: "explanation/benchmarks.md", source: "bench/README.md" },
          { route: "explanation/recipes.md", source: "bench/recipes.md" },
          { route: "explanation/security.md", source: "SECURITY.md" },
          { route: "explanation/contributing.md", source: "CONTRIBUTING.md" },
        ],
      },
    ],
  },
];
