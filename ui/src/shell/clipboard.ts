/**
 * Puts text where the person can paste it. Text that has yet to be asked for is promised: once the
 * answer is here the press of the button is over, and the web view lets no page copy anything then.
 */
export async function copyText(text: string | Promise<string>): Promise<void> {
  if (typeof text === "string") {
    await navigator.clipboard.writeText(text);
    return;
  }
  const blob = text.then((text) => new Blob([text], { type: "text/plain" }));
  try {
    await navigator.clipboard.write([new ClipboardItem({ "text/plain": blob })]);
  } catch (thrown) {
    // Where there is no text, that is why.
    await text;
    throw thrown;
  }
}
