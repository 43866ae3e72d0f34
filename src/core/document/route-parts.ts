import * as z from 'zod';
import { cidrText } from '#core/conditions/client';
import { exactlyOneOf, mustBe, mustHave } from '#core/conditions/expectation';
import { cookieName, fieldName } from '#core/conditions/field-name';
import { oneOrMore } from '#core/conditions/one-or-more';
import type { OnUnavailable, OverrideRule, StickyRule } from '#core/routing/rules';
import { duration, durationOrOff } from './duration.ts';
import { name } from './name.ts';

const daySeconds = 86_400;

export const stickySchema = z
  .strictObject(
    {
      cookie: cookieName.describe('Name of the cookie that remembers the version.'),
      maxAge: duration
        .refine((ms) => ms % 1_000 === 0, { error: mustBe('TN2009', 'whole seconds') })
        .optional()
        .describe('How long it is remembered; default 30d.'),
    },
    { error: mustBe('TN2001', 'a mapping of cookie, maxAge') },
  )
  .transform(
    ({ cookie, maxAge }): StickyRule => ({
      cookie,
      maxAgeSeconds: maxAge === undefined ? 30 * daySeconds : maxAge / 1_000,
    }),
  );

const isParameter = mustBe('TN2014', 'the name of a query parameter');

export const overrideSchema = z
  .strictObject(
    {
      header: fieldName.optional(),
      query: z
        .string({ error: isParameter })
        .regex(/^[^\s&=#]+$/, { error: isParameter })
        .optional(),
      cookie: cookieName.optional(),
      trusted: oneOrMore(
        cidrText,
        mustBe('TN2018', 'an address, a block of addresses such as 10.0.0.0/8, or a list of them'),
      )
        .optional()
        .describe('Clients that are believed without a signature.'),
    },
    { error: mustBe('TN2001', 'a mapping of header, query, cookie, trusted') },
  )
  .refine((rule) => 'header' in rule || 'query' in rule || 'cookie' in rule, {
    error: mustHave('TN2003', 'at least one of header, query, cookie'),
  })
  .transform(
    ({ header, query, cookie, trusted = [] }): OverrideRule => ({ header, query, cookie, trusted }),
  );

const isChoice = mustBe('TN2006', 'fail, {fallback: <version>} or {hold: 10s}');

export const onUnavailableSchema = z.union(
  [
    z.literal('fail').transform((kind): OnUnavailable => ({ kind })),
    z
      .strictObject(
        {
          fallback: name.optional().describe('The version that serves instead.'),
          hold: duration.optional().describe('How long a request waits for an endpoint.'),
        },
        { error: isChoice },
      )
      .superRefine(exactlyOneOf('fallback', 'hold'))
      .transform(
        ({ fallback, hold }): OnUnavailable =>
          fallback === undefined
            ? { kind: 'hold', holdMs: hold ?? 0 }
            : { kind: 'fallback', version: fallback },
      ),
  ],
  { error: isChoice },
);

export const timeoutsSchema = z.strictObject(
  {
    connect: duration.optional().describe('To a new connection; default 2s.'),
    firstByte: durationOrOff.optional().describe('To the first byte of the answer; default 30s.'),
    idle: durationOrOff.optional().describe('Without a byte either way; default 300s.'),
    total: durationOrOff.optional().describe('For the whole exchange; default off.'),
    attempt: durationOrOff
      .optional()
      .describe('For one try, from its connection to the end of the answer; default off.'),
  },
  { error: mustBe('TN2001', 'a mapping of connect, firstByte, idle, total, attempt') },
);
