/** Returns the time of an instant, as logs have it: `03:12:07.412Z`. */
export function timeText(at: number): string {
  return new Date(at).toISOString().slice(11);
}

/** Returns day and time to the second: `2026-08-01 03:12:07Z`. */
export function instantText(at: number): string {
  return `${new Date(at).toISOString().slice(0, 19).replace('T', ' ')}Z`;
}
