import * as z from 'zod';
import { mustBe } from '#core/conditions/expectation';
import { oneOrMore } from '#core/conditions/one-or-more';
import type { HealthRule } from '#core/routing/rules';
import { authority } from './authority.ts';
import { duration } from './duration.ts';
import { wholeNumber } from './whole-number.ts';

const isTarget = mustBe('TN2016', 'a path that begins with "/", of ASCII without spaces and "#"');
const target = z.string({ error: isTarget }).regex(/^\/[!"$-~]*$/, { error: isTarget });
const inRow = wholeNumber(1, 100);
const isStatus = mustBe('TN2010', 'a whole number from 200 to 599, or a list of them');

/** Active checks: each endpoint is asked now and then. */
export const healthSchema = z
  .strictObject(
    {
      path: target.describe('What is asked for, with a query or without.'),
      host: authority.optional().describe('The Host of the check; default the endpoint.'),
      interval: duration.optional().describe('From check to check; default 5s.'),
      timeout: duration.optional().describe('Until a check has gone wrong; default 2s.'),
      unhealthy: inRow.optional().describe('So many gone wrong in a row: down. Default 3.'),
      healthy: inRow.optional().describe('So many gone right in a row: up. Default 2.'),
      statuses: oneOrMore(wholeNumber(200, 599), isStatus)
        .optional()
        .describe('Answers that are right; default 200 to 399.'),
    },
    { error: mustBe('TN2001', 'a mapping such as {path: /healthz}') },
  )
  .transform(
    ({
      path,
      host,
      interval = 5_000,
      timeout = 2_000,
      unhealthy = 3,
      healthy = 2,
      statuses,
    }): HealthRule => ({
      path,
      host,
      intervalMs: interval,
      timeoutMs: timeout,
      unhealthy,
      healthy,
      statuses,
    }),
  );
