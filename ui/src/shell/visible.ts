/**
 * Characters that cannot be seen but change what can: they turn the direction of what follows, hide,
 * or move the pen. Python's `repr` escapes the same ones in values.
 */
const UNSEEN =
  /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb]|[\u{e0000}-\u{e007f}]/gu;

/** A text with such characters written out, as Python writes them: a name cannot pass for another. */
export function visible(text: string): string {
  return text.replace(UNSEEN, escaped);
}

function escaped(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  const hex = code.toString(16);
  if (code <= 0xff) return `\\x${hex.padStart(2, "0")}`;
  return code <= 0xffff ? `\\u${hex.padStart(4, "0")}` : `\\U${hex.padStart(8, "0")}`;
}

/** Attributes that are read out or shown. */
const SHOWN = ["title", "aria-label", "placeholder", "alt"];

/**
 * Writes out such characters in everything the page ever shows, whoever puts it there, before it is
 * painted; until the returned function is called. What fields hold stays as it is.
 */
export function keepVisible(root: Element): () => void {
  const watcher = new MutationObserver((records) => {
    for (const { type, target, addedNodes } of records) {
      if (type === "childList") addedNodes.forEach(writeOutAll);
      else if (type === "characterData") writeOut(target as Text);
      else writeOutNames(target as Element);
    }
  });
  writeOutAll(root);
  watcher.observe(root, { subtree: true, childList: true, characterData: true, attributes: true, attributeFilter: SHOWN });
  return () => { watcher.disconnect(); };
}

function writeOutAll(node: Node): void {
  if (node instanceof Text) {
    writeOut(node);
    return;
  }
  if (!(node instanceof Element)) return;
  const walk = document.createTreeWalker(node, NodeFilter.SHOW_TEXT | NodeFilter.SHOW_ELEMENT);
  for (let at: Node | null = node; at !== null; at = walk.nextNode()) {
    if (at instanceof Text) writeOut(at);
    else writeOutNames(at as Element);
  }
}

function writeOut(text: Text): void {
  if (text.parentNode instanceof HTMLTextAreaElement) return;
  const seen = visible(text.data);
  if (seen !== text.data) text.data = seen;
}

function writeOutNames(element: Element): void {
  for (const name of SHOWN) {
    const value = element.getAttribute(name);
    if (value === null) continue;
    const seen = visible(value);
    if (seen !== value) element.setAttribute(name, seen);
  }
}
