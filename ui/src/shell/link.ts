/** Where a link leads. */
export interface LinkPlace {
  run: string;
  /** Step id; none for the run itself. */
  step: string | null;
}

// Ids as the core has them: letters and digits, and numbers from 1. Nothing else is taken from a
// link, which anyone may have written.
const LINK = /^hindcast:(?:\/\/)?([A-Za-z0-9]{1,64})(?::([1-9][0-9]{0,9})(?::[1-9][0-9]{0,9})?)?\/?$/;

/** Where a link leads: `hindcast://RUN`, `hindcast://RUN:STEP` or `hindcast://RUN:STEP:ATTEMPT`. */
export function parseLink(link: string): LinkPlace | null {
  const found = LINK.exec(link.trim());
  const run = found?.[1];
  if (run === undefined) return null;
  const step = found?.[2];
  return { run, step: step === undefined ? null : `${run}:${step}` };
}

/** A link to a run, step or execution. */
export function linkTo(id: string): string {
  return `hindcast://${id}`;
}
