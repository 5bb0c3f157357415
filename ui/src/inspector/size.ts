const UNITS = ["KiB", "MiB", "GiB", "TiB"];

/** A size, as short as it stays true: `832 bytes`, `1.5 KiB`. */
export function size(bytes: number): string {
  if (bytes < 1024) return bytes === 1 ? "1 byte" : `${String(bytes)} bytes`;
  let [left, unit] = [bytes, -1];
  // 1023.95 would be told as 1024.0.
  while (left >= 1023.95 && unit < UNITS.length - 1) {
    left /= 1024;
    unit += 1;
  }
  return `${left.toFixed(1)} ${UNITS[unit] ?? ""}`;
}
