import type { Tone } from "../state";

/** The colours and fonts that canvases draw with, as the style sheet has them. */
export interface Palette {
  bg: string;
  panel: string;
  raised: string;
  line: string;
  edge: string;
  text: string;
  dim: string;
  faint: string;
  select: string;
  tones: Record<Tone, string>;
  font: string;
}

/** Reads them from the page, after the theme is set on it. */
export function readPalette(): Palette {
  const style = getComputedStyle(document.documentElement);
  const read = (name: string) => style.getPropertyValue(name).trim();
  return {
    bg: read("--bg"),
    panel: read("--panel"),
    raised: read("--raised"),
    line: read("--line"),
    edge: read("--edge"),
    text: read("--text"),
    dim: read("--dim"),
    faint: read("--faint"),
    select: read("--sel"),
    tones: {
      ok: read("--ok"),
      bad: read("--bad"),
      run: read("--run"),
      warn: read("--warn"),
      pin: read("--pin"),
      mock: read("--mock"),
      new: read("--new"),
      faint: read("--faint"),
    },
    font: read("--font") || "sans-serif",
  };
}
