import * as z from 'zod';
import { exactlyOneOf, mustBe, mustHave } from '#core/conditions/expectation';
import { isHostName } from '#core/conditions/host-pattern';
import { pathText } from '#core/conditions/path';
import type { PathRewrite, RedirectRule, RewriteRule } from '#core/routing/rules';
import { authority } from './authority.ts';
import { wholeNumber } from './whole-number.ts';

const isHost = mustBe('TN2015', 'a host name such as shop.example.com');
const hostText = z
  .string({ error: isHost })
  .refine(isHostName, { error: isHost })
  .transform((host) => host.toLowerCase());

const isRewrite = mustBe('TN2001', 'a path, or {full: /path}');
const pathRewrite = z.union(
  [
    pathText.transform((path): PathRewrite => ({ kind: 'prefix', path })),
    z
      .strictObject(
        {
          prefix: pathText.optional().describe('Takes the place of the matched prefix.'),
          full: pathText.optional().describe('Takes the place of the whole path.'),
        },
        { error: isRewrite },
      )
      .superRefine(exactlyOneOf('prefix', 'full'))
      .transform(
        ({ prefix, full }): PathRewrite =>
          full === undefined
            ? { kind: 'prefix', path: prefix ?? '/' }
            : { kind: 'full', path: full },
      ),
  ],
  { error: isRewrite },
);

/** How the version sees the request's path and host. */
export const rewriteSchema = z
  .strictObject(
    {
      path: pathRewrite.optional().describe('Text takes the place of the matched prefix.'),
      host: authority.optional().describe('The Host that the version sees.'),
    },
    { error: mustBe('TN2001', 'a mapping of path, host') },
  )
  .refine((rule) => Object.keys(rule).length > 0, {
    error: mustHave('TN2003', 'at least one of path, host'),
  })
  .transform(({ path, host }): RewriteRule => ({ path, host }));

const isScheme = mustBe('TN2006', 'one of http, https');
const isStatus = mustBe('TN2006', 'one of 301, 302, 303, 307, 308');

/** Where the client is sent instead. What is not named stays as it was asked for. */
export const redirectSchema = z
  .strictObject(
    {
      scheme: z.enum(['http', 'https'], { error: isScheme }).optional(),
      host: hostText.optional(),
      port: wholeNumber(1, 65_535).optional(),
      path: pathRewrite.optional().describe('Text takes the place of the matched prefix.'),
      status: z.literal([301, 302, 303, 307, 308], { error: isStatus }).optional(),
    },
    { error: mustBe('TN2001', 'a mapping of scheme, host, port, path, status') },
  )
  .refine((rule) => 'scheme' in rule || 'host' in rule || 'port' in rule || 'path' in rule, {
    error: mustHave('TN2003', 'at least one of scheme, host, port, path'),
  })
  .transform(
    ({ scheme, host, port, path, status = 302 }): RedirectRule => ({
      scheme,
      host,
      port,
      path,
      status,
    }),
  );
