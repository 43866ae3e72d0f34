import type { BrowserFamily, OsFamily } from './families.ts';

/** A test on one text value. Exactly one key is present; the schema sees to that. */
export interface Test {
  readonly exact?: string | undefined;
  readonly prefix?: string | undefined;
  readonly suffix?: string | undefined;
  readonly contains?: string | undefined;
  readonly regex?: string | undefined;
  readonly present?: boolean | undefined;
}

/** A test on the path. Exactly one key is present. A prefix counts whole segments. */
export interface PathTest {
  readonly exact?: string | undefined;
  readonly prefix?: string | undefined;
  readonly regex?: string | undefined;
}

export const schemes = ['http', 'https'] as const;
export type Scheme = (typeof schemes)[number];

export const devices = ['desktop', 'mobile', 'tablet', 'tv', 'bot', 'other'] as const;
export type Device = (typeof devices)[number];

/**
 * A condition as written, after the schema: text has become a test, one value a list.
 * All keys must hold; of a list, any value.
 */
export interface When {
  readonly host?: readonly string[] | undefined;
  readonly path?: readonly PathTest[] | undefined;
  readonly method?: readonly string[] | undefined;
  readonly scheme?: readonly Scheme[] | undefined;
  readonly header?: Readonly<Record<string, readonly Test[]>> | undefined;
  readonly query?: Readonly<Record<string, readonly Test[]>> | undefined;
  readonly cookie?: Readonly<Record<string, readonly Test[]>> | undefined;
  readonly userAgent?: readonly Test[] | undefined;
  readonly device?: readonly Device[] | undefined;
  readonly os?: readonly OsFamily[] | undefined;
  readonly browser?: readonly BrowserFamily[] | undefined;
  readonly language?: readonly string[] | undefined;
  readonly client?: readonly string[] | undefined;
  readonly all?: readonly When[] | undefined;
  readonly any?: readonly When[] | undefined;
  readonly not?: When | undefined;
}
