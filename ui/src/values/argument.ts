/** What an argument is called: by its parameter, else by its place. */
export function nameOf(argument: { name?: string | null; index: number }): string {
  return argument.name ?? `argument ${String(argument.index + 1)}`;
}
