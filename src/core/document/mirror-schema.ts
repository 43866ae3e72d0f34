import * as z from 'zod';
import { mustBe, mustHave } from '#core/conditions/expectation';
import { isMethod, methodName } from '#core/conditions/method';
import { oneOrMore } from '#core/conditions/one-or-more';
import type { Comparison, MirrorRule } from '#core/routing/rules';
import { defaultComparison, defaultMirror } from './defaults.ts';
import { jsonPointer } from './json-pointer.ts';
import { name } from './name.ts';
import { percent } from './percent.ts';
import { size } from './size.ts';
import { trueOrFalse } from './true-or-false.ts';
import { wholeNumber } from './whole-number.ts';

const mostKept = '16MiB';
const isComparison = mustBe('TN2006', 'off, or a mapping of status, latency, body, ignore, bytes');

const comparison = z
  .strictObject(
    {
      status: trueOrFalse.optional().describe('Default true.'),
      latency: trueOrFalse.optional().describe('Default true.'),
      body: z
        .enum(['json', 'bytes', 'off'], { error: mustBe('TN2006', 'one of json, bytes, off') })
        .optional()
        .describe('json: as values, whatever their order; bytes: byte for byte; default off.'),
      ignore: oneOrMore(
        jsonPointer,
        mustBe('TN2025', 'a JSON pointer such as /items/*/id, or a list of them'),
      )
        .optional()
        .describe('JSON pointers to what may differ; * stands for any segment.'),
      bytes: size('1B', mostKept)
        .optional()
        .describe('How much of each body is kept to be compared; default 64KiB.'),
    },
    { error: isComparison },
  )
  .refine(({ body, ignore }) => ignore === undefined || body === 'json', {
    error: mustHave('TN2003', 'body: json where it has ignore'),
  })
  .transform(
    ({
      status = defaultComparison.status,
      latency = defaultComparison.latency,
      body = defaultComparison.body,
      ignore = defaultComparison.ignore,
      bytes = defaultComparison.bodyBytes,
    }): Comparison => ({ status, latency, body, ignore, bodyBytes: bytes }),
  );

/** Copies of requests to another version of the route, whose answers nobody gets. */
export const mirrorSchema = z
  .strictObject(
    {
      to: name.describe('The version that gets the copies. Its weight may be 0.'),
      percent: percent.optional().describe('Of the requests; default 100%.'),
      methods: oneOrMore(methodName, isMethod)
        .optional()
        .describe('What is copied; default GET, HEAD and OPTIONS, which change nothing.'),
      compare: z
        .union([z.literal('off'), comparison], { error: isComparison })
        .optional()
        .describe('What of the two answers is compared; default status and latency.'),
      inFlight: wholeNumber(1, 100_000)
        .optional()
        .describe('Copies under way at once, the rest is not copied; default 100.'),
      body: size('0B', mostKept)
        .optional()
        .describe('The longest body of a request that is copied; default 64KiB.'),
    },
    { error: mustBe('TN2001', 'a mapping such as {to: v2}') },
  )
  .transform(
    ({
      to,
      percent: share = defaultMirror.percent,
      methods = defaultMirror.methods,
      compare = defaultComparison,
      inFlight = defaultMirror.inFlight,
      body = defaultMirror.bodyBytes,
    }): MirrorRule => ({
      to,
      percent: share,
      methods,
      inFlight,
      bodyBytes: body,
      compare: compare === 'off' ? undefined : compare,
    }),
  );
