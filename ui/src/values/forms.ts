import type { TextForm } from "../backend/types";

/** How a value can be written, with what to write. */
export const FORMS: { name: TextForm; label: string; hint: string }[] = [
  { name: "python", label: "Python", hint: "1, 'text', [1, 2], (1, 2), {1, 2}, {'a': 1}, b'\\x00', Decimal('1.50'), datetime(2026, 3, 4), models.Order(id=7), None" },
  { name: "json", label: "JSON", hint: "1, \"text\", [1, 2], {\"a\": 1}, null" },
];

/** Whether a text names parts that have no literal, like `<pickled DataFrame 3f2a>`: these are kept. */
export function keepsParts(text: string): boolean {
  return /<(?:pickled|execution|asset|input|stream|missing|broken|bytes|[\w.]+, (?:missing|broken))\b/.test(text);
}

/** Whether a text reads as it is written, but for how it is laid out. */
export function readsAsWritten(written: string, read: string): boolean {
  return squeezed(written) === squeezed(read);
}

function squeezed(text: string): string {
  return text.replace(/\s+/g, "").replace(/,(?=[\]})])/g, "");
}
