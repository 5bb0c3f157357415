const MONTHS = [
  "January", "February", "March", "April", "May", "June",
  "July", "August", "September", "October", "November", "December",
];

/** A length of time, as short as it stays true: `12 ms`, `1.5 s`, `2 min 4 s`, `3 h 20 min`. */
export function duration(ms: number): string {
  if (ms < 1000) return `${String(Math.max(0, Math.round(ms)))} ms`;
  if (ms < 59_950) return `${(ms / 1000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1000);
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return seconds % 60 ? `${String(minutes)} min ${String(seconds % 60)} s` : `${String(minutes)} min`;
  const hours = Math.floor(minutes / 60);
  return minutes % 60 ? `${String(hours)} h ${String(minutes % 60)} min` : `${String(hours)} h`;
}

/** A day, in the person's time zone: `4 March`, with the year where it is not this one. */
export function day(at: number, now: number): string {
  const date = new Date(at);
  const text = `${String(date.getDate())} ${MONTHS[date.getMonth()] ?? ""}`;
  return date.getFullYear() === new Date(now).getFullYear() ? text : `${text} ${String(date.getFullYear())}`;
}

/** A day in short: `4 Mar`. */
export function shortDay(at: number): string {
  const date = new Date(at);
  return `${String(date.getDate())} ${(MONTHS[date.getMonth()] ?? "").slice(0, 3)}`;
}

/** A time of day: `02:00:07`. */
export function clock(at: number): string {
  const date = new Date(at);
  return [date.getHours(), date.getMinutes(), date.getSeconds()]
    .map((part) => String(part).padStart(2, "0"))
    .join(":");
}

/** A day with its time: `4 Mar 02:00`; for what is hardly over, `now`. */
export function moment(at: number, now: number): string {
  if (Math.abs(now - at) < 60_000) return "now";
  return `${shortDay(at)} ${clock(at).slice(0, 5)}`;
}
