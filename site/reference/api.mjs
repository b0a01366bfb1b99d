/**
 * The reference of a package: a page for each of its entry points, made of `src/.../index.ts` (names, their order, headings
 * from its comments), of the declarations that the compiler has written for them, and of their docstrings. A schema of
 * options is shown as a table, another schema as its source, which holds what its fields mean. The parser is that of
 * TypeScript 6: version 7 has none yet for JavaScript.
 */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, resolve } from "node:path";
import ts from "typescript";
import { z } from "zod";
import { root } from "../root.mjs";
import { slug } from "../slug.mjs";
import { docstring } from "./docstring.mjs";
import { optionsTable } from "./options-table.mjs";

const require = createRequire(import.meta.url);
const parsed = new Map();

function parse(file) {
  if (!parsed.has(file))
    parsed.set(file, ts.createSourceFile(file, readFileSync(file, "utf8"), ts.ScriptTarget.Latest, true));
  return parsed.get(file);
}

/** Entry points of a package: `{ name: "@fer/core/set", folder, dts, route }`. */
function entriesOf(folder) {
  const manifest = JSON.parse(readFileSync(join(root, "packages", folder, "package.json"), "utf8"));
  return Object.entries(manifest.exports).flatMap(([path, { types }]) => {
    if (types === undefined) return [];
    const name = `${manifest.name}${path.slice(1)}`;
    const dts = join(root, "packages", folder, types);
    return [{ name, folder, dts, route: `api/${name.slice("@fer/".length).replaceAll("/", "-")}.md` }];
  });
}

/** The comment that stands before a node, if it is of the kind asked for. */
function commentBefore(node, kind) {
  const text = node.getSourceFile().text;
  const ranges = ts.getLeadingCommentRanges(text, node.getFullStart()) ?? [];
  const found = ranges.map(({ pos, end }) => text.slice(pos, end)).filter((comment) => comment.startsWith(kind));
  return found.at(-1);
}

/** Names that a file gives, in its order: `{ name, from, heading }`; `from` is where the name is declared. */
function namesOf(file) {
  const source = parse(file);
  let heading;
  return source.statements.flatMap((statement) => {
    const comment = commentBefore(statement, "// ");
    if (ts.isExportDeclaration(statement) && comment !== undefined) heading = comment.slice(3).replace(/\.$/, "");
    if (ts.isExportDeclaration(statement) && statement.exportClause !== undefined)
      return statement.exportClause.elements.map((element) => ({
        name: element.name.text,
        original: (element.propertyName ?? element.name).text,
        from: statement.moduleSpecifier?.text,
        heading,
      }));
    const isExported = statement.modifiers?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword);
    if (!isExported) return [];
    const declared = ts.isVariableStatement(statement) ? statement.declarationList.declarations : [statement];
    return declared.map((node) => ({ name: node.name.text, original: node.name.text, heading }));
  });
}

/** Where `name` of the module `file` (a `.d.ts`) is declared: its file and statements; or the package that has it. */
function declarationOf(file, name) {
  const own = parse(file).statements.filter((statement) => {
    if (ts.isVariableStatement(statement))
      return statement.declarationList.declarations.some((node) => node.name.getText() === name);
    return statement.name?.text === name;
  });
  if (own.length > 0) return { file, statements: own };
  const passed = namesOf(file).find((entry) => entry.name === name && entry.from !== undefined);
  if (passed === undefined) throw new Error(`${file} has no ${name}`);
  if (!passed.from.startsWith(".")) return { elsewhere: passed.from };
  return declarationOf(resolve(dirname(file), passed.from.replace(/\.js$/, ".d.ts")), passed.original);
}

