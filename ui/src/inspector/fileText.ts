/** The rows of a text that is a table (CSV, TSV); null if it is none. Quotes and line ends as RFC 4180 has them. */
export function table(text: string, path: string, mediaType: string | null, cut: boolean): string[][] | null {
  const tabs = /\.tsv$/i.test(path) || mediaType === "text/tab-separated-values";
  if (!tabs && !/\.csv$/i.test(path) && mediaType !== "text/csv") return null;
  const rows = cells(text, tabs ? "\t" : separator(text));
  // The last row of what was cut is not whole.
  if (cut) rows.pop();
  return rows.length > 0 && rows.some((row) => row.length > 1) ? rows : null;
}

/** JSON with a line for each value; null if the text is none. */
export function indented(text: string, path: string, mediaType: string | null): string | null {
  if (!/\.json$/i.test(path) && mediaType !== "application/json") return null;
  try {
    JSON.parse(text);
  } catch {
    return null;
  }
  return laidOut(text);
}

/** The same letters with other space between them: numbers stay as they are written, and keys that are there twice stay twice. */
function laidOut(json: string): string {
  let told = "";
  let depth = 0;
  const line = () => `\n${"  ".repeat(depth)}`;
  // Strings, what is empty, marks, and numbers and words; what is left out is space.
  for (const [token] of json.matchAll(/"(?:[^"\\]|\\.)*"|\[\s*\]|\{\s*\}|[[\]{},:]|[^\s[\]{},:"]+/g)) {
    if (token === "{" || token === "[") {
      depth += 1;
      told += token + line();
    } else if (token === "}" || token === "]") {
      depth -= 1;
      told += line() + token;
    } else if (token === ",") told += token + line();
    else if (token === ":") told += ": ";
    else told += token.startsWith("{") || token.startsWith("[") ? token.replace(/\s+/, "") : token;
  }
  return told;
}

/** What stands between the cells: a semicolon where the first line has more of them than commas. */
function separator(text: string): string {
  const [first = ""] = text.split("\n", 1);
  return first.split(";").length > first.split(",").length ? ";" : ",";
}

function cells(text: string, between: string): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  let cell = "";
  let quoted = false;
  for (let at = 0; at < text.length; at += 1) {
    const letter = text[at];
    if (quoted) {
      if (letter !== '"') cell += letter ?? "";
      else if (text[at + 1] === '"') {
        cell += '"';
        at += 1;
      } else quoted = false;
    } else if (letter === '"' && cell === "") quoted = true;
    else if (letter === between) {
      row.push(cell);
      cell = "";
    } else if (letter === "\n") {
      row.push(cell.replace(/\r$/, ""));
      rows.push(row);
      row = [];
      cell = "";
    } else cell += letter ?? "";
  }
  if (cell !== "" || row.length > 0) rows.push([...row, cell]);
  return rows;
}
