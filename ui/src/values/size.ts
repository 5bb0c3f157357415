const UNITS = ["kB", "MB", "GB", "TB"];

/** A size, as short as it stays true, in the units the core tells sizes in: `832 bytes`, `1.5 kB`. */
export function size(bytes: number): string {
  if (bytes < 1000) return bytes === 1 ? "1 byte" : `${String(bytes)} bytes`;
  let [left, unit] = [bytes, -1];
  // 999.95 would be told as 1000.0.
  while (left >= 999.95 && unit < UNITS.length - 1) {
    left /= 1000;
    unit += 1;
  }
  return `${left.toFixed(1)} ${UNITS[unit] ?? ""}`;
}