const withoutModifiers = (text) => text.replace(/^export (declare )?/, "").replaceAll(/^ {4}#private;\n/gm, "");
const sourceOf = (dts) =>
  dts.replace(`${join("/", "dist", "/")}`, `${join("/", "src", "/")}`).replace(/\.d\.ts$/, ".ts");

/** The text of a declaration, without the docstrings of members that are told below it. */
function textOf(statement) {
  const text = statement.getText();
  if (!ts.isClassDeclaration(statement)) return withoutModifiers(text);
  const start = statement.getStart();
  let bare = text;
  for (const member of statement.members.toReversed()) {
    const isHidden = member.modifiers?.some(({ kind }) => kind === ts.SyntaxKind.PrivateKeyword);
    const [from, to] = [member.getFullStart() - start, (isHidden ? member.getEnd() : member.getStart()) - start];
    bare = bare.slice(0, from) + (isHidden ? "" : "\n    ") + bare.slice(to);
  }
  return withoutModifiers(bare);
}

/** The text of a schema in its source, whose comments say what its fields are. */
function schemaSource(file, name) {
  const statement = parse(sourceOf(file)).statements.find(
    (node) =>
      ts.isVariableStatement(node) && node.declarationList.declarations.some((of) => of.name.getText() === name),
  );
  return statement === undefined ? undefined : withoutModifiers(statement.getText());
}

/** Two spaces where the compiler writes four. */
const indented = (text) => text.replaceAll(/^(?: {4})+/gm, (spaces) => spaces.slice(spaces.length / 2));
const fenced = (text) => `\`\`\`ts\n${text}\n\`\`\``;

/** Pages of all entry points of the packages `folders`: `{ route, source, content }`. */
export async function apiPages(folders) {
  const entries = folders.flatMap(entriesOf);
  const places = new Map();
  const listed = entries.map((entry) => ({ ...entry, names: namesOf(sourceOf(entry.dts)) }));
  for (const { name: of, route, names } of listed)
    for (const { name } of names) places.set(`${of} ${name}`, `${route}#${slug(name)}`);

  const lines = listed.map(
    ({ name, route, names }) => `* [\`${name}\`](/${route}): ${new Set(names.map((entry) => entry.name)).size} names`,
  );
  const content = `# API\n\nWhat the packages export, by entry point. How they are used stands on the page of each package.\n\n${lines.join("\n")}\n`;
  const pages = [{ route: "api/index.md", source: "packages", name: "All", content }];
  for (const { name: of, folder, dts, route, names } of listed) {
    const packageName = of.split("/").slice(0, 2).join("/");
    const linkTo = (name) => {
      const at = entries
        .map((entry) => `${entry.name} ${name}`)
        .find((key) => key.startsWith(packageName) && places.has(key));
      return at === undefined ? `\`${name}\`` : `[\`${name}\`](/${places.get(at)})`;
    };
    const values = await import(require.resolve(of));
    const parts = [`# ${of}`];
    let last;
    for (const { name, heading } of names.filter((entry, at) => names.findIndex((n) => n.name === entry.name) === at)) {
      if (heading !== last) parts.push(`## ${heading}`);
      last = heading;
      parts.push(
        `${heading === undefined ? "##" : "###"} ${name}`,
        symbol({ dts, name, value: values[name], linkTo, places }),
      );
    }
    pages.push({ route, source: `packages/${folder}/src`, content: `${parts.join("\n\n")}\n` });
  }
  return pages;
}

function symbol({ dts, name, value, linkTo, places }) {
  const { file, statements, elsewhere } = declarationOf(dts, name);
  if (elsewhere !== undefined) {
    const place = places.get(`${elsewhere} ${name}`);
    return `The same as in ${place === undefined ? `\`${elsewhere}\`` : `[\`${elsewhere}\`](/${place})`}.`;
  }
  const comments = statements.map((statement) => commentBefore(statement, "/**")).filter(Boolean);
  const told = comments.map((comment) => docstring(comment, linkTo));
  if (value instanceof z.ZodType) {
    const schema = z.toJSONSchema(value, { io: "input", unrepresentable: "any" });
    const isOptions = /"description":/.test(JSON.stringify(schema)) && schema.properties !== undefined;
    const shown = isOptions
      ? optionsTable(schema)
      : fenced(schemaSource(file, name) ?? JSON.stringify(schema, null, 2));
    return [...told, shown].join("\n\n");
  }
  const members = statements.flatMap((statement) => (ts.isClassDeclaration(statement) ? [...statement.members] : []));
  const each = members.flatMap((member) => {
    const comment = commentBefore(member, "/**");
    const isHidden = member.modifiers?.some(({ kind }) => kind === ts.SyntaxKind.PrivateKeyword);
    if (comment === undefined || isHidden) return [];
    const title = member.name === undefined ? "constructor" : member.name.getText();
    return [`**\`${title}\`**: ${docstring(comment, linkTo)}`];
  });
  return [...told, fenced(indented(statements.map(textOf).join("\n"))), ...each].join("\n\n");
}
