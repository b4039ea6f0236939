// Files that a visitor keeps. aecore/ui/export.py writes its files by the same rules.

import { offer } from "./dom.js";

const MARK = "\ufeff"; // of UTF-8, without which a spreadsheet reads each letter beyond ASCII as two
const FORMULA = /^[=+\-@\t\r\n＝＋－＠]/; // what a spreadsheet takes for one
const NUMBER = /^[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)(e[+-]?[0-9]+)?$/;

/** Rows as comma-separated values (RFC 4180): quoted where a cell holds a comma, quote or break. */
export function toCsv(rows) {
  return MARK + rows.map((row) => `${row.map(cell).join(",")}\n`).join("");
}

function cell(value) {
  let text = `${value ?? ""}`;
  if (typeof value === "string" && FORMULA.test(text) && !NUMBER.test(text)) text = `'${text}`;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** Offer rows as a CSV file. */
export function saveCsv(rows, name) {
  offer(new Blob([toCsv(rows)], { type: "text/csv" }), name);
}
