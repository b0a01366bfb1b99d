/**
 * A Parquet file of labelled pictures in the layout of Hugging Face `datasets`: a column `image` (struct of the file's
 * bytes and name), a column `label` (class label), and others. Rows stream: memory holds one row group.
 */
import { fileWriter, parquetWriteRows } from "hyparquet-writer";

/** Rows a row group: what is held in memory. */
const ROW_GROUP = 1000;

type SchemaElement = NonNullable<Parameters<typeof parquetWriteRows>[0]["schema"]>[number];
const optional = { repetition_type: "OPTIONAL" } as const;

/** What a file holds. */
export interface ImageParquet {
  /** Names of the classes, in label order. */
  classes: readonly string[];
  /** Columns of text, of whole numbers (bigint) and of numbers, in this order after image and label. */
  text: readonly string[];
  integers?: readonly string[];
  numbers?: readonly string[];
  /** Rows: `image: { bytes, path }`, `label` as a bigint, and a value or `null` for each column. */
  rows: AsyncIterable<Record<string, unknown>>;
  createdBy: string;
}

/** Writes a file. @throws what `rows` throws */
export async function writeImageParquet(
  file: string,
  { classes, text, integers = [], numbers = [], rows, createdBy }: ImageParquet,
): Promise<void> {
  const columns: SchemaElement[] = [
    { name: "label", type: "INT64", ...optional },
    ...text.map((name): SchemaElement => ({ name, type: "BYTE_ARRAY", converted_type: "UTF8", ...optional })),
    ...integers.map((name): SchemaElement => ({ name, type: "INT64", ...optional })),
    ...numbers.map((name): SchemaElement => ({ name, type: "DOUBLE", ...optional })),
  ];
  const schema: SchemaElement[] = [
    { name: "schema", num_children: 1 + columns.length },
    { name: "image", num_children: 2, ...optional },
    { name: "bytes", type: "BYTE_ARRAY", ...optional },
    { name: "path", type: "BYTE_ARRAY", converted_type: "UTF8", ...optional },
    ...columns,
  ];
  await parquetWriteRows({
    writer: fileWriter(file),
    schema,
    columns: [{ name: "image" }, ...columns.map(({ name }) => ({ name }))],
    rows,
    rowGroupSize: ROW_GROUP,
    // pictures are compressed already
    codec: "UNCOMPRESSED",
    statistics: false,
    kvMetadata: [{ key: "huggingface", value: huggingFaceInfo({ classes, text, integers, numbers }) }],
    createdBy,
  });
}

/** The description that `datasets` reads out of a file: which column is an image, and the names of the classes. */
function huggingFaceInfo({
  classes,
  text,
  integers,
  numbers,
}: Required<Pick<ImageParquet, "classes" | "text" | "integers" | "numbers">>): string {
  const typed = (names: readonly string[], dtype: string) =>
    Object.fromEntries(names.map((name) => [name, { dtype, _type: "Value" }]));
  return JSON.stringify({
    info: {
      features: {
        image: { _type: "Image" },
        label: { names: classes, _type: "ClassLabel" },
        ...typed(text, "string"),
        ...typed(integers, "int64"),
        ...typed(numbers, "float64"),
      },
    },
  });
}
