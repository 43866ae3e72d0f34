import * as z from 'zod';
import { mustBe } from '#core/conditions/expectation';
import { pathText } from '#core/conditions/path';
import { regexText } from '#core/conditions/regex';
import type { PathTest } from '#core/conditions/when';
import { maybe } from './maybe.ts';
import { wholeValue } from './whole-value.ts';

const types = ['Exact', 'PathPrefix', 'RegularExpression'] as const;

export const pathMatch = z
  .strictObject(
    {
      type: maybe(z.enum(types, { error: mustBe('TN2006', `one of ${types.join(', ')}`) })),
      value: maybe(z.string({ error: mustBe('TN2001', 'text') })),
    },
    { error: mustBe('TN2001', 'a mapping of type, value') },
  )
  .superRefine(({ type, value = '/' }, context) => {
    const parsed = (type === 'RegularExpression' ? regexText : pathText).safeParse(value);
    for (const { message } of parsed.error?.issues ?? []) {
      context.addIssue({ code: 'custom', message, path: ['value'] });
    }
  })
  .transform(({ type = 'PathPrefix', value = '/' }) => ({ type, value }));
export type PathMatch = z.output<typeof pathMatch>;

/** What holds where a match names no path. */
export const everyPath: PathMatch = { type: 'PathPrefix', value: '/' };

/** Returns the test of a path; undefined where every path passes. */
export function pathTest({ type, value }: PathMatch): PathTest | undefined {
  if (type === 'Exact') return { exact: value };
  if (type === 'RegularExpression') return { regex: wholeValue(value) };
  return value === '/' ? undefined : { prefix: value };
}
