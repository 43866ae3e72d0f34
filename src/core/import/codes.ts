/**
 * Every code that a warning of `turnout import` may have, and what it means. A code never changes
 * its meaning. docs/reference/import.md has a row for each.
 */
export const importCodes = {
  TN6001: 'an object that is not translated',
  TN6002: 'something that is not translated: traffic is treated otherwise',
  TN6003: 'something that kept requests out, and does not any more',
  TN6004: 'a route that answers 503, because what it does cannot be said',
  TN6005: 'a route, or a part of one, that is left out',
  TN6006: 'something that is translated and behaves otherwise',
  TN6007: 'something that is not needed here',
  TN6008: 'something that is not known',
  TN6009: 'a value that cannot be used',
} as const satisfies Record<`TN${number}`, string>;

export type ImportCode = keyof typeof importCodes;
