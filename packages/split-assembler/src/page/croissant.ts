/**
 * `<name>.croissant.json`: the set as other tools find it, in Croissant 1.0 (MLCommons), which extends schema.org's
 * Dataset. Every file with its sha256; the rows of each part as records.
 */
import type { FileEntry } from "@fer/core/artifact";
import { PARTS, partFiles, type SetInfo } from "@fer/core/set";
import { adapters } from "@fer/dataset-extractors";
import { basename } from "node:path";

/** Vocabulary of the format, as its specification gives it. */
const CONTEXT = {
  "@language": "en",
  "@vocab": "https://schema.org/",
  citeAs: "cr:citeAs",
  column: "cr:column",
  conformsTo: "dct:conformsTo",
  cr: "http://mlcommons.org/croissant/",
  rai: "http://mlcommons.org/croissant/RAI/",
  data: { "@id": "cr:data", "@type": "@json" },
  dataType: { "@id": "cr:dataType", "@type": "@vocab" },
  dct: "http://purl.org/dc/terms/",
  equivalentProperty: "cr:equivalentProperty",
  examples: { "@id": "cr:examples", "@type": "@json" },
  extract: "cr:extract",
  field: "cr:field",
  fileProperty: "cr:fileProperty",
  fileObject: "cr:fileObject",
  fileSet: "cr:fileSet",
  format: "cr:format",
  includes: "cr:includes",
  isLiveDataset: "cr:isLiveDataset",
  jsonPath: "cr:jsonPath",
  key: "cr:key",
  md5: "cr:md5",
  parentField: "cr:parentField",
  path: "cr:path",
  recordSet: "cr:recordSet",
  references: "cr:references",
  regex: "cr:regex",
  repeated: "cr:repeated",
  replace: "cr:replace",
  samplingRate: "cr:samplingRate",
  sc: "https://schema.org/",
  separator: "cr:separator",
  source: "cr:source",
  subField: "cr:subField",
  transform: "cr:transform",
};

/** What a file is, by its ending. */
const FORMATS: Record<string, string> = {
  npy: "application/x-npy",
  jsonl: "application/jsonlines",
  json: "application/json",
};

/** The description as JSON. `files` are those of the set, by name. */
export function croissant(info: SetInfo, files: ReadonlyMap<string, FileEntry>): string {
  const cards = info.sources.flatMap(({ adapter }) => adapters[adapter] ?? []);
  const parts = PARTS.filter((part) => info.parts[part] !== undefined);
  const citations = [...new Set(cards.map(({ citation }) => citation))].filter((citation) => citation !== "none");
  const distribution = [...files].map(([file, { sha256 }]) => ({
    "@type": "cr:FileObject",
    "@id": file,
    name: file,
    contentUrl: file,
    encodingFormat: FORMATS[file.slice(file.lastIndexOf(".") + 1)] ?? "application/octet-stream",
    sha256,
  }));
  const recordSet = parts.map((part) => {
    const file = basename(partFiles({ folder: "", name: info.name }, part).rows);
    const field = ["id", "group", "source", "pixel_hash"].map((column) => ({
      "@type": "cr:Field",
      "@id": `${part}/${column}`,
      name: `${part}/${column}`,
      dataType: "sc:Text",
      source: { fileObject: { "@id": file }, extract: { column } },
    }));
    const name = part;
    const description = `Samples of the part ${part}, in the order of its arrays`;
    return { "@type": "cr:RecordSet", "@id": part, name, description, field };
  });
  const description = `Faces with expressions (${info.classes.join(", ")}) of ${info.sources.map(({ adapter }) => adapter).join(", ")}, policy ${info.policy}`;
  const dataset = {
    "@context": CONTEXT,
    "@type": "sc:Dataset",
    conformsTo: "http://mlcommons.org/croissant/1.0",
    name: info.name,
    description,
    ...(citations.length === 0 ? {} : { citeAs: citations.join("; ") }),
    ...(cards.length === 0 ? {} : { license: [...new Set(cards.map(({ licence }) => licence))].join("; ") }),
    version: "1.0.0",
    identifier: info.fingerprint,
    distribution,
    recordSet,
  };
  return `${JSON.stringify(dataset, null, 2)}\n`;
}
