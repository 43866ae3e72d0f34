/** Returns a pattern that has to take a whole value: a condition finds its pattern anywhere. */
export function wholeValue(pattern: string): string {
  return `^(?:${pattern})$`;
}
