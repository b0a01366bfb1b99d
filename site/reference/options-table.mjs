/** The options of a schema as a table: name, what it does, type, default; those of an object in it by `a.b`. */

const code = (text) => `\`${text.replaceAll("|", "\\|")}\``;
const cell = (text) => text.replaceAll("|", "\\|").replaceAll(/\s+/g, " ").replaceAll("*", "\\*");

/** A type in words, as in `2, 4 or null`. */
function typeOf(schema) {
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.enum !== undefined) return schema.enum.map((value) => JSON.stringify(value)).join(" | ");
  const several = schema.anyOf ?? schema.oneOf;
  const kinds = several?.map(({ properties }) => properties?.name?.const);
  if (kinds?.every((kind) => kind !== undefined))
    return `{ name: ${kinds.map((kind) => JSON.stringify(kind)).join(" | ")} }`;
  if (several !== undefined) return [...new Set(several.map(typeOf))].join(" | ");
  if (Array.isArray(schema.type)) return schema.type.join(" | ");
  if (schema.type === "array") return `${schema.items === undefined ? "any" : bracketed(typeOf(schema.items))}[]`;
  if (schema.type === "object" && schema.properties === undefined && typeof schema.additionalProperties === "object")
    return `{ [name]: ${typeOf(schema.additionalProperties)} }`;
  return schema.type ?? "any";
}

const bracketed = (type) => (type.includes(" | ") ? `(${type})` : type);

/** `from 0 to 1`, of numbers with bounds that somebody has set. */
function boundsOf(schema) {
  const of = [schema, ...(schema.anyOf ?? [])].find(({ type }) => type === "number" || type === "integer") ?? {};
  const isSet = (bound) => bound !== undefined && Math.abs(bound) < Number.MAX_SAFE_INTEGER;
  const said = [
    isSet(of.minimum) && `from ${of.minimum}`,
    isSet(of.exclusiveMinimum) && `above ${of.exclusiveMinimum}`,
    isSet(of.maximum) && `to ${of.maximum}`,
    isSet(of.exclusiveMaximum) && `below ${of.exclusiveMaximum}`,
  ].filter(Boolean);
  return said.length === 0 ? "" : ` ${said.join(" ")}`;
}

/** Objects among the alternatives of a schema, each with the properties that only it has. */
const objectsOf = (schema) =>
  [
    schema,
    ...(schema.anyOf ?? []),
    ...(schema.oneOf ?? []),
    ...(schema.items === undefined ? [] : [schema.items]),
  ].filter(({ properties }) => properties !== undefined);

function rowsOf(schema, path = []) {
  return objectsOf(schema).flatMap(({ properties, required = [] }) =>
    Object.entries(properties).flatMap(([key, property]) => {
      // Told with the object, and with each option that only this kind of it has.
      if (key === "name" && property.const !== undefined) return [];
      const kind = properties.name?.const === undefined ? "" : `${properties.name.const}: `;
      const name = [...path, key].join(".");
      const isGiven = property.default !== undefined && JSON.stringify(property.default) !== "{}";
      const standard = isGiven
        ? `, default ${code(JSON.stringify(property.default))}`
        : required.includes(key)
          ? ", required"
          : "";
      const said = property.description === undefined ? kind : `${kind}${property.description.replace(/\.$/, "")}. `;
      const row = [
        code(name),
        `${cell(said.charAt(0).toUpperCase() + said.slice(1))}${code(typeOf(property))}${boundsOf(property)}${standard}`,
      ];
      return [row].concat(rowsOf(property, [...path, key]));
    }),
  );
}

/** @param {object} schema JSON Schema of an object, of what its user writes */
export function optionsTable(schema) {
  const rows = rowsOf(schema).map((row) => `| ${row.join(" | ")} |`);
  const unique = rows.filter((row, at) => rows.indexOf(row) === at);
  return ["| option | what it does |", "| --- | --- |", ...unique].join("\n");
}
