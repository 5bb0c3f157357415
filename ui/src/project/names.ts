/** What each of these folders is called, as short as they can be told apart: `shop`, or `a/shop` and `b/shop`. */
export function shortNames(paths: readonly string[]): string[] {
  const parts = paths.map((path) => path.split(/[\\/]/).filter(Boolean));
  return paths.map((path, index) => {
    const own = parts[index] ?? [];
    for (let length = 1; length <= own.length; length += 1) {
      const name = own.slice(-length).join("/");
      if (!parts.some((other, at) => at !== index && other.slice(-length).join("/") === name)) return name;
    }
    return path;
  });
}
