/** A line of bytes as people read them. */
export interface HexLine {
  /** Where it begins, in hexadecimal. */
  offset: string;
  /** Sixteen bytes in pairs of digits. */
  bytes: string;
  /** The same as letters; a dot for what is none. */
  letters: string;
}

const WIDE = 16;

/** Digits, two a byte, in lines of sixteen bytes. */
export function hexLines(digits: string, from: number): HexLine[] {
  const lines: HexLine[] = [];
  for (let at = 0; at < digits.length; at += WIDE * 2) {
    const pairs = digits.slice(at, at + WIDE * 2).match(/../g) ?? [];
    const letters = pairs.map((pair) => {
      const code = Number.parseInt(pair, 16);
      return code >= 0x20 && code < 0x7f ? String.fromCharCode(code) : "·";
    });
    lines.push({
      offset: (from + at / 2).toString(16).padStart(8, "0"),
      bytes: `${pairs.slice(0, 8).join(" ")}  ${pairs.slice(8).join(" ")}`.trimEnd(),
      letters: letters.join(""),
    });
  }
  return lines;
}
